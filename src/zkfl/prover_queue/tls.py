"""TLS 1.3 with certificates on both sides; a witness travels in nothing less."""

import ssl
from collections.abc import Iterable

from cryptography import x509

from zkfl.private_file import read_private_file
from zkfl.prover_queue.certificates import load_certificate, pem_of, trusted
from zkfl.prover_queue.errors import MachineCertificateError
from zkfl.prover_queue.folder import ProverFolder, Role


def server_context(folder: ProverFolder) -> ssl.SSLContext:
    """Return what the queue listens with: only certificates that it knows may connect.

    Raises
    ------
    MachineCertificateError
        Its own certificate is missing or wrong, or there is nobody who may connect.
    PrivateFileError
        Its key is missing or open to others.
    """
    known = [*trusted(folder, Role.NODE).values(), *trusted(folder, Role.WORKER).values()]
    if not known:
        raise MachineCertificateError(
            f"{folder.root} knows no node and no worker: tell it of them with zkfl prover trust"
        )
    return _context(ssl.PROTOCOL_TLS_SERVER, folder, known)


def client_context(folder: ProverFolder) -> ssl.SSLContext:
    """Return what a node or a worker connects with: only to the queue that it knows.

    Raises
    ------
    MachineCertificateError
        A certificate is missing or wrong.
    PrivateFileError
        Its key is missing or open to others.
    """
    if not folder.server.exists():
        raise MachineCertificateError(
            f"{folder.server} is missing: get the queue's certificate, then run zkfl prover trust"
        )
    return _context(ssl.PROTOCOL_TLS_CLIENT, folder, [load_certificate(folder.server)])


def _context(
    protocol: int, folder: ProverFolder, known: Iterable[x509.Certificate]
) -> ssl.SSLContext:
    read_private_file(folder.key)
    load_certificate(folder.certificate)
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.verify_mode = ssl.CERT_REQUIRED
    # the certificates themselves are known, whoever issued them
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        context.load_cert_chain(folder.certificate, folder.key)
        context.load_verify_locations(cadata="".join(pem_of(one).decode() for one in known))
    except ssl.SSLError as error:
        raise MachineCertificateError(
            f"{folder.certificate} and {folder.key} do not serve TLS ({error.reason}): do they "
            "belong together?"
        ) from error
    return context
