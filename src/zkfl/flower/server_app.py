"""The aggregator's ServerApp: it acts on the chain, then exchanges with whoever is connected."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from flwr.app import Context, Message
from flwr.serverapp import Grid, ServerApp

from zkfl.errors import ZkflError
from zkfl.exchange import Exchange, ExchangeError
from zkfl.flower.consortium_name import consortium_name
from zkfl.flower.messages import (
    MESSAGE_TYPE,
    FlowerMessageError,
    MisdirectedMessageError,
    Talk,
    decode,
    new_nonce,
)

PATIENCE_SECONDS = 60.0
"""After this, a request that nobody has answered is taken for lost, and made again."""
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
    """A request that waits for its answer."""

    node_id: int
    nonce: bytes
    at: float


class Exchanges:
    """The aggregator's side of all exchanges, each going at its hospital's own pace.

    Parameters
    ----------
    grid
        Flower's way to the connected hospitals.
    exchange
        The aggregator's store towards others.
    say
        Gets what was refused, and from whom.
    patience
        Seconds after which a request counts as lost.
    """

    def __init__(
        self, grid: Grid, exchange: Exchange, say: Say, patience: float = PATIENCE_SECONDS
    ) -> None:
        self._grid = grid
        self._exchange = exchange
        self._say = say
        self._patience = patience
        self._name = consortium_name(exchange.registry)
        self._asked: dict[str, _Asked] = {}
        self._lacking: dict[int, frozenset[bytes]] = {}
        self._names: dict[int, str] = {}

    def pass_over(self) -> None:
        """Take the answers that have come, and ask everybody who owes none."""
        if self._asked:
            for reply in self._grid.pull_messages(list(self._asked)):
                self._receive(reply)
        self._give_up()
        waiting = {asked.node_id for asked in self._asked.values()}
        self._names = {node.node_id: node.name for node in self._grid.get_nodes()}
        free = [node_id for node_id in self._names if node_id not in waiting]
        wanted = self._exchange.lacking() if free else frozenset()
        for node_id in free:
            self._ask(node_id, wanted)

    def _ask(self, node_id: int, wanted: frozenset[bytes]) -> None:
        nonce = new_nonce()
        offered = self._exchange.offer(self._lacking.get(node_id, ()))
        content = Talk(self._name, nonce, wanted, offered).encode()
        message = Message(content, node_id, MESSAGE_TYPE, ttl=self._patience)
        for message_id in self._grid.push_messages([message]):
            if message_id:
                self._asked[message_id] = _Asked(node_id, nonce, time.monotonic())

    def _receive(self, reply: Message) -> None:
        asked = self._asked.pop(reply.metadata.reply_to_message_id, None)
        if asked is None:
            return
        try:
            self._take(reply, asked)
        except (ExchangeError, FlowerMessageError, UnansweredError) as error:
            self._say(f"{self._called(asked.node_id)}: {error}")

    def _take(self, reply: Message, asked: _Asked) -> None:
        if reply.has_error():
            raise UnansweredError(f"no answer, but an error: {str(reply.error.reason)[:300]}")
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

    def _give_up(self) -> None:
        now = time.monotonic()
        lost = [key for key, asked in self._asked.items() if now - asked.at > self._patience]
        for key in lost:
            del self._asked[key]


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
        exchanges = Exchanges(grid, exchange, say, pace.patience)
        while True:
            take_turn()
            exchanges.pass_over()
            if is_over():
                return
            time.sleep(pace.pause)

    return app
