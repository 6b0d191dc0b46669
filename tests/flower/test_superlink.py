"""The SuperLink shows hospitals the Fleet API alone, and lets in whose key it has."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flwr.clientapp import ClientApp

from zkfl.flower.certificates import CURVE, LinkCertificates, ensure_node_key, load_node_keys
from zkfl.flower.certificates import load_private_key as load_key
from zkfl.flower.fleet import connected
from zkfl.flower.fleet_gate import OTHER_BYTES, PUSH_OBJECT, REQUEST_BYTES
from zkfl.flower.link_address import LinkAddress
from zkfl.flower.superlink import IDLE_SECONDS, LinkFiles, SuperLink
from zkfl.flower.supernode import Supernode

SECRET = b"s" * 32
CONTROL, RUNTIME, FLEET = "/v1/control/start-run", "/v1/runtime/acquire-task", "/v1/fleet/get-run"
PROTOBUF = {"content-type": "application/protobuf"}


@dataclass(frozen=True)
class Running:
    """A SuperLink and where it is."""

    link: SuperLink
    outside: str
    inside: str
    authority: Path
    folder: Path

    def post(self, address: str, path: str, content: bytes | Iterator[bytes] = b"") -> int:
        context = ssl.create_default_context(cafile=str(self.authority))
        with httpx.Client(verify=context, trust_env=False) as client:
            url = f"https://{address}{path}"
            return client.post(url, content=content, headers=PROTOBUF).status_code


def certificates(folder: Path) -> LinkCertificates:
    names = ("ca.key", "ca.pem", "server.key", "server.pem")
    made = LinkCertificates(*(folder / name for name in names))
    made.ensure(["127.0.0.1"])
    return made


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("link")
    made = certificates(folder)
    ports = free_ports()
    files = LinkFiles(made.server, made.server_key, made.authority, SECRET)
    link = SuperLink(files, ("127.0.0.1", ports[0]), ports[1])
    thread = threading.Thread(target=lambda: asyncio.run(link.serve()), daemon=True)
    thread.start()
    outside, inside = (f"127.0.0.1:{port}" for port in ports)
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", ports[1])) == 0:
                break
    yield Running(link, outside, inside, made.authority, folder)
    link.stop()
    thread.join(30)


def free_ports() -> list[int]:
    with (
        socket.create_server(("127.0.0.1", 0)) as one,
        socket.create_server(("127.0.0.1", 0)) as other,
    ):
        return [int(found.getsockname()[1]) for found in (one, other)]


@pytest.mark.parametrize("path", [CONTROL, RUNTIME, "/docs", "/openapi.json", "/v1/fleet"])
def test_the_outside_reaches_no_other_interface(running: Running, path: str) -> None:
    assert running.post(running.outside, path) == 404


def test_the_outside_reaches_the_fleet_interface_with_a_key_only(running: Running) -> None:
    assert running.post(running.outside, FLEET) == 401


def test_the_inside_takes_runs_only_from_who_has_the_secret(running: Running) -> None:
    assert running.post(running.inside, CONTROL) != 404
    assert running.post(running.inside, RUNTIME) in {401, 403}


def test_endless_and_oversize_requests_are_refused(running: Running) -> None:
    assert running.post(running.outside, FLEET, iter([b"x"])) == 411
    assert running.post(running.outside, FLEET, bytes(OTHER_BYTES + 1)) == 413
    assert running.post(running.outside, PUSH_OBJECT, bytes(REQUEST_BYTES + 1)) == 413


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (b"content-length: 1000000\r\n", b"401"),
        (b"transfer-encoding: chunked\r\n", b"411"),
        (b"content-length: 5\r\ntransfer-encoding: chunked\r\n", b"411"),
        (b"x: " + bytes([0x41]) * 1_000_000 + b"\r\n", b"400"),
    ],
    ids=["no key", "chunked", "two lengths", "endless headers"],
)
def test_a_stranger_is_answered_before_a_body_comes(
    running: Running, request_head: bytes, status: bytes
) -> None:
    context = ssl.create_default_context(cafile=str(running.authority))
    host, port = running.outside.split(":")
    with (
        socket.create_connection((host, int(port)), timeout=60) as plain,
        context.wrap_socket(plain, server_hostname=host) as link,
    ):
        head = f"POST {FLEET} HTTP/1.1\r\nhost: link\r\n".encode()
        with suppress(OSError):  # it may hang up before the end
            link.sendall(head + request_head + b"\r\n")
        assert link.recv(1_000).split(b" ")[1] == status


def test_without_tls_there_is_no_answer(running: Running) -> None:
    with httpx.Client(trust_env=False) as client, pytest.raises(httpx.HTTPError):
        client.post(f"http://{running.outside}{FLEET}", content=b"")


@contextmanager
def node(link: LinkAddress, key: ec.EllipticCurvePrivateKey) -> Iterator[list[str]]:
    """Run a node and yield what it says, once it has said something."""
    said: list[str] = []
    heard, stop = threading.Event(), threading.Event()

    def say(line: str) -> None:
        said.append(line)
        heard.set()

    supernode = Supernode(ClientApp(), link, key, say, pause=0.1)
    thread = threading.Thread(target=supernode.serve, args=(stop,), daemon=True)
    thread.start()
    try:
        assert heard.wait(60)
        yield said
    finally:
        stop.set()
        thread.join(60)


def test_a_node_is_let_in_by_its_key_and_shut_out_without(running: Running) -> None:
    nodes = running.folder / "nodes"
    ensure_node_key(running.folder / "ada.key", nodes / "ada.pub")
    link = LinkAddress(running.outside, running.authority)
    key = load_key(running.folder / "ada.key")
    with node(link, key) as said:
        assert "does not let this node in" in said[0]
    assert running.link.register(load_node_keys(nodes)) == (["ada"], [])
    assert running.link.register(load_node_keys(nodes)) == ([], [])
    with node(link, key) as said:
        assert said[0] == f"connected to the SuperLink at {running.outside}"
    assert running.link.register({}) == ([], ["ada"])
    with node(link, key) as said:
        assert "does not let this node in" in said[0]


def test_a_node_whose_connection_broke_is_let_in_again_at_once(running: Running) -> None:
    nodes = running.folder / "again"
    ensure_node_key(running.folder / "bay.key", nodes / "bay.pub")
    running.link.register(load_node_keys(nodes))
    link = LinkAddress(running.outside, running.authority)
    key = load_key(running.folder / "bay.key")
    with pytest.raises(ConnectionError), connected(link, key):
        raise ConnectionError
    with connected(link, key) as connection:
        assert connection.receive(threading.Event()) is None
    running.link.register({})


def test_connections_rest_longer_than_clients_keep_them() -> None:
    kept = httpx.Limits().keepalive_expiry
    assert kept is not None
    assert kept < IDLE_SECONDS


def test_a_node_that_nobody_registered_is_not_let_in(running: Running) -> None:
    link = LinkAddress(running.outside, running.authority)
    with node(link, ec.generate_private_key(CURVE)) as said:
        assert "does not let this node in" in said[0]


def test_a_node_does_not_talk_to_a_link_of_another_authority(
    running: Running, tmp_path: Path
) -> None:
    other = certificates(tmp_path).authority
    with node(LinkAddress(running.outside, other), ec.generate_private_key(CURVE)) as said:
        assert f"no certificate of the authority {other}" in said[0]
