"""An endpoint that lies about keys, contexts, rounds or sums: refused, and nothing is sent."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.chain.errors import RpcError
from zkfl.chain.registry import Registry
from zkfl.chain.sender import TransactionSender
from zkfl.chain.states import Member, Round, RoundStatus
from zkfl.curve import add, multiply, subtract
from zkfl.errors import ZkflError
from zkfl.masks import MaskKey
from zkfl.node.errors import HospitalError
from zkfl.node.key_holder import SumRefusedError
from zkfl.node.known_disputes import UnknownDisputeError
from zkfl.node.pinned_keys import PinnedKeyError
from zkfl.node.round_journal import RoundChangedError, RoundJournalError
from zkfl.node.signed_statements import UnsignedKeyError

if TYPE_CHECKING:
    from conftest import Site

Lie = Callable[[Any], Any]


def lie(patch: pytest.MonkeyPatch, view: str, change: Lie) -> None:
    """Let every registry answer a view with something else."""
    honest = getattr(Registry, view)
    patch.setattr(Registry, view, lambda *arguments: change(honest(*arguments)))


def refuses(site: "Site", error: type[ZkflError], message: str) -> None:
    sent, stored = site.sent("bay"), site.stored()
    with pytest.raises(error, match=message):
        site.node("bay").submit(1)
    assert (site.sent("bay"), site.stored()) == (sent, stored)


def another_key(member: Member) -> Member:
    return replace(member, mask_key=MaskKey.generate().public_bytes())


@pytest.mark.parametrize(
    ("view", "change", "error", "message"),
    [
        ("member_of", another_key, UnsignedKeyError, "no transaction in which"),
        (
            "round",
            lambda state: replace(state, encryption_context=bytes([7]) * 32),
            PinnedKeyError,
            "ask the key holder over another channel",
        ),
    ],
    ids=["a peer's mask key", "the encryption context"],
)
def test_keys_that_differ_from_those_seen_before(  # noqa: PLR0913, PLR0917 - a case's parts
    site: "Site",
    monkeypatch: pytest.MonkeyPatch,
    view: str,
    change: Lie,
    error: type[ZkflError],
    message: str,
) -> None:
    site.node("bay").prove(1)
    with monkeypatch.context() as patch:
        lie(patch, view, change)
        refuses(site, error, message)
    assert site.node("bay").submit(1) is not None


def test_damaged_pins(site: "Site") -> None:
    site.node("bay").prove(1)
    site.home("bay").pinned_keys.write_text("{}{")
    refuses(site, PinnedKeyError, "is damaged")


@pytest.mark.parametrize(
    ("view", "change"),
    [
        ("participation", lambda part: replace(part, shard_index=part.shard_index + 1)),
        ("round", lambda state: replace(state, model_before=multiply(state.model_before, 2))),
    ],
    ids=["shard", "model"],
)
def test_another_round_under_the_same_number(
    site: "Site", monkeypatch: pytest.MonkeyPatch, view: str, change: Lie
) -> None:
    site.node("bay").prove(1)
    with monkeypatch.context() as patch:
        lie(patch, view, change)
        refuses(site, RoundChangedError, "was begun for another round of this number")
    assert site.node("bay").submit(1) is not None


@pytest.mark.parametrize(
    ("view", "change"),
    [
        ("participation", lambda part: replace(part, weight=part.weight + 1)),
        ("participation", lambda part: replace(part, share=part.share + 1)),
        ("cohort", lambda members: [*members[:2], "0x" + "77" * 20, *members[2:]]),
    ],
    ids=["weight", "share", "cohort"],
)
def test_another_attempt_under_the_same_number(
    site: "Site", monkeypatch: pytest.MonkeyPatch, view: str, change: Lie
) -> None:
    """Two masked updates of one attempt would differ by what the endpoint chose."""
    with monkeypatch.context() as patch:
        patch.setattr(TransactionSender, "send", cut_off)
        with pytest.raises(RpcError, match="cut off"):
            site.node("bay").submit(1)
    assert (site.home("bay").round(1) / "submission-1.json").exists()
    with monkeypatch.context() as patch:
        patch.setattr("zkfl.node.round_masks.require_pinned", lambda *_: None)
        patch.setattr(Registry, "unpaired", lambda *_: False)
        lie(patch, view, change)
        refuses(site, RoundChangedError, "was begun for another round of this number")
    assert site.node("bay").submit(1) is not None


def test_pairs_that_share_no_mask_though_they_do(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    """With every pair gone the mask would be zero, and the update bare."""
    monkeypatch.setattr(Registry, "unpaired", lambda *_: True)
    refuses(site, UnknownDisputeError, "no dispute in which that peer signed")


def test_an_attempt_that_this_node_sealed_nothing_for(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A peer could make up the mask of an attempt that only the endpoint knows."""
    for name in ("ada", "bay", "cay"):
        site.node(name).submit(1)
    lie(monkeypatch, "participation", lambda part: replace(part, answered=False))
    for attempt in (1, 7):
        with monkeypatch.context() as patch:
            lie(
                patch,
                "round",
                lambda s, a=attempt: replace(s, attempt=a, status=RoundStatus.REVEALING),
            )
            lie(patch, "participation", lambda part: replace(part, mask=multiply(part.mask, 2)))
            sent = site.sent("bay")
            with pytest.raises(HospitalError, match="sealed no update under the mask"):
                site.node("bay").reveal(1)
            assert site.sent("bay") == sent


def test_a_further_attempt_that_never_began(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        lie(patch, "round", lambda state: replace(state, attempt=2))
        refuses(site, HospitalError, "is at attempt 2")
        with pytest.raises(HospitalError, match="is not in its folder"):
            site.node("bay").remask(1)
    assert site.node("bay").submit(1) is not None


def cut_off(*_: object) -> None:
    raise RpcError("cut off")


def test_secrets_without_the_round_they_were_drawn_for(site: "Site") -> None:
    site.node("bay").prove(1)
    (site.home("bay").round(1) / "identity").unlink()
    refuses(site, RoundJournalError, "identity is lost")


def test_contexts_are_not_taken_from_the_endpoint(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another member could post a proof that was made under that member's context."""
    for view in ("training_context", "admission_context"):
        lie(monkeypatch, view, lambda context: context + 1)
    assert site.node("bay").submit(1) is not None


def test_the_key_holder_opens_no_single_ciphertext(
    site: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = {name: site.node(name) for name in ("ada", "bay", "cay")}
    for node in nodes.values():
        node.submit(1)
    coordinator = site.coordinator()
    coordinator.close_round(1)
    ground, holder = site.ground, nodes["ada"]
    part = holder.registry.participation(1, nodes["bay"].address)
    coordinator.registry.announce_sum(1, part.ciphertext_hash)

    def for_one(state: Round) -> Round:
        """Show the point that the one masked update opens: it is public."""
        zero = ground.committer.zero
        update = multiply(subtract(part.update, zero), part.weight)
        masked = add(update, subtract(part.mask, zero))
        return replace(state, model_after=add(state.model_before, masked))

    stored = site.stored()
    with monkeypatch.context() as patch:
        lie(patch, "round", for_one)
        with pytest.raises(SumRefusedError, match="nothing is opened until"):
            holder.open_sum(1)
        lie(patch, "cohort", lambda _: [nodes["bay"].address])
        with pytest.raises(SumRefusedError, match="do not cancel"):
            holder.open_sum(1)
        lie(patch, "participation", lambda p: replace(p, mask=ground.committer.zero))
        with pytest.raises(SumRefusedError, match="the endpoint lies"):
            holder.open_sum(1)
    with pytest.raises(SumRefusedError, match="nothing is opened until"):
        holder.open_sum(1)
    assert site.stored() == stored
    coordinator.announce_sum(1)
    holder.open_sum(1)
    assert coordinator.registry.round(1).sum_hash != bytes(32)


def test_a_cohort_of_one_has_no_sum(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ada", "bay", "cay"):
        site.node(name).submit(1)
    coordinator, holder = site.coordinator(), site.node("ada")
    coordinator.close_round(1)
    single = coordinator.registry.participation(1, site.address("bay")).ciphertext_hash
    coordinator.registry.announce_sum(1, single)
    monkeypatch.setattr(Registry, "cohort", lambda *_: [site.address("bay")])
    with pytest.raises(SumRefusedError, match="do not cancel"):
        holder.open_sum(1)


def test_a_bound_of_no_noise(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    """Without noise a sum would show the update; the bound is that of the node's agreement."""
    with monkeypatch.context() as patch:
        lie(patch, "config", lambda config: replace(config, noise_bound=0))
        site.node("bay").prove(1)
    spec = site.ground.spec
    secrets = site.journal("bay").vector("secrets", spec.secrets_length)
    assert secrets is not None
    assert any(secrets[: spec.parameters])
    assert site.node("bay").submit(1) is not None


def test_another_sum_of_a_published_round(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever vouches for another file than C(G') opens to is excluded."""
    nodes = [site.node(name) for name in ("ada", "bay", "cay")]
    for node in nodes:
        node.prove(1)
        node.submit(1)
    coordinator = site.coordinator()
    coordinator.close_round(1)
    coordinator.announce_sum(1)
    nodes[0].open_sum(1)
    coordinator.publish_model(1)
    with monkeypatch.context() as patch:
        lie(
            patch, "round", lambda state: replace(state, model_after=multiply(state.model_after, 2))
        )
        with pytest.raises(SumRefusedError, match="the endpoint lies"):
            nodes[1].acknowledge(1)
    assert nodes[1].acknowledge(1) is not None
