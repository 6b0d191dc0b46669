"""A hospital's connection to the SuperLink: messages go to its own ClientApp, and nowhere else.

Flower's own SuperNode runs the code that a SuperLink sends along. This one speaks the same
protocol, and has no place for such code: what answers is installed here.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from flwr.app import Context, Error, Message, RecordDict
from flwr.app.message import remove_content_from_message
from flwr.clientapp import ClientApp
from flwr.common.constant import ErrorCode
from flwr.proto.message_pb2 import ObjectTree
from flwr.supercore.fab import Fab
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_tree,
    no_object_id_recompute,
)
from flwr.supercore.inflatable.inflatable_utils import (
    pull_and_inflate_object_from_tree,
    push_objects,
)
from flwr.supercore.run import Run
from flwr.supernode.fleet_http_connection import http_request_response

from zkfl.errors import ZkflError
from zkfl.exchange import MESSAGE_BYTES
from zkfl.flower.server_app import Say

LARGEST_MESSAGE = 2 * MESSAGE_BYTES
"""Bytes of all pieces of one message, after which no further piece is taken."""


class FlowerConnectionError(ZkflError):
    """The SuperLink cannot be reached, or does not let this node in."""


class OversizeMessageError(ZkflError):
    """A SuperLink sends more than any message has."""


@dataclass(frozen=True)
class LinkAddress:
    """The SuperLink: ``host:port``, and the file of the authority that signed its certificate."""

    address: str
    authority: Path


class Supernode:
    """Serves one hospital's ClientApp.

    Parameters
    ----------
    app
        Answers messages.
    link
        Whom to connect to.
    key
        Shows who connects.
    say
        Gets what people should know.
    pause
        Seconds between two looks for messages.
    """

    def __init__(
        self,
        app: ClientApp,
        link: LinkAddress,
        key: ec.EllipticCurvePrivateKey,
        say: Say,
        pause: float = 1.0,
    ) -> None:
        self._app = app
        self._link = link
        self._key = key
        self._say = say
        self._pause = pause

    def serve(self, stop: threading.Event) -> None:
        """Answer messages until asked to stop; a connection that breaks is made again."""
        while not stop.is_set():
            try:
                self._serve_once(stop)
            except FlowerConnectionError as error:
                self._say(str(error))
            stop.wait(self._pause)

    def _serve_once(self, stop: threading.Event) -> None:
        """Serve one connection, to its end."""
        keys = (self._key, self._key.public_key())
        try:
            with http_request_response(
                self._link.address,
                insecure=False,
                root_certificates=str(self._link.authority),
                authentication_keys=keys,
                max_retries=0,
            ) as connection:
                self._say(f"connected to the SuperLink at {self._link.address}")
                self._answer(_Wire(_Callbacks(*connection)), stop)
        except SystemExit as error:
            # that is how Flower says that no connection could be made
            raise FlowerConnectionError(
                f"the SuperLink at {self._link.address} does not answer, has a certificate of "
                f"another authority than {self._link.authority}, or does not know this node: "
                "trying again"
            ) from error

    def _answer(self, wire: "_Wire", stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                if not wire.answer_one(self._respond):
                    stop.wait(self._pause)
        except Exception as error:  # noqa: BLE001 - whatever Flower makes of a hostile answer
            self._say(f"the connection to {self._link.address} broke ({_told(error)}): once more")

    def _respond(self, message: Message, context: Context) -> Message:
        """Return the app's answer, or one that says that there is none, and not why."""
        try:
            return self._app(message, context)
        except ZkflError as error:
            self._say(str(error))
            name = type(error).__name__
            return Message(Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, name), reply_to=message)


class _Callbacks(NamedTuple):
    """What Flower gives whoever is connected; run and bundle are never asked for."""

    node_id: int
    receive: Callable[[], tuple[Message, ObjectTree] | None]
    send: Callable[[Message, ObjectTree, float], tuple[set[str], str]]
    get_run: Callable[[int], Run]
    get_bundle: Callable[[str, int], Fab]
    pull: Callable[[int, str], bytes]
    push: Callable[[int, str, str, bytes], None]
    confirm: Callable[[int, str], None]


class _Wire:
    """One connection: messages come in pieces, and so do answers go."""

    def __init__(self, callbacks: _Callbacks) -> None:
        self._callbacks = callbacks

    def answer_one(self, respond: Callable[[Message, Context], Message]) -> bool:
        """Answer a message, if there is one."""
        received = self._callbacks.receive()
        if received is None:
            return False
        head, tree = received
        run_id = head.metadata.run_id
        message = pull_and_inflate_object_from_tree(
            tree,
            _bounded(partial(self._callbacks.pull, run_id)),
            partial(self._callbacks.confirm, run_id),
            return_type=Message,
        )
        message.metadata.__dict__["_message_id"] = tree.object_id
        context = Context(run_id, self._callbacks.node_id, {}, RecordDict(), {}, 0)
        began = time.monotonic()
        self._reply(respond(message, context), time.monotonic() - began)
        return True

    def _reply(self, reply: Message, seconds: float) -> None:
        reply.metadata.__dict__["_message_id"] = reply.object_id
        run_id = reply.metadata.run_id
        with no_object_id_recompute():
            tree: ObjectTree = get_object_tree(reply)
            wanted, session = self._callbacks.send(
                remove_content_from_message(reply), tree, seconds
            )
            push_objects(
                get_all_nested_objects(reply),
                partial(self._callbacks.push, run_id, session),
                object_ids_to_push=wanted,
            )


def _bounded(pull: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """Return a way to pull the pieces of one message, up to the largest that there is."""
    room = LARGEST_MESSAGE
    lock = threading.Lock()

    def bounded(object_id: str) -> bytes:
        nonlocal room
        content = pull(object_id)
        with lock:
            room -= len(content)
        if room < 0:
            raise OversizeMessageError(
                f"the SuperLink sends a message of more than {LARGEST_MESSAGE} bytes: refused"
            )
        return content

    return bounded


def _told(error: Exception) -> str:
    return str(error)[:200] if isinstance(error, ZkflError) else type(error).__name__
