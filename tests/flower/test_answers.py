"""Answers are fetched each by itself: a broken or unfinished one is its own node's alone."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest
from flwr.app import Context, Message, RecordDict
from flwr.app.message import remove_content_from_message
from flwr.clientapp import ClientApp
from flwr.common.serde import message_to_proto
from flwr.proto.fleet_pb2 import PushMessagesRequest
from flwr.proto.message_pb2 import ObjectTree, PushObjectRequest
from flwr.serverapp import Grid, ServerApp
from flwr.supercore.inflatable.inflatable_object import get_object_id
from flwr.superlink.grid.http_grid import HttpGrid

from zkfl.flower.aggregator_run import InsideAddress, run_at_link
from zkfl.flower.certificates import (
    LinkCertificates,
    ensure_node_key,
    load_node_keys,
    load_private_key,
)
from zkfl.flower.fleet import FleetConnection, connected
from zkfl.flower.link_address import LinkAddress
from zkfl.flower.messages import ACTION, MESSAGE_TYPE, FlowerMessageError, Talk, decode, new_nonce
from zkfl.flower.pieces import OversizeMessageError
from zkfl.flower.requests import LinkRequests
from zkfl.flower.superlink import LinkFiles, SuperLink
from zkfl.flower.supernode import Supernode

HERE = "31337:0xHere"
SECRET = b"s" * 32
ANSWER = bytes(6_000_000)
LARGEST = 8_000_000
DEADLINE = 60.0


@dataclass(frozen=True)
class Running:
    """A SuperLink, and the key of each node that it lets in."""

    outside: LinkAddress
    inside: InsideAddress
    folder: Path

    @contextmanager
    def honest(self, name: str, answer: bytes = ANSWER) -> Iterator[None]:
        """Run a node that answers as it should."""
        app = ClientApp()

        @app.query(ACTION)
        def respond(message: Message, _: Context) -> Message:
            request = decode(message.content, HERE)
            talk = Talk(HERE, request.nonce, frozenset(), {bytes(32): answer})
            return Message(talk.encode(), reply_to=message)

        key = load_private_key(self.folder / f"{name}.key")
        node = Supernode(app, self.outside, key, lambda _: None, pause=0.1)
        with beside(node.serve):
            yield

    @contextmanager
    def hostile(self, name: str, pieces: list[bytes], *, whole: bool) -> Iterator[None]:
        """Run a node that answers with pieces of its own making, the last of them the message."""

        def serve(stop: threading.Event) -> None:
            with connected(self.outside, load_private_key(self.folder / f"{name}.key")) as fleet:
                while not stop.is_set():
                    if request := fleet.receive(stop):
                        answer_with(fleet, request, pieces, whole=whole)
                    stop.wait(0.1)

        with beside(serve):
            yield


@contextmanager
def beside(serve: Callable[[threading.Event], None]) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=serve, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(DEADLINE)


def piece(kind: str, parts: list[bytes], body: bytes) -> bytes:
    names = ",".join(map(get_object_id, parts))
    return f"{kind} {names} {len(body)}\0".encode() + body


def answer_with(
    fleet: FleetConnection, request: Message, pieces: list[bytes], *, whole: bool
) -> None:
    names = [get_object_id(one) for one in pieces]
    tree = ObjectTree(object_id=names[0])
    for name in names[1:]:
        tree = ObjectTree(object_id=name, children=[tree])
    reply = Message(RecordDict(), reply_to=request)
    reply.metadata.__dict__["_message_id"] = tree.object_id
    client, node = fleet._client, fleet._node  # noqa: SLF001 - what a hostile node has too
    taken = client.PushMessages(
        PushMessagesRequest(
            node=node,
            messages_list=[message_to_proto(remove_content_from_message(reply))],
            message_object_trees=[tree],
        )
    )
    for name, content in list(zip(names, pieces, strict=True))[: None if whole else 1]:
        client.PushObject(
            PushObjectRequest(
                node=node,
                run_id=request.metadata.run_id,
                object_id=name,
                object_content=content,
                session_id=taken.session_id,
            )
        )


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("link")
    names = ("ca.key", "ca.pem", "server.key", "server.pem")
    made = LinkCertificates(*(folder / name for name in names))
    made.ensure(["127.0.0.1"])
    for name in ("ada", "bay"):
        ensure_node_key(folder / f"{name}.key", folder / "nodes" / f"{name}.pub")
    with ExitStack() as open_:
        found = [open_.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
        outside, inside = (int(one.getsockname()[1]) for one in found)
    files = LinkFiles(made.server, made.server_key, made.authority, SECRET)
    link = SuperLink(files, ("127.0.0.1", outside), inside)
    link.register(load_node_keys(folder / "nodes"))
    thread = threading.Thread(target=lambda: asyncio.run(link.serve()), daemon=True)
    thread.start()
    until(lambda: socket.socket().connect_ex(("127.0.0.1", inside)) == 0)
    yield Running(
        LinkAddress(f"127.0.0.1:{outside}", made.authority),
        InsideAddress(f"127.0.0.1:{inside}", made.authority, SECRET),
        folder,
    )
    link.stop()
    thread.join(DEADLINE)


def until(reached: Callable[[], object]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not reached():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def as_aggregator(running: Running, do: Callable[[LinkRequests, dict[str, str]], None]) -> None:
    """Ask both nodes, and go on with the requests' names by node."""
    app, done = ServerApp(), list[bool]()

    @app.main()
    def run(grid: Grid, _: Context) -> None:
        requests = LinkRequests(cast("HttpGrid", grid))
        until(lambda: len(requests.nodes()) == 2)
        asked = {}
        for number, name in requests.nodes().items():
            content = Talk(HERE, new_nonce(), frozenset(), {}).encode()
            asked[name] = str(requests.send(Message(content, number, MESSAGE_TYPE, ttl=DEADLINE)))
        do(requests, asked)
        done.append(True)

    run_at_link(app, running.inside)
    assert done


def answered(requests: LinkRequests, request: str, largest: int = LARGEST) -> list[bytes]:
    """Return the artefacts of an answer, once it is there."""
    got: list[Message] = []
    until(lambda: got.extend(filter(None, [requests.answer(request, largest)])) or got)
    return list(decode(got[0].content, HERE).artefacts.values())


RUBBISH = piece("RecordDict", [], b"not json")


def test_an_answer_that_cannot_be_read_is_its_nodes_alone(running: Running) -> None:
    def do(requests: LinkRequests, asked: dict[str, str]) -> None:
        with pytest.raises(FlowerMessageError, match="do not fit together"):
            answered(requests, asked["bay"])
        assert answered(requests, asked["ada"]) == [ANSWER]

    pieces = [RUBBISH, piece("Message", [RUBBISH], b"neither")]
    with running.honest("ada"), running.hostile("bay", pieces, whole=True):
        as_aggregator(running, do)


def test_nobody_waits_for_an_answer_whose_pieces_do_not_come(running: Running) -> None:
    def do(requests: LinkRequests, asked: dict[str, str]) -> None:
        until(lambda: requests.answer(asked["bay"], LARGEST) or requests.come(asked["bay"]))
        assert requests.come(asked["bay"]) == 1
        assert answered(requests, asked["ada"]) == [ANSWER]
        assert requests.answer(asked["bay"], LARGEST) is None
        requests.drop(asked["bay"])
        assert requests.come(asked["bay"]) is None

    pieces = [RUBBISH, piece("Message", [RUBBISH], b"neither")]
    with running.honest("ada"), running.hostile("bay", pieces, whole=False):
        as_aggregator(running, do)


def test_an_answer_that_is_larger_than_what_was_asked_for_is_refused(running: Running) -> None:
    def do(requests: LinkRequests, asked: dict[str, str]) -> None:
        with pytest.raises(OversizeMessageError, match=f"more than {LARGEST} bytes"):
            answered(requests, asked["bay"])
        assert answered(requests, asked["ada"]) == [ANSWER]

    with running.honest("ada"), running.honest("bay", bytes(LARGEST)):
        as_aggregator(running, do)
