"""The gate asks whose a request is before it is read, and whose a message is before it is taken."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flwr.proto.fleet_pb2 import PushMessagesRequest, PushMessagesResponse
from flwr.proto.message_pb2 import Message, Metadata, ObjectTree, PushObjectRequest

from zkfl.flower import fleet_gate
from zkfl.flower.certificates import CURVE
from zkfl.flower.fleet_gate import (
    FLEET,
    PUSH_MESSAGES,
    PUSH_OBJECT,
    REQUEST_BYTES,
    UPLOADS_AT_ONCE,
    FleetGate,
    Receive,
    Scope,
    Send,
)
from zkfl.flower.pieces import LARGEST_MESSAGE, MAX_PIECES

NODE, INSIDE = 7, 9093
OUTSIDE_URL, INSIDE_URL = "http://link:9092", f"http://link:{INSIDE}"
PULL = f"{FLEET}pull-messages"


def pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class Link:
    """A gate, and behind it an app that tells what it read and allows uploads."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(CURVE)
        self.read: list[bytes] = []
        self._gate = FleetGate(self._app, INSIDE, {pem(self.key): NODE})

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.read.append((await receive())["body"])
        allowed = PushMessagesResponse(session_id=f"{len(self.read)}", objects_to_push=["piece"])
        body = allowed.SerializeToString() if scope["path"] == PUSH_MESSAGES else b""
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    def headers(
        self, key: ec.EllipticCurvePrivateKey | None = None, age: float = 0.0
    ) -> dict[str, str]:
        time = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
        signature = (key or self.key).sign(time.encode(), ec.ECDSA(hashes.SHA256()))
        return {
            "flwr-public-key": b64encode(pem(self.key)).decode(),
            "flwr-timestamp": time,
            "flwr-signature": b64encode(signature).decode(),
        }

    def post(self, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> int:
        async def ask() -> int:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(self._gate), base_url=OUTSIDE_URL
            ) as client:
                sent = self.headers() if headers is None else headers
                return (await client.post(path, content=body, headers=sent)).status_code

        return asyncio.run(ask())


@pytest.fixture
def link() -> Link:
    return Link()


def message(
    source: int = NODE, answers: str = "request", tree: ObjectTree | None = None, copies: int = 1
) -> bytes:
    metadata = Metadata(src_node_id=source, dst_node_id=1, reply_to_message_id=answers)
    return PushMessagesRequest(
        messages_list=[Message(metadata=metadata)] * copies,
        message_object_trees=[tree or ObjectTree(object_id="a" * 64)] * copies,
    ).SerializeToString()


def upload(session: str, size: int) -> bytes:
    return PushObjectRequest(session_id=session, object_content=bytes(size)).SerializeToString()


def test_a_node_is_let_through_with_what_it_sent(link: Link) -> None:
    assert link.post(PULL, b"pull") == 200
    assert link.post(PUSH_MESSAGES, message()) == 200
    assert link.post(PUSH_OBJECT, upload("2", 100)) == 200
    assert link.read == [b"pull", message(), upload("2", 100)]


def test_whoever_has_no_key_is_refused_unread(link: Link) -> None:
    stranger = ec.generate_private_key(CURVE)
    forged = {"flwr-public-key": b64encode(pem(stranger)).decode()}
    refused = [
        {},
        link.headers(key=stranger),
        link.headers(key=stranger) | forged,
        link.headers(age=400),
        link.headers(age=-60),
        link.headers() | {"flwr-timestamp": "2026-11-21T00:00:00"},
        link.headers() | {"flwr-timestamp": "now"},
        link.headers() | {"flwr-signature": "%"},
        link.headers() | {"flwr-public-key": "AAAA"},
    ]
    assert [link.post(PULL, b"pull", headers) for headers in refused] == [401] * len(refused)
    assert not link.read


def test_a_body_of_another_length_or_kind_is_refused(link: Link) -> None:
    chunked = link.headers() | {"transfer-encoding": "chunked"}
    assert link.post(PULL, b"pull", chunked) == 411
    assert link.post(PULL, b"pull", link.headers() | {"content-length": "3"}) == 400
    assert link.post(PULL, b"pull", link.headers() | {"content-length": "5"}) == 400
    assert link.post(PULL, b"pull", link.headers() | {"content-length": "-1"}) == 411
    too_long = link.headers() | {"content-length": str(REQUEST_BYTES)}
    assert link.post(PULL, b"pull", too_long) == 413
    assert link.post(PUSH_MESSAGES, b"\xff") == 400
    assert not link.read


def test_a_body_that_does_not_end_is_refused(link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_gate, "BODY_SECONDS", 0.01)

    async def never() -> dict[str, object]:
        await asyncio.sleep(60)
        return {}

    sent: list[object] = []

    async def send(event: object) -> None:
        sent.append(event)

    headers = [(name.encode(), value.encode()) for name, value in link.headers().items()]
    scope: Scope = {
        "type": "http",
        "path": PULL,
        "server": ("link", 9092),
        "headers": [*headers, (b"content-length", b"5")],
    }
    asyncio.run(link._gate(scope, never, send))  # noqa: SLF001 - httpx always ends a body
    assert sent[0]["status"] == 408  # type: ignore[index]


def tree(*levels: int) -> ObjectTree:
    """Return a tree in which each piece of a level has so many parts."""
    made = ObjectTree(object_id="0" * 64)
    for depth, count in enumerate(levels, 1):
        parts = [ObjectTree(object_id=f"{depth:032x}{n:032x}") for n in range(count - 1)]
        made = ObjectTree(object_id=f"{depth:032x}{'f' * 32}", children=[made, *parts])
    return made


TWICE = ObjectTree(object_id="b" * 64, children=[tree(1), tree(1)])
DIFFERENT = ObjectTree(
    object_id="b" * 64,
    children=[tree(1, 1), ObjectTree(object_id="c" * 64, children=[tree(1, 2)])],
)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (message(source=1), 403),
        (message(source=8), 403),
        (message(answers=""), 403),
        (message(source=1, answers=""), 403),
        (message(copies=2), 400),
        (message(copies=0), 400),
        (message(tree=tree(1, 1, 1, 1)), 200),
        (message(tree=tree(1, 1, 1, 1, 1)), 400),
        (message(tree=tree(MAX_PIECES - 1)), 200),
        (message(tree=tree(MAX_PIECES)), 413),
        (message(tree=TWICE), 400),
        (message(tree=DIFFERENT), 400),
    ],
)
def test_a_node_sends_answers_in_its_own_name_alone(link: Link, body: bytes, status: int) -> None:
    assert link.post(PUSH_MESSAGES, body) == status
    assert bool(link.read) is (status == 200)


def test_an_upload_ends_with_the_largest_message(link: Link) -> None:
    assert link.post(PUSH_MESSAGES, message()) == 200
    part = LARGEST_MESSAGE // 8
    assert {link.post(PUSH_OBJECT, upload("1", part)) for _ in range(8)} == {200}
    assert link.post(PUSH_OBJECT, upload("1", 1)) == 413


def test_nothing_is_uploaded_that_was_not_allowed(link: Link) -> None:
    assert link.post(PUSH_OBJECT, upload("", 1)) == 403
    assert link.post(PUSH_OBJECT, upload("1", 1)) == 403
    for _ in range(UPLOADS_AT_ONCE + 1):
        assert link.post(PUSH_MESSAGES, message()) == 200
    assert link.post(PUSH_OBJECT, upload("1", 1)) == 403
    assert link.post(PUSH_OBJECT, upload("2", 1)) == 200
