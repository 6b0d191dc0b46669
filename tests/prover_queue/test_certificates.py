"""Who may connect: machines whose certificates are known, over TLS, and nobody else."""

import asyncio
import socket
import ssl
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from zkfl.drills.small_hospital import SmallHospital
from zkfl.private_file import PrivateFileError
from zkfl.prover_queue import certificates
from zkfl.prover_queue.certificates import create_certificate, load_certificate, pem_of, trust
from zkfl.prover_queue.connection import QueueConnection
from zkfl.prover_queue.errors import (
    MachineCertificateError,
    ProverFolderError,
    QueueRefusedError,
    QueueUnreachableError,
)
from zkfl.prover_queue.folder import ProverFolder, Role
from zkfl.prover_queue.server import Listen, serve
from zkfl.public_file import PublicFileError

COUNTS, LEASES = ("GET", "/v1/counts"), ("POST", "/v1/leases")
REJECTION = ("POST", f"/v1/jobs/{'1' * 32}/rejection")


def test_known_machines_are_let_in(running: SmallHospital) -> None:
    assert running.connection("node").ask(*COUNTS).status == 200
    assert running.connection("worker").ask(*LEASES).status == 204


def test_an_unknown_certificate_is_refused_until_it_is_trusted(hospital: SmallHospital) -> None:
    stranger = hospital.add_stranger("stranger")
    with hospital.open(), locked_out():
        hospital.connection("stranger").ask(*COUNTS)
    trust(hospital.folder("queue"), stranger.certificate, Role.NODE)
    with hospital.open():
        assert hospital.connection("stranger").ask(*COUNTS).status == 200


def locked_out() -> AbstractContextManager[object]:
    """Expect that TLS lets nobody in; which of the two a client sees depends on who is quicker."""
    closed = (QueueRefusedError, QueueUnreachableError)
    return pytest.raises(closed, match="know this machine's certificate")


def test_a_certificate_signed_by_a_known_machine_is_refused(running: SmallHospital) -> None:
    stranger = running.add_stranger("stranger")
    worker = running.folder("worker")
    key = serialization.load_pem_private_key(worker.key.read_bytes(), None)
    issuer = load_certificate(worker.certificate).subject
    signed = signed_by(key, issuer, stranger)  # type: ignore[arg-type]
    stranger.certificate.write_bytes(pem_of(signed))
    with locked_out():
        running.connection("stranger").ask(*LEASES)


def signed_by(
    key: ec.EllipticCurvePrivateKey, issuer: x509.Name, folder: ProverFolder
) -> x509.Certificate:
    own = serialization.load_pem_private_key(folder.key.read_bytes(), None)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "worker")])
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, subject, own.public_key(), 1)  # type: ignore[arg-type]
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )


def test_without_a_certificate_nobody_gets_in(running: SmallHospital) -> None:
    pool = urllib3.PoolManager(ca_certs=str(running.folder("node").server), retries=False)
    with pytest.raises((urllib3.exceptions.SSLError, urllib3.exceptions.ProtocolError)):
        pool.request("GET", f"{running.url}/v1/counts")


def test_plain_http_gets_no_answer(running: SmallHospital) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=30) as plain:
        plain.sendall(b"GET /v1/counts HTTP/1.1\r\nHost: x\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP")


def test_an_older_tls_is_refused(running: SmallHospital) -> None:
    connection = running.connection("node")
    context = connection._pool.connection_pool_kw["ssl_context"]  # noqa: SLF001
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    with locked_out():
        connection.ask(*COUNTS)


@pytest.mark.parametrize(
    ("name", "request_"), [("worker", COUNTS), ("worker", REJECTION), ("node", LEASES)]
)
def test_each_role_has_its_own_door(
    running: SmallHospital, name: str, request_: tuple[str, str]
) -> None:
    with pytest.raises(QueueRefusedError, match="needs the certificate of a") as caught:
        running.connection(name).ask(*request_)
    assert caught.value.status == 403


def test_a_machine_that_is_no_longer_known_is_refused(hospital: SmallHospital) -> None:
    for path in hospital.folder("queue").clients(Role.WORKER).iterdir():
        path.unlink()
    with hospital.open(), locked_out():
        hospital.connection("worker").ask(*LEASES)


def test_another_queue_at_the_same_place_gets_nothing(running: SmallHospital) -> None:
    node = running.folder("node")
    other = ProverFolder.create(running.root / "other")
    create_certificate(other, "queue", ["127.0.0.1"], 2)
    node.server.write_bytes(other.certificate.read_bytes())
    with pytest.raises(QueueRefusedError, match="another certificate than the trusted one"):
        running.connection("node").ask(*COUNTS)


def test_a_queue_called_by_another_name_gets_nothing(running: SmallHospital) -> None:
    connection = QueueConnection(f"https://localhost:{running.port}", running.folder("node"))
    with pytest.raises(QueueRefusedError, match="a name that is not in it"):
        connection.ask(*COUNTS)


def test_http_is_refused_before_anything_is_sent(hospital: SmallHospital) -> None:
    with pytest.raises(QueueRefusedError, match="in the clear"):
        QueueConnection("http://127.0.0.1:8443", hospital.folder("node"))


def test_a_queue_that_is_not_there_is_unreachable(hospital: SmallHospital) -> None:
    connection = QueueConnection("https://127.0.0.1:1", hospital.folder("node"))
    with pytest.raises(QueueUnreachableError, match="does zkfl prover serve run there"):
        connection.ask(*COUNTS)


# --- what must be in order before the queue listens ---


def start(folder: ProverFolder) -> None:
    def never(_: int) -> None:
        pytest.fail("the queue listens")

    asyncio.run(serve(folder, Listen("127.0.0.1", 0), asyncio.Event(), never))


def test_without_a_key_nothing_listens(hospital: SmallHospital) -> None:
    hospital.folder("queue").key.unlink()
    with pytest.raises(PrivateFileError, match=r"key\.pem cannot be read"):
        start(hospital.folder("queue"))


def test_with_a_key_that_others_can_read_nothing_listens(hospital: SmallHospital) -> None:
    hospital.folder("queue").key.chmod(0o640)
    with pytest.raises(PrivateFileError, match="others can reach it"):
        start(hospital.folder("queue"))


def test_with_the_key_of_another_certificate_nothing_listens(hospital: SmallHospital) -> None:
    hospital.folder("queue").key.write_bytes(hospital.folder("node").key.read_bytes())
    with pytest.raises(MachineCertificateError, match="do they belong together"):
        start(hospital.folder("queue"))


def test_with_nobody_to_serve_nothing_listens(tmp_path: Path) -> None:
    folder = ProverFolder.create(tmp_path / "queue")
    create_certificate(folder, "queue", ["127.0.0.1"], 2)
    with pytest.raises(MachineCertificateError, match="knows no node and no worker"):
        start(folder)


def test_with_a_database_that_others_can_read_nothing_listens(hospital: SmallHospital) -> None:
    with hospital.open():
        pass
    (hospital.folder("queue").queue / "tickets.db").chmod(0o644)
    with pytest.raises(ProverFolderError, match="is open to others"):
        start(hospital.folder("queue"))


def test_one_certificate_in_two_roles_is_refused(hospital: SmallHospital) -> None:
    queue, node = hospital.folder("queue"), hospital.folder("node")
    with pytest.raises(MachineCertificateError, match="takes a key for each"):
        trust(queue, node.certificate, Role.WORKER)
    by_hand = queue.clients(Role.WORKER) / "by-hand.pem"
    by_hand.write_bytes(node.certificate.read_bytes())
    with pytest.raises(ProverFolderError, match="a node's and a worker's"):
        start(queue)


# --- the files ---


def test_a_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    folder = ProverFolder.create(tmp_path / "w").root
    folder.chmod(0o750)
    with pytest.raises(ProverFolderError, match="run chmod 700"):
        ProverFolder.open(folder)


def test_a_second_call_keeps_the_key(tmp_path: Path) -> None:
    folder = ProverFolder.create(tmp_path / "w")
    first = create_certificate(folder, "w", [], 2)
    key = folder.key.read_bytes()
    assert create_certificate(folder, "other", [], 2) == first
    assert folder.key.read_bytes() == key
    assert folder.key.stat().st_mode & 0o777 == 0o600


def test_a_certificate_speaks_for_nobody_else(tmp_path: Path) -> None:
    made = create_certificate(ProverFolder.create(tmp_path / "w"), "w", [], 2)
    constraints = made.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert not constraints.value.ca


@pytest.mark.parametrize("name", ["", "n" * 65, "a\x1b[2J"])
def test_names_that_cannot_be_compared_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MachineCertificateError, match="is no name"):
        create_certificate(ProverFolder.create(tmp_path / "w"), name, [], 2)


def test_a_host_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MachineCertificateError, match="neither an address nor"):
        create_certificate(ProverFolder.create(tmp_path / "w"), "w", ["kränk.lan"], 2)


@pytest.mark.parametrize("content", [b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAA"])
def test_what_is_no_certificate_is_not_trusted(
    hospital: SmallHospital, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "given.pem").write_bytes(content)
    with pytest.raises(MachineCertificateError, match=r"is no PEM certificate"):
        trust(hospital.folder("queue"), tmp_path / "given.pem", Role.WORKER)


def test_two_certificates_in_one_file_are_not_trusted(
    hospital: SmallHospital, tmp_path: Path
) -> None:
    both = [hospital.folder(name).certificate.read_bytes() for name in ("node", "worker")]
    (tmp_path / "given.pem").write_bytes(b"".join(both))
    with pytest.raises(MachineCertificateError, match="holds 2 certificates"):
        trust(hospital.folder("queue"), tmp_path / "given.pem", Role.WORKER)


def test_a_file_of_any_size_is_not_read(hospital: SmallHospital, tmp_path: Path) -> None:
    (tmp_path / "given.pem").write_bytes(b"x" * 100_000)
    with pytest.raises(PublicFileError, match="larger than"):
        trust(hospital.folder("queue"), tmp_path / "given.pem", Role.WORKER)


def test_a_certificate_that_is_over_is_not_trusted(
    hospital: SmallHospital, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            del tz
            return datetime.now(UTC) + timedelta(days=3)

    monkeypatch.setattr(certificates, "datetime", Later)
    path = hospital.folder("node").certificate
    with pytest.raises(MachineCertificateError, match="make a new one"):
        trust(hospital.folder("queue"), path, Role.NODE)


def test_another_queue_is_not_trusted_unasked(hospital: SmallHospital) -> None:
    other = ProverFolder.create(hospital.root / "other")
    create_certificate(other, "queue", [], 2)
    with pytest.raises(MachineCertificateError, match="another queue's certificate"):
        trust(hospital.folder("node"), other.certificate, Role.SERVER)
