"""Images are fetched from an archive: a small one made here, and Orthanc where it is installed."""

import base64
import json
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydicom import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, generate_uid

from zkfl.node.connectors import bounded_http, dicomweb
from zkfl.node.connectors.dicom_import import DicomReader
from zkfl.node.connectors.dicomweb import (
    Archive,
    Instance,
    import_dicomweb,
    only_part,
    parse_filters,
)
from zkfl.node.connectors.dicomweb_account import read_account
from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.connectors.importing import Outcome, Target
from zkfl.node.images.image_set import read_image_set
from zkfl.private_file import PrivateFileError

MakeDicom = Callable[..., Dataset]
USER, PASSWORD = "importer", "correct horse"
ORTHANC = shutil.which("Orthanc")
PLUGIN = Path("/usr/share/orthanc/plugins/libOrthancDicomWeb.so")
ARCHIVES = ["small", *(["orthanc"] if ORTHANC and PLUGIN.exists() else [])]
BOUNDARY = "a-boundary"


class SmallArchive:
    """Answers QIDO-RS and WADO-RS over loopback; tests change how."""

    def __init__(self, instances: dict[Instance, bytes]) -> None:
        self.instances = instances
        self.knows_offsets = True
        self.answer: Callable[[str], tuple[int, str, bytes] | None] = lambda _path: None
        self.asked: list[str] = []
        self.reason: str | None = None

    def respond(self, target: str) -> tuple[int, str, bytes]:
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        self.asked.append(target)
        changed = self.answer(path)
        if changed is not None:
            return changed
        if path == "/dicom-web/instances":
            first = int(query["offset"][0]) if self.knows_offsets else 0
            page = list(self.instances)[first : first + int(query["limit"][0])]
            return 200, "application/dicom+json", json.dumps(list(map(found, page))).encode()
        return 200, *part(self.instances[Instance(*path.split("/")[3::2])])


def found(instance: Instance) -> dict[str, object]:
    uids = {"0020000D": instance.study, "0020000E": instance.series, "00080018": instance.instance}
    return {tag: {"vr": "UI", "Value": [uid]} for tag, uid in uids.items()}


def part(content: bytes, boundary: str = BOUNDARY) -> tuple[str, bytes]:
    head = f"--{boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode()
    kind = f'multipart/related; type="application/dicom"; boundary={boundary}'
    return kind, head + content + f"\r\n--{boundary}--\r\n".encode()


@contextmanager
def served(archive: SmallArchive, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            known = self.headers.get("Authorization") == wanted
            status, kind, body = archive.respond(self.path) if known else (401, "text/plain", b"")
            self.send_response(status, archive.reason)
            if status == 302:
                self.send_header("Location", body.decode())
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/dicom-web"
    server.shutdown()
    server.server_close()


@contextmanager
def orthanc(folder: Path, contents: list[bytes]) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "HttpPort": port,
        "RemoteAccessAllowed": False,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {USER: PASSWORD},
        "DicomServerEnabled": False,
        "StorageDirectory": str(folder),
        "IndexDirectory": str(folder),
        "Plugins": [str(PLUGIN)],
        "DicomWeb": {"Enable": True, "Root": "/dicom-web/"},
    }
    (folder / "orthanc.json").write_text(json.dumps(settings))
    log = (folder / "orthanc.log").open("wb")
    process = subprocess.Popen([str(ORTHANC), folder / "orthanc.json"], stdout=log, stderr=log)
    try:
        store(f"http://127.0.0.1:{port}", contents)
        yield f"http://127.0.0.1:{port}/dicom-web"
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def store(url: str, contents: list[bytes]) -> None:
    session = requests.Session()
    session.trust_env, session.auth = False, (USER, PASSWORD)
    for _ in range(300):
        try:
            session.get(f"{url}/system", timeout=5).raise_for_status()
            break
        except requests.ConnectionError:
            time.sleep(0.2)
    for content in contents:
        session.post(f"{url}/instances", data=content, timeout=30).raise_for_status()


def write_account(folder: Path, **parts: object) -> Path:
    path = folder / "account.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps({"format": "zkfl.dicomweb.v1"} | parts))
    return path


def place(dataset: Dataset) -> Instance:
    return Instance(dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID)


@pytest.fixture
def datasets(make_dicom: MakeDicom) -> list[Dataset]:
    shifts = enumerate(("CT", "CT", "CT"))
    uids = {name: str(generate_uid()) for name in ("StudyInstanceUID", "SeriesInstanceUID")}
    pixels = np.arange(64, dtype=np.int16).reshape(8, 8) * 16
    return [
        make_dicom(pixels + 50 * shift, Modality=kind, PatientID=f"KIS-0047113-{shift}", **uids)
        for shift, kind in shifts
    ]


@pytest.fixture
def small(
    datasets: list[Dataset], content_of: Callable[[Dataset], bytes], tmp_path: Path
) -> Iterator[SimpleNamespace]:
    contents = {place(dataset): content_of(dataset) for dataset in datasets}
    archive = SmallArchive(contents)
    with served(archive) as url:
        account = write_account(tmp_path, url=url, username=USER, password=PASSWORD)
        yield SimpleNamespace(archive=archive, url=url, account=account)


@pytest.fixture(params=ARCHIVES)
def account(
    request: pytest.FixtureRequest,
    datasets: list[Dataset],
    content_of: Callable[[Dataset], bytes],
    tmp_path: Path,
) -> Iterator[Path]:
    if request.param == "small":
        yield request.getfixturevalue("small").account
        return
    folder = tmp_path / "orthanc"
    folder.mkdir()
    with orthanc(folder, [content_of(dataset) for dataset in datasets]) as url:
        yield write_account(tmp_path, url=url, username=USER, password=PASSWORD)


def imported(account: Path, reader: DicomReader) -> Outcome:
    target = Target(account.parent / "set", reader.all_columns)
    return import_dicomweb(Archive(read_account(account)), {"Modality": "CT"}, reader, target)


def test_what_the_filters_choose_is_imported(account: Path, reader: DicomReader) -> None:
    outcome = imported(account, reader)
    assert not outcome.refusals
    images = read_image_set(account.parent / "set", labelled=False)
    assert (len(images.rows), outcome.report.patients) == (3, 3)
    assert {attribute.name for attribute in outcome.report.attributes} >= {"PatientName"}


def test_wrong_credentials(account: Path, reader: DicomReader) -> None:
    account.write_text(account.read_text().replace(PASSWORD, "wrong"))
    with pytest.raises(ConnectorError, match="HTTP 401") as refused:
        imported(account, reader)
    assert "wrong" not in str(refused.value)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Return a certificate of this machine that nobody else signed, its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "archive")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path = tmp_path / "certificate.pem"
    path.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return path


def test_only_a_certificate_that_is_known_is_talked_to(
    small: SimpleNamespace, certificate: Path, tmp_path: Path
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    parts = {"username": USER, "password": PASSWORD}
    with served(small.archive, context) as url:
        trusting = write_account(tmp_path, url=url, ca_file=str(certificate), **parts)
        assert len(Archive(read_account(trusting)).find({"Modality": "CT"})) == 3
        before = len(small.archive.asked)
        unknowing = write_account(tmp_path, url=url, **parts)
        with pytest.raises(ConnectorError, match="SSLError"):
            Archive(read_account(unknowing)).find({"Modality": "CT"})
    assert len(small.archive.asked) == before


def test_the_command_imports_from_an_archive(
    small: SimpleNamespace, run_zkfl: Callable[..., SimpleNamespace], tmp_path: Path
) -> None:
    run_zkfl("import", "pseudonym-key", tmp_path / "p.key")
    done = run_zkfl(
        *("import", "dicomweb", small.account, tmp_path / "set", "--no-labels"),
        *("--filter", "Modality=CT", "--pseudonyms", tmp_path / "p.key"),
    )
    assert done.status == 0
    assert len(read_image_set(tmp_path / "set", labelled=False).rows) == 3


def test_nothing_that_fits(small: SimpleNamespace) -> None:
    small.archive.answer = lambda _path: (200, "application/dicom+json", b"[]")
    with pytest.raises(ConnectorError, match="0 images fit"):
        Archive(read_account(small.account)).find({"Modality": "CT"})


def test_pages_are_put_together(small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dicomweb, "_PAGE", 2)
    assert len(Archive(read_account(small.account)).find({"Modality": "CT"})) == 3
    assert len(small.archive.asked) == 3


def test_an_archive_that_knows_no_offset_ends(
    small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicomweb, "_PAGE", 2)
    small.archive.knows_offsets = False
    assert len(Archive(read_account(small.account)).find({"Modality": "CT"})) == 2


@pytest.mark.parametrize(
    "body",
    [
        b"no JSON",
        b'{"a": 1}',
        b"[1]",
        b"[{}]",
        b'[{"0020000D": {"vr": "UI", "Value": []}}]',
        json.dumps([found(Instance("1.2", "1.3", "../../patients"))]).encode(),
    ],
)
def test_a_search_that_is_answered_by_nonsense(small: SimpleNamespace, body: bytes) -> None:
    small.archive.answer = lambda _path: (200, "application/dicom+json", body)
    with pytest.raises(ConnectorError, match=r"search"):
        Archive(read_account(small.account)).find({"Modality": "CT"})


def test_a_redirect_is_not_followed(small: SimpleNamespace) -> None:
    small.archive.answer = lambda _path: (302, "text/plain", b"http://127.0.0.1:9/elsewhere")
    with pytest.raises(ConnectorError, match="cannot be searched"):
        Archive(read_account(small.account)).find({"Modality": "CT"})


def test_an_answer_without_end_is_not_kept(
    small: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dicomweb, "MAX_PAGE_BYTES", 1000)
    small.archive.answer = lambda _path: (200, "application/dicom+json", b" " * 100_000)
    with pytest.raises(ConnectorError, match="AnswerTooLargeError"):
        Archive(read_account(small.account)).find({"Modality": "CT"})


@pytest.mark.parametrize(
    ("before", "after"), [(b"[", b"]"), (b'{"a":', b"}")], ids=["lists", "objects"]
)
def test_an_answer_nested_without_end_is_not_followed(
    small: SimpleNamespace, before: bytes, after: bytes
) -> None:
    body = before * 200_000 + b"1" + after * 200_000
    small.archive.answer = lambda _path: (200, "application/dicom+json", body)
    with pytest.raises(ConnectorError, match=r"cannot be searched \(ValueError\)"):
        Archive(read_account(small.account)).find({"Modality": "CT"})


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_search_is_answered_in_utf_8(small: SimpleNamespace, encoding: str) -> None:
    body = json.dumps([found(next(iter(small.archive.instances)))]).encode(encoding)
    kind = f"application/dicom+json; charset={encoding}"
    small.archive.answer = lambda _path: (200, kind, body)
    with pytest.raises(ConnectorError, match="search"):
        Archive(read_account(small.account)).find({"Modality": "CT"})


def for_images(answer: tuple[int, str, bytes]) -> Callable[[str], tuple[int, str, bytes] | None]:
    return lambda path: answer if "/series/" in path else None


def test_an_image_that_is_not_given_is_counted(small: SimpleNamespace, reader: DicomReader) -> None:
    missing = next(iter(small.archive.instances)).instance
    gone = (404, "text/plain", b"")
    small.archive.answer = lambda path: gone if path.endswith(missing) else None
    assert imported(small.account, reader).report.refused == {"not_given": 1}


def test_what_an_archive_says_beside_a_status_is_not_repeated(small: SimpleNamespace) -> None:
    small.archive.answer = for_images((500, "text/plain", b"Mustermann\x1b[2J"))
    small.archive.reason = "Mustermann \x1b[2J"
    with pytest.raises(RefusedFileError, match=r"gives no image \(HTTP 500\)$"):
        Archive(read_account(small.account)).fetch(next(iter(small.archive.instances)))


def test_another_image_than_was_asked_for(small: SimpleNamespace) -> None:
    first, second, _ = small.archive.instances
    small.archive.answer = for_images((200, *part(small.archive.instances[second])))
    with pytest.raises(RefusedFileError, match="gives another image"):
        Archive(read_account(small.account)).fetch(first)


def test_a_deflated_image_is_not_unpacked(
    small: SimpleNamespace, datasets: list[Dataset], content_of: Callable[[Dataset], bytes]
) -> None:
    datasets[0].file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    small.archive.answer = for_images((200, *part(content_of(datasets[0]))))
    with pytest.raises(RefusedFileError, match="transfer syntax"):
        Archive(read_account(small.account)).fetch(place(datasets[0]))


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/dicom", b"DICM"),
        ("multipart/related", b"--x\r\n\r\nDICM\r\n--x--"),
        ("multipart/related; boundary=x", b"--y\r\n\r\nDICM\r\n--y--"),
        ("multipart/related; boundary=x", b"--x\r\n\r\nDICM"),
        ("multipart/related; boundary=x", b"--x\r\n\r\na\r\n--x\r\n\r\nb\r\n--x--"),
        ("multipart/related; boundary=x", b""),
    ],
)
def test_an_answer_of_another_form(kind: str, body: bytes) -> None:
    with pytest.raises(RefusedFileError, match="the archive's answer"):
        only_part(kind, body)


def test_the_part_of_an_answer_is_exact() -> None:
    content = b"\r\n--DICM\r\n\r\n\x00\xff--a"
    assert only_part(*part(content)) == content


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"url": "http://pacs.hospital/dicom-web"}, "must begin with https"),
        ({"url": "https://me:secret@pacs/dicom-web"}, "without credentials"),
        ({"url": "https://pacs/dicom-web?key=secret"}, "without credentials"),
        ({"url": "ftp://127.0.0.1/"}, "must begin with https"),
        ({"url": "https://pacs/", "username": "a"}, "give username and password"),
        ({"url": "https://pacs/", "username": "a", "password": "b", "token": "c"}, "give username"),
        ({"url": "https://pacs/", "pasword": "secret"}, "pasword: Extra"),
        ({}, "url"),
    ],
)
def test_an_account_that_is_not_safe(tmp_path: Path, parts: dict[str, object], reason: str) -> None:
    with pytest.raises(ConnectorError, match=reason) as refused:
        read_account(write_account(tmp_path, **parts))
    assert "secret" not in str(refused.value)


def test_an_account_that_others_can_read(tmp_path: Path) -> None:
    path = write_account(tmp_path, url="https://pacs/")
    path.chmod(0o640)
    with pytest.raises(PrivateFileError, match="0640"):
        read_account(path)


@pytest.mark.parametrize(
    "pairs",
    [[], ["PatientName=Doe"], ["PatientID=1"], ["Modality"], ["Modality=CT", "Modality=MR"]],
)
def test_filters_that_choose_nothing_or_name_a_patient(pairs: list[str]) -> None:
    with pytest.raises(ConnectorError, match="filter"):
        parse_filters(pairs)


def test_the_session_takes_nothing_from_its_surroundings() -> None:
    session = bounded_http.bounded_session(10)
    assert (session.trust_env, session.max_redirects) == (False, 0)
