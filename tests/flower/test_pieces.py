"""Pieces of a message are counted and measured before they are read, and rubbish is refused."""

import hashlib
import json
from collections.abc import Callable

import pytest
from flwr.app import Message
from flwr.proto.message_pb2 import ObjectTree
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_id,
    get_object_tree,
)
from flwr.supercore.inflatable.inflatable_utils import validate_object_content
from flwr.supercore.task_identity import TaskIdentity

from zkfl.flower.messages import MESSAGE_TYPE, FlowerMessageError, Talk, decode, new_nonce
from zkfl.flower.pieces import (
    MAX_PIECES,
    WORDS_BYTES,
    OversizeMessageError,
    Room,
    piece_names,
    read_message,
)

HERE = "31337:0xHere"
CHUNK_BYTES = 5 * 1024 * 1024
ROOM = 2 * CHUNK_BYTES
Forge = Callable[[bytes], bytes]


@pytest.fixture(autouse=True)
def sender(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("run_id", "node_id", "task_id"):
        monkeypatch.setattr(TaskIdentity, f"_{name}", 1)


def message(*artefacts: bytes) -> Message:
    named = {hashlib.sha256(one).digest(): one for one in artefacts}
    return Message(Talk(HERE, new_nonce(), frozenset(), named).encode(), 1, MESSAGE_TYPE)


def pieces_of(said: Message) -> dict[str, bytes]:
    return {name: one.deflate() for name, one in get_all_nested_objects(said).items()}


def top_of(pieces: dict[str, bytes]) -> str:
    [top] = [name for name, one in pieces.items() if one.startswith(b"Message ")]
    return top


def forged(pieces: dict[str, bytes], kind: bytes, body: Forge) -> dict[str, bytes]:
    """Change a piece's body, and with it all names up to the message's, as a hostile node can."""
    [name] = [name for name, one in pieces.items() if one.startswith(kind + b" ")]
    head, old = pieces[name].split(b"\0", 1)
    new = body(old)
    _exchange(pieces, name, b" ".join([*head.split(b" ")[:2], b"%d" % len(new)]) + b"\0" + new)
    for one in pieces.values():
        validate_object_content(one)
    return pieces


def _exchange(pieces: dict[str, bytes], name: str, content: bytes) -> None:
    del pieces[name]
    new = get_object_id(content)
    pieces[new] = content
    for other, one in list(pieces.items()):
        if name.encode() in one:
            _exchange(pieces, other, one.replace(name.encode(), new.encode()))


@pytest.mark.parametrize(
    "artefact", [b"", b"an update", bytes(CHUNK_BYTES + 7), bytes(2 * CHUNK_BYTES - 500)]
)
def test_a_message_is_put_together_as_it_was(artefact: bytes) -> None:
    said = message(artefact)
    pieces = pieces_of(said)
    assert set(piece_names(get_object_tree(said))) == set(pieces)
    got = read_message(top_of(pieces), pieces, ROOM)
    assert list(decode(got.content, HERE).artefacts.values()) == [artefact]


def repeated(times: int) -> Forge:
    def body(old: bytes) -> bytes:
        return json.dumps(json.loads(old) | {"arraychunk_ids": [0] * times}).encode()

    return body


def test_a_piece_that_names_itself_again_and_again_is_refused() -> None:
    pieces = forged(pieces_of(message(bytes(1_000_000))), b"Array", repeated(60))
    with pytest.raises(OversizeMessageError, match=f"more than {ROOM} bytes"):
        read_message(top_of(pieces), pieces, ROOM)


def test_arrays_that_share_a_piece_are_measured_each() -> None:
    # the second array has the first one's piece, and some bytes more
    pieces = pieces_of(message(bytes(CHUNK_BYTES), bytes(CHUNK_BYTES + 1)))
    assert sum(map(len, pieces.values())) < ROOM
    with pytest.raises(OversizeMessageError, match=f"more than {ROOM} bytes"):
        read_message(top_of(pieces), pieces, ROOM)


@pytest.mark.parametrize("kind", [b"Array", b"ArrayRecord", b"RecordDict", b"Message"])
@pytest.mark.parametrize("body", [b"not json", b"{}", b"[]", b"\xff", b"[" * 100_000])
def test_rubbish_is_refused_and_does_not_fall_through(kind: bytes, body: bytes) -> None:
    pieces = forged(pieces_of(message(b"an update")), kind, lambda _: body)
    with pytest.raises(FlowerMessageError, match="do not fit together"):
        read_message(top_of(pieces), pieces)


@pytest.mark.parametrize("indices", [[1], ["0"], 0, [None]])
def test_parts_that_an_array_has_not_are_refused(indices: object) -> None:
    body = {"dtype": "uint8", "shape": [9], "stype": "zkfl.bytes", "arraychunk_ids": indices}
    made = pieces_of(message(b"an update"))
    pieces = forged(made, b"Array", lambda _: json.dumps(body).encode())
    with pytest.raises(FlowerMessageError, match="do not fit together"):
        read_message(top_of(pieces), pieces)


def test_endless_words_are_refused_before_they_are_read() -> None:
    pieces = forged(pieces_of(message(b"an update")), b"Array", lambda _: b"[" * WORDS_BYTES)
    with pytest.raises(OversizeMessageError, match=f"more than {WORDS_BYTES} bytes"):
        read_message(top_of(pieces), pieces)


def test_a_piece_that_is_missing_or_no_message_is_refused() -> None:
    pieces = pieces_of(message(b"an update"))
    [chunk] = [name for name, one in pieces.items() if one.startswith(b"ArrayChunk ")]
    with pytest.raises(FlowerMessageError, match="make something else"):
        read_message(chunk, dict(pieces))
    del pieces[chunk]
    with pytest.raises(FlowerMessageError, match="do not fit together"):
        read_message(top_of(pieces), pieces)


def test_pieces_are_counted() -> None:
    leaves = [ObjectTree(object_id=f"{number:064x}") for number in range(MAX_PIECES)]
    assert len(piece_names(ObjectTree(object_id="f" * 64, children=leaves[1:]))) == MAX_PIECES
    with pytest.raises(OversizeMessageError, match=f"more than {MAX_PIECES} pieces"):
        piece_names(ObjectTree(object_id="f" * 64, children=leaves))


def test_room_ends() -> None:
    room = Room(10)
    room.take(10)
    with pytest.raises(OversizeMessageError, match="more than 10 bytes"):
        room.take(1)
