"""Certificates of a consortium's SuperLink, and the keys by which its nodes are known."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_ssh_public_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.private_file import read_private_file
from zkfl.public_file import read_public_file

CURVE = ec.SECP384R1()
"""One of the curves that Flower takes for nodes."""
AUTHORITY_DAYS = 3_650
SERVER_DAYS = 365
RENEWAL_DAYS = 30
"""A certificate that ends within so many days is made anew."""
_CLOCK_SKEW = timedelta(minutes=5)
_HOST = re.compile(
    r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
    r"(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)
_PUBLIC_KEY_BYTES = 4_096
_CERTIFICATE_BYTES = 16_384
_PUBLIC_MODE = 0o644


class CertificateError(ZkflError):
    """A certificate or a node's key is not what it should be."""


@dataclass(frozen=True)
class LinkCertificates:
    """The files of a SuperLink's TLS; keys have mode 0600, certificates are public.

    Attributes
    ----------
    authority_key, authority
        Sign the server's; hospitals get the certificate.
    server_key, server
        The SuperLink's own.
    """

    authority_key: Path
    authority: Path
    server_key: Path
    server: Path

    def ensure(self, hosts: Sequence[str], now: datetime | None = None) -> bool:
        """Make what is missing; tell whether the server's certificate is new.

        Parameters
        ----------
        hosts
            Names and addresses under which hospitals reach the SuperLink.
        now
            The time, if not this one.

        Raises
        ------
        CertificateError
            A host's name is none, or a file that is there is no certificate.
        """
        now = now or datetime.now(UTC)
        names = [_general_name(host) for host in hosts]
        if not self.authority.exists():
            self._make_authority(now)
        if self._serves(names, now):
            return False
        self._make_server(names, now)
        return True

    def require_valid(self, now: datetime | None = None) -> datetime:
        """Return when the server's certificate ends.

        Raises
        ------
        CertificateError
            It has ended, or there is none.
        """
        ends = load_certificate(self.server).not_valid_after_utc
        if ends <= (now or datetime.now(UTC)):
            raise CertificateError(
                f"the certificate {self.server} has ended on {ends:%Y-%m-%d}: hospitals would "
                "refuse the SuperLink; make a new one with zkfl flower keys"
            )
        return ends

    def _serves(self, names: list[x509.GeneralName], now: datetime) -> bool:
        if not self.server.exists() or not self.server_key.exists():
            return False
        certificate = load_certificate(self.server)
        held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        lasts = certificate.not_valid_after_utc - now > timedelta(days=RENEWAL_DAYS)
        return lasts and set(names) <= set(held)

    def _make_authority(self, now: datetime) -> None:
        key = ec.generate_private_key(CURVE)
        name = _named("zkfl consortium authority")
        certificate = (
            _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .sign(key, hashes.SHA384())
        )
        write_private_key(self.authority_key, key)
        _write_certificate(self.authority, certificate)

    def _make_server(self, names: list[x509.GeneralName], now: datetime) -> None:
        signer, authority = load_private_key(self.authority_key), load_certificate(self.authority)
        key = ec.generate_private_key(CURVE)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        issuer_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
        certificate = (
            _builder(
                _named("zkfl superlink"), authority.subject, key.public_key(), now, SERVER_DAYS
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(usage, critical=False)
            .add_extension(issuer_key, critical=False)
            .sign(signer, hashes.SHA384())
        )
        write_private_key(self.server_key, key)
        _write_certificate(self.server, certificate)


def ensure_node_key(private: Path, public: Path) -> bool:
    """Make the key by which a SuperLink knows a node; False if there is one.

    Parameters
    ----------
    private
        PEM, mode 0600.
    public
        One line in the format of OpenSSH, to hand to the aggregator; written anew if missing.
    """
    new = not private.exists()
    if new:
        write_private_key(private, ec.generate_private_key(CURVE))
    line = (
        load_private_key(private).public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH)
    )
    if not public.exists():
        write_atomically(public, line + b"\n", _PUBLIC_MODE)
    return new


def load_node_keys(folder: Path) -> dict[bytes, str]:
    """Return the nodes of a folder of public keys: names of files by PEM of the key.

    Raises
    ------
    CertificateError
        A file is no public key of the right kind, or two names have one key.
    """
    found: dict[bytes, str] = {}
    for path in sorted(folder.glob("*.pub")):
        key = _node_key(path)
        if key in found:
            raise CertificateError(f"{path} holds the key of {found[key]}: each node has its own")
        found[key] = path.stem
    return found


def load_private_key(path: Path) -> ec.EllipticCurvePrivateKey:
    """Read a key that only its owner may read.

    Raises
    ------
    PrivateFileError
        It is missing, or others can read it.
    CertificateError
        It is no key of the right kind.
    """
    try:
        key = load_pem_private_key(read_private_file(path), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"{path} is no private key without a password: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise CertificateError(f"{path} is no key of an elliptic curve")
    return key


def load_certificate(path: Path) -> x509.Certificate:
    """Read a certificate.

    Raises
    ------
    PublicFileError
        It is missing.
    CertificateError
        It is none.
    """
    try:
        return x509.load_pem_x509_certificate(read_public_file(path, _CERTIFICATE_BYTES))
    except ValueError as error:
        raise CertificateError(f"{path} is no certificate: {error}") from error


def write_private_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    """Write a key as PEM, mode 0600."""
    write_atomically(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _node_key(path: Path) -> bytes:
    try:
        key = load_ssh_public_key(read_public_file(path, _PUBLIC_KEY_BYTES))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateError(f"{path} is no public key in the format of OpenSSH") from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name != CURVE.name:
        raise CertificateError(f"{path} is no key of the curve {CURVE.name}, as zkfl makes them")
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        if not _HOST.fullmatch(host):
            raise CertificateError(f"{host[:80]!r} is no host's name and no address") from None
        return x509.DNSName(host)


def _named(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    write_atomically(path, certificate.public_bytes(Encoding.PEM), _PUBLIC_MODE)
