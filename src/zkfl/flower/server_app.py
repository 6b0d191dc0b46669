"""The aggregator's ServerApp: it acts on the chain, then exchanges with whoever is connected."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import httpx
from flwr.app import Context, Message
from flwr.serverapp import Grid, ServerApp
from flwr.superlink.grid.http_grid import HttpGrid

from zkfl.chain.errors import ChainError
from zkfl.errors import ZkflError
from zkfl.exchange import Exchange
from zkfl.flower.consortium_name import consortium_name
from zkfl.flower.messages import (
    MESSAGE_TYPE,
    MisdirectedMessageError,
    Talk,
    decode,
    new_nonce,
)
from zkfl.flower.pieces import LARGEST_MESSAGE, WORDS_BYTES
from zkfl.flower.requests import LinkRequests, Requests
from zkfl.foreign_text import foreign_text

PATIENCE_SECONDS = 60.0
"""After this, a request that nobody has answered is taken for lost, and made again."""
PIECE_SECONDS = 180.0
"""After this without a further piece, an answer is given up; Flower's SuperLink drops it then."""
_REASON_CHARACTERS = 300
Say = Callable[[str], None]
"""Gets what people should know, a line at a time."""


class UnansweredError(ZkflError):
    """A hospital's side of Flower answered a request with an error."""


@dataclass(frozen=True)
class Pace:
    """How long a pass waits for the next one, and a request for its answer, in seconds."""

    pause: float = 2.0
    patience: float = PATIENCE_SECONDS


@dataclass
class _Asked:
    """A request that waits for its answer, since when, and how much of it has come."""

    node_id: int
    nonce: bytes
    largest: int
    at: float
    come: int | None = None


class Exchanges:
    """The aggregator's side of all exchanges, each going at its hospital's own pace.

    Parameters
    ----------
    requests
        The way to the connected hospitals.
    exchange
        The aggregator's store towards others.
    say
        Gets what was refused, and from whom.
    patience
        Seconds after which a request counts as lost.
    """

    def __init__(
        self, requests: Requests, exchange: Exchange, say: Say, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._requests = requests
        self._exchange = exchange
        self._say = say
        self._patience = patience
        self._name = consortium_name(exchange.registry)
        self._asked: dict[str, _Asked] = {}
        self._lacking: dict[int, frozenset[bytes]] = {}
        self._names: dict[int, str] = {}

    def pass_over(self) -> None:
        """Take the answers that have come, and ask everybody who owes none."""
        for request, asked in list(self._asked.items()):
            self._look(request, asked)
            self._give_up(request, asked)
        waiting = {asked.node_id for asked in self._asked.values()}
        self._names = self._requests.nodes()
        free = [node_id for node_id in self._names if node_id not in waiting]
        wanted = self._exchange.lacking() if free else frozenset()
        for node_id in free:
            self._ask(node_id, wanted)

    def _ask(self, node_id: int, wanted: frozenset[bytes]) -> None:
        nonce = new_nonce()
        offered = self._exchange.offer(self._lacking.get(node_id, ()))
        content = Talk(self._name, nonce, wanted, offered).encode()
        message = Message(content, node_id, MESSAGE_TYPE, ttl=self._patience)
        if request := self._requests.send(message):
            largest = min(LARGEST_MESSAGE, self._exchange.largest(wanted) + WORDS_BYTES)
            self._asked[request] = _Asked(node_id, nonce, largest, time.monotonic())

    def _look(self, request: str, asked: _Asked) -> None:
        """Take the answer to a request if it has come; what is wrong with it is its node's."""
        try:
            reply = self._requests.answer(request, asked.largest)
            if reply is not None:
                del self._asked[request]
                self._take(request, reply, asked)
        except (httpx.TransportError, ChainError):
            raise  # the SuperLink or the chain's endpoint is away, which is no node's doing
        except Exception as error:  # noqa: BLE001 - one node's answer must not stop the others'
            self._asked.pop(request, None)
            self._requests.drop(request)
            why = str(error) if isinstance(error, ZkflError) else type(error).__name__
            self._say(f"{self._called(asked.node_id)}: {why}")

    def _take(self, request: str, reply: Message, asked: _Asked) -> None:
        if reply.metadata.reply_to_message_id != request:
            raise MisdirectedMessageError(
                "it answered something that was not asked: nothing of it is taken"
            )
        if reply.has_error():
            raise UnansweredError(f"no answer, but an error: {_reason(reply)}")
        if reply.metadata.src_node_id != asked.node_id:
            raise MisdirectedMessageError(
                f"node {reply.metadata.src_node_id} answered in its place: nothing of it is taken"
            )
        talk = decode(reply.content, self._name, asked.nonce)
        self._lacking[asked.node_id] = talk.lacking
        for one in self._exchange.take(talk.artefacts):
            called, digest = self._called(asked.node_id), one.digest.hex()[:16]
            self._say(f"{called}: {one.kind.value} {digest} received")

    def _called(self, node_id: int) -> str:
        """Return the name under which a node was registered, or its number."""
        return self._names.get(node_id) or f"node {node_id}"

    def _give_up(self, request: str, asked: _Asked) -> None:
        """Stop waiting for an answer of which nothing has come for long."""
        come = self._requests.come(request)
        if come != asked.come:
            asked.come, asked.at = come, time.monotonic()
        patience = self._patience if come is None else PIECE_SECONDS
        if request in self._asked and time.monotonic() - asked.at > patience:
            del self._asked[request]
            self._requests.drop(request)
            if come is not None:
                called = self._called(asked.node_id)
                self._say(f"{called}: {come} pieces of its answer came, and then no more")


def _reason(reply: Message) -> str:
    return foreign_text(str(reply.error.reason), _REASON_CHARACTERS)


def aggregator_app(
    exchange: Exchange,
    take_turn: Callable[[], object],
    is_over: Callable[[], bool],
    say: Say,
    pace: Pace = Pace(),
) -> ServerApp:
    """Return the app that takes the aggregator through its rounds.

    Parameters
    ----------
    exchange
        The aggregator's store towards others.
    take_turn
        Does what the aggregator owes, before each pass over the hospitals.
    is_over
        Asked after each pass.
    say
        Gets what people should know.
    pace
        Of the loop.
    """
    app = ServerApp()

    @app.main()
    def run(grid: Grid, _: Context) -> None:
        exchanges = Exchanges(LinkRequests(cast("HttpGrid", grid)), exchange, say, pace.patience)
        while True:
            take_turn()
            exchanges.pass_over()
            if is_over():
                return
            time.sleep(pace.pause)

    return app
