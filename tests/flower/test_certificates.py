"""The SuperLink's certificates and the nodes' keys: made once, private, and refused when wrong."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from zkfl.flower.certificates import (
    AUTHORITY_DAYS,
    RENEWAL_DAYS,
    SERVER_DAYS,
    CertificateError,
    LinkCertificates,
    ensure_node_key,
    load_certificate,
    load_node_keys,
    load_private_key,
    write_private_key,
)
from zkfl.private_file import PrivateFileError

HOSTS = ["localhost", "127.0.0.1", "zkfl.example.org"]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def made(tmp_path: Path) -> LinkCertificates:
    names = ("ca.key", "ca.pem", "server.key", "server.pem")
    certificates = LinkCertificates(*(tmp_path / name for name in names))
    assert certificates.ensure(HOSTS, NOW)
    return certificates


def test_keys_are_their_owners_alone_and_certificates_everybodys(made: LinkCertificates) -> None:
    paths = (made.authority_key, made.server_key, made.authority, made.server)
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o600, 0o600, 0o644, 0o644]


def test_the_server_is_signed_for_its_hosts_and_for_a_year(made: LinkCertificates) -> None:
    server, authority = load_certificate(made.server), load_certificate(made.authority)
    server.verify_directly_issued_by(authority)
    assert made.require_valid(NOW) == NOW + timedelta(days=SERVER_DAYS)
    assert authority.not_valid_after_utc == NOW + timedelta(days=AUTHORITY_DAYS)


def test_tls_takes_the_files(made: LinkCertificates) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.server, made.server_key)
    ssl.create_default_context(cafile=str(made.authority))


def test_what_is_there_stays(made: LinkCertificates) -> None:
    before = made.server.read_bytes(), made.authority.read_bytes()
    assert not made.ensure(HOSTS, NOW + timedelta(days=1))
    assert (made.server.read_bytes(), made.authority.read_bytes()) == before


@pytest.mark.parametrize(
    ("hosts", "days"),
    [(HOSTS, SERVER_DAYS - RENEWAL_DAYS), ([*HOSTS, "192.0.2.7"], 1)],
    ids=["about to end", "another host"],
)
def test_a_certificate_is_renewed_under_the_same_authority(
    made: LinkCertificates, hosts: list[str], days: int
) -> None:
    authority = made.authority.read_bytes()
    later = NOW + timedelta(days=days)
    assert made.ensure(hosts, later)
    assert made.authority.read_bytes() == authority
    assert made.require_valid(later) == later + timedelta(days=SERVER_DAYS)


def test_a_certificate_that_has_ended_is_refused(made: LinkCertificates) -> None:
    with pytest.raises(CertificateError, match="has ended on 2027-11-21"):
        made.require_valid(NOW + timedelta(days=SERVER_DAYS))


@pytest.mark.parametrize("host", ["", "two words", "-x", "a/b", "x" * 254])
def test_what_is_no_host_gets_no_certificate(tmp_path: Path, host: str) -> None:
    paths = [tmp_path / name for name in ("ca.key", "ca.pem", "server.key", "server.pem")]
    with pytest.raises(CertificateError, match="no host's name"):
        LinkCertificates(*paths).ensure([host])
    assert not any(path.exists() for path in paths)


def test_a_nodes_key_is_made_once_and_known_by_its_name(tmp_path: Path) -> None:
    private, public = tmp_path / "node.key", tmp_path / "nodes" / "ada.pub"
    assert ensure_node_key(private, public)
    assert private.stat().st_mode & 0o777 == 0o600
    [(key, name)] = load_node_keys(public.parent).items()
    own = load_private_key(private).public_key()
    assert (name, key) == ("ada", own.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    public.unlink()
    assert not ensure_node_key(private, public)
    assert list(load_node_keys(public.parent)) == [key]


def test_two_nodes_with_one_key_are_refused(tmp_path: Path) -> None:
    ensure_node_key(tmp_path / "node.key", tmp_path / "ada.pub")
    (tmp_path / "bay.pub").write_bytes((tmp_path / "ada.pub").read_bytes())
    with pytest.raises(CertificateError, match=r"bay\.pub holds the key of ada"):
        load_node_keys(tmp_path)


def test_keys_of_other_kinds_are_refused(tmp_path: Path) -> None:
    others = {
        "other-curve": ec.generate_private_key(ec.SECP256R1()).public_key(),
        "no-curve": ed25519.Ed25519PrivateKey.generate().public_key(),
    }
    for name, key in others.items():
        path = tmp_path / f"{name}.pub"
        path.write_bytes(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))
        with pytest.raises(CertificateError, match="no key of the curve secp384r1"):
            load_node_keys(tmp_path)
        path.unlink()
    (tmp_path / "text.pub").write_text("no key at all")
    with pytest.raises(CertificateError, match="no public key"):
        load_node_keys(tmp_path)


def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "node.key"
    write_private_key(path, ec.generate_private_key(ec.SECP384R1()))
    path.chmod(0o640)
    with pytest.raises(PrivateFileError, match="mode 0640"):
        load_private_key(path)
