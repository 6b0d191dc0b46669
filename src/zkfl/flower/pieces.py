"""The pieces of which Flower makes a message: counted and measured before any of them is read.

Flower reads a piece as its head says, and puts the parts of an array together as often as the
array's list names them: a megabyte that names itself again and again becomes a gigabyte.
"""

from collections.abc import Mapping

from flwr.app import Array, ArrayRecord, Message, RecordDict
from flwr.app.message.arraychunk import ArrayChunk
from flwr.proto.message_pb2 import ObjectTree
from flwr.supercore.inflatable.inflatable_object import (
    _get_object_body,
    get_object_head_values_from_object_content,
    iterate_object_tree,
)
from flwr.supercore.inflatable.inflatable_utils import inflate_object_from_contents
from pydantic_core import from_json

from zkfl.errors import ZkflError
from zkfl.exchange import MESSAGE_BYTES
from zkfl.flower.messages import FlowerMessageError

LARGEST_MESSAGE = 2 * MESSAGE_BYTES
"""Bytes of all pieces of one message, after which no further piece is taken."""
WORDS_BYTES = 1024 * 1024
"""The most that all pieces of a message have that are no artefact's content: names and numbers."""
MAX_PIECES = 1024
"""Pieces of a message; one with 256 artefacts of a single part has 516."""
_LISTS = {kind.__qualname__ for kind in (Array, ArrayRecord, RecordDict)}
"""Kinds of pieces that name their parts in JSON."""


class OversizeMessageError(ZkflError):
    """Somebody sends more than any message has."""


class Room:
    """What may still come of a message.

    Parameters
    ----------
    largest
        Bytes of all its pieces.
    """

    def __init__(self, largest: int = LARGEST_MESSAGE) -> None:
        self._largest = largest
        self._left = largest

    def take(self, count: int) -> None:
        """Count bytes.

        Raises
        ------
        OversizeMessageError
            There is no room for them.
        """
        self._left -= count
        if self._left < 0:
            raise OversizeMessageError(
                f"a message has more than {self._largest} bytes: refused, as none has"
            )


def piece_names(tree: ObjectTree) -> list[str]:
    """Return the names of a message's pieces, each once.

    Raises
    ------
    OversizeMessageError
        There are more than any message has.
    """
    names: dict[str, None] = {}
    for count, piece in enumerate(iterate_object_tree(tree), 1):
        if count > MAX_PIECES:
            raise OversizeMessageError(f"a message has more than {MAX_PIECES} pieces: refused")
        names[piece.object_id] = None
    return list(names)


def read_message(name: str, pieces: dict[str, bytes], largest: int = LARGEST_MESSAGE) -> Message:
    """Put a message together.

    Parameters
    ----------
    name
        Of the piece that is the message.
    pieces
        By name; they are used up.
    largest
        Bytes that all arrays may have once they are put together.

    Raises
    ------
    OversizeMessageError
        It would be larger than that.
    FlowerMessageError
        The pieces are no message.
    """
    try:
        _require_room(pieces, largest)
        message = inflate_object_from_contents(name, pieces)
    except OversizeMessageError:
        raise
    except Exception as error:  # whatever Flower makes of hostile pieces
        raise FlowerMessageError(
            f"a message's pieces do not fit together ({type(error).__name__}): nothing is taken"
        ) from error
    if not isinstance(message, Message):
        raise FlowerMessageError("a message's pieces make something else: nothing is taken")
    message.metadata.__dict__["_message_id"] = name
    return message


def _require_room(pieces: Mapping[str, bytes], largest: int) -> None:
    """Refuse pieces that would become larger than a message may be."""
    heads = {
        name: get_object_head_values_from_object_content(piece)[:2]
        for name, piece in pieces.items()
    }
    words = Room(WORDS_BYTES)
    for name, (kind, _) in heads.items():
        if kind != ArrayChunk.__qualname__:
            words.take(len(pieces[name]))
    # Flower reads lists with json, where nested brackets can crash the process: another library
    # raises the interpreter's recursion limit. This reader's depth limit holds always.
    lists = {
        name: from_json(_get_object_body(pieces[name]), allow_inf_nan=False)
        for name, (kind, _) in heads.items()
        if kind in _LISTS
    }
    room = Room(largest)
    for name, (kind, parts) in heads.items():
        if kind == Array.__qualname__:
            # an index may come again: equal parts of an artefact are one piece
            for index in lists[name]["arraychunk_ids"]:
                room.take(len(pieces[parts[index]]))
