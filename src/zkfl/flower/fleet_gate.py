"""What the outside reaches of a SuperLink: the Fleet API, for its nodes, each as itself.

Flower reads a request to its end before it asks whose it is, and takes a message from whomever
the message names. Both are settled here, before Flower sees anything of a request.
"""

import asyncio
import binascii
from base64 import b64decode
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from flwr.common.constant import SYSTEM_TIME_TOLERANCE, TIMESTAMP_HEADER, TIMESTAMP_TOLERANCE
from flwr.proto.fleet_pb2 import PushMessagesRequest, PushMessagesResponse
from flwr.proto.message_pb2 import ObjectTree, PushObjectRequest
from flwr.supercore.constant import FLEET_HTTP_PUBLIC_KEY_HEADER, FLEET_HTTP_SIGNATURE_HEADER
from flwr.supercore.primitives.asymmetric import bytes_to_public_key, verify_signature
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from zkfl.flower.pieces import OversizeMessageError, Room, piece_names

FLEET = "/v1/fleet/"
PUSH_MESSAGES, PUSH_OBJECT = f"{FLEET}push-messages", f"{FLEET}push-object"
REQUEST_BYTES = 16 * 1024 * 1024
"""The largest request, which carries a piece of a message; Flower makes pieces of 5 MB."""
OTHER_BYTES = 1024 * 1024
"""The largest request that carries none."""
BODY_SECONDS = 180.0
"""In which a request has to come whole; an upload in which nothing comes ends after as long."""
REQUESTS_AT_ONCE = 4
"""Of one node; its own make up to three."""
UPLOADS_AT_ONCE = 4
"""Of one node; a further one ends the oldest. A node answers one request at a time."""
_DEPTH = 5
"""A message, its records, one of them, an array, a part of it."""
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


class _RefusedError(Exception):
    """A request is refused, with a status of HTTP."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class FleetGate:
    """Lets requests of nodes that were let in through to the SuperLink, and no others.

    Parameters
    ----------
    app
        The SuperLink.
    inside_port
        At which everything is served.
    nodes
        The nodes' numbers by PEM of their public keys; whoever makes this may change it.
    """

    def __init__(self, app: Asgi, inside_port: int, nodes: Mapping[bytes, int]) -> None:
        self._app = app
        self._inside_port = inside_port
        self._nodes = nodes
        self._at_once: Counter[bytes] = Counter()
        self._uploads: dict[bytes, dict[str, Room]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        inside = scope["type"] == "http" and scope["server"][1] == self._inside_port
        if inside or scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        try:
            length = _length(scope)
            key = self._key(scope)
        except _RefusedError as refusal:
            await _refuse(refusal.status, send)
            return
        if self._at_once[key] >= REQUESTS_AT_ONCE:
            await _refuse(429, send)
            return
        self._at_once[key] += 1
        try:
            await self._pass_on(key, length, (scope, receive, send))
        finally:
            self._at_once[key] -= 1
            self._at_once += Counter()

    async def _pass_on(self, key: bytes, length: int, call: tuple[Scope, Receive, Send]) -> None:
        """Pass a node's request on once it was read and is what the node may ask."""
        scope, receive, send = call
        try:
            body = await _body(receive, length)
            self._require_own(key, scope["path"], body)
        except _RefusedError as refusal:
            await _refuse(refusal.status, send)
            return
        if scope["path"] == PUSH_MESSAGES:
            send = self._noting(key, send)
        await self._app(scope, _replayed(body, receive), send)

    def _key(self, scope: Scope) -> bytes:
        """Return the public key of the node that signed the time of this request."""
        headers = dict(scope["headers"])
        try:
            key = b64decode(headers[FLEET_HTTP_PUBLIC_KEY_HEADER.encode()], validate=True)
            signature = b64decode(headers[FLEET_HTTP_SIGNATURE_HEADER.encode()], validate=True)
            time = headers[TIMESTAMP_HEADER.encode()]
            age = (datetime.now(UTC) - datetime.fromisoformat(time.decode())).total_seconds()
        except (KeyError, ValueError, TypeError, binascii.Error) as error:
            raise _RefusedError(401) from error
        if key not in self._nodes:
            raise _RefusedError(401)
        if not -SYSTEM_TIME_TOLERANCE < age < TIMESTAMP_TOLERANCE + SYSTEM_TIME_TOLERANCE:
            raise _RefusedError(401)
        if not verify_signature(bytes_to_public_key(key), time, signature):
            raise _RefusedError(401)
        return key

    def _require_own(self, key: bytes, path: str, body: bytes) -> None:
        """Refuse what a node sends in another's name, unasked, or without end."""
        try:
            if path == PUSH_MESSAGES:
                _require_answer(PushMessagesRequest.FromString(body), self._nodes.get(key))
            elif path == PUSH_OBJECT:
                self._count(key, PushObjectRequest.FromString(body))
        except DecodeError as error:
            raise _RefusedError(400) from error

    def _count(self, key: bytes, piece: PushObjectRequest) -> None:
        """Count the bytes that a node sends of one message."""
        room = self._uploads.get(key, {}).get(piece.session_id)
        if room is None:
            raise _RefusedError(403)
        try:
            room.take(len(piece.object_content))
        except OversizeMessageError as error:
            raise _RefusedError(413) from error

    def _noting(self, key: bytes, send: Send) -> Send:
        """Return what sends an answer on, and notes the upload that it allows."""
        body = bytearray()

        async def note(event: MutableMapping[str, Any]) -> None:
            if event["type"] == "http.response.body":
                body.extend(event.get("body", b""))
                if not event.get("more_body", False):
                    self._note(key, bytes(body))
            await send(event)

        return note

    def _note(self, key: bytes, answer: bytes) -> None:
        with suppress(DecodeError):  # a refusal is no such answer
            allowed = PushMessagesResponse.FromString(answer)
            if allowed.session_id and allowed.objects_to_push:
                uploads = self._uploads.setdefault(key, {})
                uploads[allowed.session_id] = Room()
                while len(uploads) > UPLOADS_AT_ONCE:
                    del uploads[next(iter(uploads))]


def _length(scope: Scope) -> int:
    """Return how long a request says it is, if the outside may make such a one."""
    if scope["type"] != "http" or not str(scope["path"]).startswith(FLEET):
        raise _RefusedError(404)
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        raise _RefusedError(411)
    length = headers.get(b"content-length", b"")
    if not length.isdigit():
        raise _RefusedError(411)
    if int(length) > (REQUEST_BYTES if scope["path"] == PUSH_OBJECT else OTHER_BYTES):
        raise _RefusedError(413)
    return int(length)


def _require_answer(request: PushMessagesRequest, node_id: int | None) -> None:
    """Refuse anything but one answer, from the node itself, of as many pieces as there can be."""
    if len(request.messages_list) != 1 or len(request.message_object_trees) != 1:
        raise _RefusedError(400)
    metadata = request.messages_list[0].metadata
    if metadata.src_node_id != node_id or not metadata.reply_to_message_id:
        raise _RefusedError(403)
    tree = request.message_object_trees[0]
    try:
        piece_names(tree)
    except OversizeMessageError as error:
        raise _RefusedError(413) from error
    _require_shallow(tree, _DEPTH, {})


def _require_shallow(tree: ObjectTree, depth: int, seen: dict[str, list[str]]) -> None:
    """Refuse a tree that is no message's, as one that would grow when it is put together."""
    parts = [part.object_id for part in tree.children]
    same = seen.setdefault(tree.object_id, parts) == parts
    if depth < 1 or not same or len(set(parts)) != len(parts):
        raise _RefusedError(400)
    for part in tree.children:
        _require_shallow(part, depth - 1, seen)


async def _body(receive: Receive, length: int) -> bytes:
    """Read a request of the length that it said."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                event = await receive()
                if event["type"] != "http.request":
                    raise _RefusedError(400)
                body += event.get("body", b"")
                if len(body) > length:
                    raise _RefusedError(400)
                if not event.get("more_body", False):
                    break
    except TimeoutError as error:
        raise _RefusedError(408) from error
    if len(body) != length:
        raise _RefusedError(400)
    return bytes(body)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what gives a request's body once, and then what comes after it."""
    events = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def again() -> MutableMapping[str, Any]:
        event = next(events, None)
        return event if event is not None else await receive()

    return again


async def _refuse(status: int, send: Send) -> None:
    # what was not read must not be taken for the next request
    headers = [(b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
