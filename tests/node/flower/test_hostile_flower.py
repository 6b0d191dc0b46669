"""A Flower that lies, at either end or between them, can stop a round and nothing else."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from flwr.app import ConfigRecord, Context, Error, Message, Metadata, RecordDict
from flwr.app.message import make_message
from flwr.supercore.task_identity import TaskIdentity

from zkfl.chain.states import RoundStatus
from zkfl.exchange import (
    Exchange,
    ExchangedArtifactError,
    ExchangeError,
    OversizeArtifactError,
    UnnamedArtifactError,
)
from zkfl.field import vector_from_bytes
from zkfl.flower.client_app import hospital_app
from zkfl.flower.consortium_name import consortium_name
from zkfl.flower.messages import (
    MESSAGE_TYPE,
    FlowerMessageError,
    MisdirectedMessageError,
    Talk,
    decode,
    new_nonce,
)
from zkfl.flower.server_app import Exchanges
from zkfl.turns import Turn

if TYPE_CHECKING:
    from conftest import FlowerFederation, Site

HOSPITALS = ("ada", "bay", "cay")
NODE, OTHER_NODE = 7, 8
OVERSIZE = 16 * 1024 * 1024 + 1
Change = Callable[[Talk], Talk]


def message(content: RecordDict | Error, answers: str = "", node: int = NODE) -> Message:
    metadata = Metadata(1, "m", node, 1, answers, "", 1_800_000_000.0, 60.0, MESSAGE_TYPE)
    if isinstance(content, Error):
        return make_message(metadata, error=content)
    return make_message(metadata, content=content)


def naming(digest: bytes, content: bytes) -> Change:
    return lambda talk: replace(talk, artefacts={digest: content})


def test_a_hospital_that_lies_is_refused_and_the_model_is_what_integers_give(
    federation: "FlowerFederation",
) -> None:
    site, registry = federation.site, federation.site.coordinator().registry
    context, invented = registry.encryption_context(), b"invented"
    lies: list[tuple[str, Change]] = [
        (
            f"what came in its place hashes to {sha256(b'exchanged').hexdigest()}",
            naming(context, b"exchanged"),
        ),
        (
            # where the aggregator asked for nothing as large, not even the message is put together
            f"is refused: it has {OVERSIZE} bytes|a message has more than [0-9]+ bytes: refused",
            naming(context, bytes(OVERSIZE)),
        ),
        (
            f"the artefact {sha256(invented).hexdigest()} is refused: the chain does not name it",
            naming(sha256(invented).digest(), invented),
        ),
        ("it answers another request", lambda talk: replace(talk, nonce=new_nonce())),
        (
            "is of the consortium '31337:0xElsewhere'",
            lambda talk: replace(talk, consortium="31337:0xElsewhere"),
        ),
    ]

    def was_said(reason: str) -> bool:
        return any(re.search(reason, line) for line in federation.said)

    def lie(answer: Message) -> Message:
        # again until it is heard: an answer that comes too late is asked for anew
        untold = next((change for reason, change in lies if not was_said(reason)), None)
        if untold is not None:
            answer.content = untold(decode(answer.content, consortium_name(registry))).encode()
        return answer

    federation.run(1, lie)
    for reason, _ in lies:
        assert was_said(reason), (reason, federation.said)
    assert registry.round(1).status is RoundStatus.FINAL
    length = site.ground.spec.model_length
    model = vector_from_bytes(federation.store("bay").get(registry.model_hash()), length)
    assert model == site.expected_model(1, [0] * length)


@pytest.fixture
def late(federation: "FlowerFederation") -> Exchange:
    """A hospital whose store lacks everything."""
    return federation.exchange("bay")


def extra_record(content: RecordDict) -> RecordDict:
    content["code"] = ConfigRecord({"run": "this"})
    return content


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"exchanged", ExchangedArtifactError),
        (bytes(OVERSIZE), OversizeArtifactError),
        (None, UnnamedArtifactError),
    ],
    ids=["exchanged", "oversize", "not named"],
)
def test_a_hospital_takes_nothing_false_from_its_superlink(
    site: "Site", late: Exchange, content: bytes | None, refusal: type[ExchangeError]
) -> None:
    digest = site.coordinator().registry.encryption_context()
    artefacts = {digest: content} if content is not None else {bytes(32): b""}
    name = consortium_name(late.registry)
    request = message(Talk(name, new_nonce(), frozenset(), artefacts).encode())
    with pytest.raises(refusal):
        answer(late, request)
    assert late.lacking() == {digest}


def test_a_hospital_answers_no_request_of_another_consortium(late: Exchange) -> None:
    request = message(Talk("1:0xElsewhere", new_nonce(), frozenset(), {}).encode())
    with pytest.raises(MisdirectedMessageError):
        answer(late, request)


def test_a_hospital_runs_nothing_that_comes_along_with_a_request(late: Exchange) -> None:
    name = consortium_name(late.registry)
    request = message(extra_record(Talk(name, new_nonce(), frozenset(), {}).encode()))
    with pytest.raises(FlowerMessageError, match="has the records artefacts, code, exchange"):
        answer(late, request)


def answer(exchange: Exchange, request: Message) -> Message:
    app = hospital_app(exchange, lambda: Turn((), "nothing"))
    return app(request, Context(1, NODE, {}, RecordDict(), {}, 0))


class LyingLink:
    """A SuperLink that answers as it likes."""

    def __init__(self, reply: Callable[[Message], Message]) -> None:
        self._reply = reply
        self._asked: list[Message] = []

    def nodes(self) -> dict[int, str]:
        return {NODE: "bay"}

    def send(self, message: Message) -> str:
        self._asked.append(message)
        return "request"

    def come(self, _: str) -> None:
        return None

    def answer(self, request: str, _: int) -> Message:
        assert request == "request"
        return self._reply(self._asked[-1])

    def drop(self, request: str) -> None:
        assert request == "request"


def unreadable(_: Message) -> Message:
    return json.loads("not json")


def echo(request: Message, node: int = NODE, answers: str = "request") -> Message:
    talk = Talk(consortium_of(request), nonce_of(request), frozenset(), {})
    return message(talk.encode(), answers, node)


def nonce_of(request: Message) -> bytes:
    return bytes(request.content["exchange"]["nonce"])


def consortium_of(request: Message) -> str:
    return str(request.content["exchange"]["consortium"])


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (echo, None),
        (lambda request: echo(request, node=OTHER_NODE), "node 8 answered in its place"),
        (lambda request: echo(request, answers="older"), "something that was not asked"),
        (lambda _: message(Error(1, "gone"), "request"), "no answer, but an error: gone"),
        (lambda _: message(Error(1, "\x1b[2J"), "request"), "an error: \\u{1b}[2J"),
        (unreadable, "JSONDecodeError"),
    ],
    ids=["honest", "wrong node", "answer to nothing", "error", "escapes", "unreadable"],
)
def test_the_aggregator_takes_answers_from_whom_it_asked_alone(
    site: "Site",
    late: Exchange,
    reply: Callable[[Message], Message],
    said: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("run_id", "node_id", "task_id"):
        monkeypatch.setattr(TaskIdentity, f"_{name}", 1)
    heard: list[str] = []
    exchanges = Exchanges(LyingLink(reply), late, heard.append)
    exchanges.pass_over()
    exchanges.pass_over()
    assert len(heard) == (said is not None)
    assert all(line.startswith("bay: ") and str(said) in line for line in heard)
    assert late.lacking() == {site.coordinator().registry.encryption_context()}
