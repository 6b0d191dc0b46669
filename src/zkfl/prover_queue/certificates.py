"""Certificates by which the machines of a hospital know each other.

Each machine draws its own key, which never leaves it, and signs its own certificate. Who is to be
known is told by the certificate itself, so there is no authority whose key could be stolen.
"""

import ipaddress
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from zkfl.atomic_file import write_atomically
from zkfl.foreign_text import foreign_text
from zkfl.prover_queue.errors import MachineCertificateError
from zkfl.prover_queue.folder import ProverFolder, Role
from zkfl.public_file import read_public_file

_LIMIT = 16_384
_SHOWN_DIGITS = 16
_CLOCKS_DIFFER = timedelta(minutes=10)
_LONGEST_NAME = 64
_PUBLIC_MODE = 0o644


def create_certificate(
    folder: ProverFolder, name: str, hosts: Sequence[str], days: int
) -> x509.Certificate:
    """Draw a key and sign a certificate for it; what an earlier call made is kept.

    Parameters
    ----------
    folder
        Gets both.
    name
        For people who compare certificates.
    hosts
        Names or addresses under which the machine is reached.
    days
        After these the certificate is refused.

    Raises
    ------
    MachineCertificateError
        The name or a host cannot stand in a certificate.
    """
    if folder.key.exists() and folder.certificate.exists():
        return load_certificate(folder.certificate)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _signed(key, name, hosts, days)
    write_atomically(folder.key, _pem_of(key))
    write_atomically(folder.certificate, pem_of(certificate), _PUBLIC_MODE)
    return certificate


def _signed(
    key: ec.EllipticCurvePrivateKey, name: str, hosts: Sequence[str], days: int
) -> x509.Certificate:
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise MachineCertificateError(f"{name!r} is no name: take 1 to {_LONGEST_NAME} letters")
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + timedelta(days=days))
        # whoever holds it speaks for nobody else
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(_BOTH_SIDES), critical=False)
    )
    if hosts:
        names = x509.SubjectAlternativeName([_host(host) for host in hosts])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(key, hashes.SHA256())


_BOTH_SIDES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return x509.DNSName(host)
    except ValueError as error:
        raise MachineCertificateError(
            f"{host!r} is neither an address nor a host's name"
        ) from error


def _pem_of(key: ec.EllipticCurvePrivateKey) -> bytes:
    # the file's mode protects it: a daemon that starts by itself has nobody to ask for a password
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def pem_of(certificate: x509.Certificate) -> bytes:
    """Return a certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def load_certificate(path: Path) -> x509.Certificate:
    """Read a certificate that somebody gave.

    Raises
    ------
    MachineCertificateError
        It is no PEM certificate, more than one, or not valid today.
    PublicFileError
        The file cannot be read.
    """
    try:
        found = x509.load_pem_x509_certificates(read_public_file(path, _LIMIT))
    except ValueError as error:
        raise MachineCertificateError(f"{path} is no PEM certificate: {error}") from error
    if len(found) != 1:
        raise MachineCertificateError(f"{path} holds {len(found)} certificates, expected one")
    certificate, now = found[0], datetime.now(UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise MachineCertificateError(
            f"{path} is valid from {certificate.not_valid_before_utc} to "
            f"{certificate.not_valid_after_utc}: make a new one, or set the machine's clock"
        )
    return certificate


def fingerprint(certificate: x509.Certificate) -> str:
    """Return SHA-256 in hex, by which people compare certificates."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def name_of(certificate: x509.Certificate) -> str:
    """Return the name in a certificate, fit for a terminal."""
    return foreign_text(certificate.subject.rfc4514_string())


def trust(folder: ProverFolder, path: Path, role: Role) -> x509.Certificate:
    """Let the holder of a certificate connect in a role, or take it for the queue's.

    Raises
    ------
    MachineCertificateError
        It cannot be read, is known in another role, or another queue is trusted already.
    """
    certificate = load_certificate(path)
    digest = fingerprint(certificate)
    if role is Role.SERVER:
        _require_no_other_server(folder, digest)
        write_atomically(folder.server, pem_of(certificate), _PUBLIC_MODE)
        return certificate
    other = Role.WORKER if role is Role.NODE else Role.NODE
    if digest in trusted(folder, other):
        raise MachineCertificateError(
            f"{path} may connect as a {other} already: a machine that is both takes a key for each"
        )
    place = folder.clients(role) / f"{digest[:_SHOWN_DIGITS]}.pem"
    write_atomically(place, pem_of(certificate), _PUBLIC_MODE)
    return certificate


def _require_no_other_server(folder: ProverFolder, digest: str) -> None:
    if folder.server.exists() and fingerprint(load_certificate(folder.server)) != digest:
        raise MachineCertificateError(
            f"{folder.server} is another queue's certificate: delete it if that queue is no more"
        )


def trusted(folder: ProverFolder, role: Role) -> dict[str, x509.Certificate]:
    """Return the certificates that may connect in a role, by fingerprint.

    Raises
    ------
    MachineCertificateError
        One of them is malformed or out of date.
    """
    found = [load_certificate(path) for path in sorted(folder.clients(role).glob("*.pem"))]
    return {fingerprint(certificate): certificate for certificate in found}
