"""The aggregator's requests to nodes, and their answers: each by itself, and none waited for.

Flower's own way takes all answers that have come together: one that cannot be read loses the
others, and one whose pieces do not come makes them wait.
"""

from dataclasses import dataclass
from typing import Protocol

from flwr.app import Message
from flwr.proto.message_pb2 import ConfirmMessageReceivedRequest, ObjectTree, PullObjectRequest
from flwr.proto.runtime_pb2 import PullAppMessagesRequest
from flwr.supercore.runtime import RuntimeHttpClient
from flwr.superlink.grid.http_grid import HttpGrid

from zkfl.flower.messages import FlowerMessageError
from zkfl.flower.pieces import Room, piece_names, read_message


class Requests(Protocol):
    """Asks nodes, and looks for their answers."""

    def nodes(self) -> dict[int, str]:
        """Return the names of the connected nodes, by number."""
        ...

    def send(self, message: Message) -> str | None:
        """Send a request; return its name, None if it was not taken."""
        ...

    def come(self, request: str) -> int | None:
        """Return how many pieces of the answer have come, None before it was announced."""
        ...

    def answer(self, request: str, largest: int) -> Message | None:
        """Return the answer to a request once all of it is there, None before.

        Parameters
        ----------
        request
            Its name.
        largest
            Bytes that the answer may have.

        Raises
        ------
        OversizeMessageError, FlowerMessageError
            It is none.
        httpx.HTTPError
            The SuperLink does not give it.
        """
        ...

    def drop(self, request: str) -> None:
        """Look no more for the answer to a request."""
        ...


@dataclass
class _Arriving:
    """An answer of which pieces are on their way."""

    tree: ObjectTree
    pending: list[str]
    come: int = 0


class LinkRequests:
    """Requests through a SuperLink.

    Parameters
    ----------
    grid
        Of the aggregator's run.
    """

    def __init__(self, grid: HttpGrid) -> None:
        self._grid = grid
        self._arriving: dict[str, _Arriving] = {}

    def nodes(self) -> dict[int, str]:
        """Return the names of the connected nodes, by number."""
        return {node.node_id: node.name for node in self._grid.get_nodes()}

    def send(self, message: Message) -> str | None:
        """Send a request; return its name, None if it was not taken."""
        return next((name for name in self._grid.push_messages([message]) if name), None)

    def come(self, request: str) -> int | None:
        """Return how many pieces of the answer have come, None before it was announced."""
        arriving = self._arriving.get(request)
        return arriving.come if arriving else None

    def answer(self, request: str, largest: int) -> Message | None:
        """Return the answer to a request once all of it is there, None before."""
        arriving = self._arriving.get(request) or self._announced(request)
        if arriving is None or not self._is_there(arriving):
            return None
        room, pieces = Room(largest), {}
        for name in piece_names(arriving.tree):
            content = self._piece(name)
            if content is None:
                return None
            room.take(len(content))
            pieces[name] = content
        self.drop(request)
        return read_message(arriving.tree.object_id, pieces, largest)

    def drop(self, request: str) -> None:
        """Look no more for the answer to a request; the SuperLink need not keep it."""
        if arriving := self._arriving.pop(request, None):
            self._client.ConfirmMessageReceived(
                ConfirmMessageReceivedRequest(
                    node=self._grid.node,
                    run_id=self._grid.run.run_id,
                    message_object_id=arriving.tree.object_id,
                )
            )

    def _announced(self, request: str) -> _Arriving | None:
        """Ask whether a node has answered; its pieces may follow."""
        found = self._client.PullMessages(PullAppMessagesRequest(message_ids=[request]))
        for message, tree in zip(found.messages_list, found.message_object_trees, strict=True):
            # what else comes along answers nothing that was asked
            if message.metadata.reply_to_message_id == request:
                arriving = _Arriving(tree, [])
                self._arriving[request] = arriving
                # nodes send the parts before what is made of them
                arriving.pending = piece_names(tree)[::-1]
                return arriving
        return None

    def _is_there(self, arriving: _Arriving) -> bool:
        """Tell whether all pieces have come; none is kept before, so that waiting costs nothing."""
        while arriving.pending:
            if self._piece(arriving.pending[-1]) is None:
                return False
            arriving.pending.pop()
            arriving.come += 1
        return True

    def _piece(self, name: str) -> bytes | None:
        found = self._client.PullObject(
            PullObjectRequest(node=self._grid.node, run_id=self._grid.run.run_id, object_id=name)
        )
        if not found.object_found:
            raise FlowerMessageError("a piece of a message is gone: nothing of it is taken")
        return bytes(found.object_content) if found.object_available else None

    @property
    def _client(self) -> RuntimeHttpClient:
        # a grid gives no other way to a single answer
        return self._grid._runtime_client  # noqa: SLF001
