"""Messages over Flower say what was meant, and anything else is refused for what is wrong."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from zkfl.flower.messages import (
    MAX_DIGESTS,
    FlowerMessageError,
    MisdirectedMessageError,
    Talk,
    decode,
    new_nonce,
)

HERE, ELSEWHERE = "31337:0xHere", "31337:0xElsewhere"
FILE = b"an encrypted update"
NAME = sha256(FILE).digest()
Edit = Callable[[RecordDict], None]


def talk(nonce: bytes | None = None) -> Talk:
    return Talk(HERE, nonce or new_nonce(), frozenset({bytes(32)}), {NAME: FILE})


def test_a_message_arrives_as_it_was_meant() -> None:
    said = talk()
    assert decode(said.encode(), HERE) == said
    assert decode(said.encode(), HERE, said.nonce) == said


def test_an_update_is_not_shown_where_a_message_is_logged() -> None:
    assert FILE.decode() not in repr(talk())


def test_a_message_of_another_consortium_is_refused() -> None:
    with pytest.raises(MisdirectedMessageError, match="0xHere"):
        decode(talk().encode(), ELSEWHERE)


def test_an_answer_to_another_request_is_refused() -> None:
    with pytest.raises(MisdirectedMessageError, match="another request"):
        decode(talk().encode(), HERE, new_nonce())


def head(change: dict[str, object]) -> Edit:
    def edit(content: RecordDict) -> None:
        content["exchange"] = ConfigRecord(dict(content["exchange"]) | change)  # type: ignore[arg-type]

    return edit


def array(**change: object) -> Edit:
    parts = {"dtype": "uint8", "shape": (len(FILE),), "stype": "zkfl.bytes", "data": FILE}

    def edit(content: RecordDict) -> None:
        content["artefacts"] = ArrayRecord({NAME.hex(): Array(**(parts | change))})

    return edit


def renamed(name: str) -> Edit:
    def edit(content: RecordDict) -> None:
        [one] = content["artefacts"].values()
        content["artefacts"] = ArrayRecord({name: one})

    return edit


def many(content: RecordDict) -> None:
    [one] = content["artefacts"].values()
    names = [sha256(bytes([n % 256, n // 256])).hexdigest() for n in range(MAX_DIGESTS + 1)]
    content["artefacts"] = ArrayRecord(dict.fromkeys(names, one))


def without_artefacts(content: RecordDict) -> None:
    del content["artefacts"]


def other_kind(content: RecordDict) -> None:
    content["artefacts"] = MetricRecord({"loss": 0.5})


def one_more(content: RecordDict) -> None:
    content["code"] = ConfigRecord({"run": "this"})


def escaping(content: RecordDict) -> None:
    content["\x1b[2J"] = ConfigRecord({})


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (without_artefacts, "has the records exchange"),
        (escaping, r"has the records \\u\{1b\}\[2J, artefacts, exchange"),
        (one_more, "has the records artefacts, code, exchange"),
        (other_kind, "of other kinds"),
        (head({"format": "zkfl.exchange.v0"}), "a message's head"),
        (head({"extra": 1}), "a message's head"),
        (head({"consortium": 1}), "named by text"),
        (head({"nonce": b"short"}), "a nonce has 32 bytes"),
        (head({"nonce": "text" * 8}), "a nonce has 32 bytes"),
        (head({"lacking": b"x" * 32}), "up to 256 artefacts"),
        (head({"lacking": [bytes(32)] * (MAX_DIGESTS + 1)}), "up to 256 artefacts"),
        (head({"lacking": [bytes(31)]}), "the 32 bytes of a SHA-256"),
        (head({"lacking": ["00" * 32]}), "the 32 bytes of a SHA-256"),
        (many, "has 257 artefacts"),
        (renamed("../../keys/chain.json"), "no name of an artefact"),
        (renamed(NAME.hex().upper()), "no name of an artefact"),
        (renamed(NAME.hex()[:-2]), "no name of an artefact"),
        (array(stype="numpy.ndarray"), "did not come as plain bytes"),
        (array(dtype="object"), "did not come as plain bytes"),
        (array(shape=(1,)), "did not come as plain bytes"),
    ],
)
def test_what_is_no_message_is_refused_for_what_is_wrong(edit: Edit, reason: str) -> None:
    content = talk().encode()
    edit(content)
    with pytest.raises(FlowerMessageError, match=reason):
        decode(content, HERE)
