"""A round through the wrapper; the verifier accepts, so that points alone decide."""

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest

from zkfl.chain.anvil import Anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deploy import DeployConfig, deploy
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.protocol import selected_shard, shares, weight
from zkfl.chain.registry import Registry
from zkfl.chain.states import FailureReason, RoundStatus, WeightRule
from zkfl.curve import G1, G1Point, add, encode_point, linear_combination, multiply, subtract

ZERO, LAGRANGE0, LAGRANGE1 = (multiply(G1, factor) for factor in (11, 12, 13))
SLOTS, NOISE_BOUND = 128, 64
COUNTS = [[128, 40], [100], [7]]
MODEL_HASH, SUM_HASH = b"\x0a" * 32, b"\x0b" * 32
ENCRYPTED_SUM_HASH = b"\x0e" * 32


def public_point(scalar: int, context: int) -> G1Point:
    return add(ZERO, linear_combination([scalar, context], [LAGRANGE0, LAGRANGE1]))


def admit(registry: Registry, count: int, data: G1Point) -> None:
    sender = registry.client.sender
    context = registry.admission_context(sender, registry.shard_count(sender))
    points = (data, public_point(count, context), ZERO)
    registry.admit_shard(count, b"".join(map(encode_point, points)))


def submit(registry: Registry, round_id: int, update: G1Point, mask: G1Point) -> None:
    sender = registry.client.sender
    part = registry.participation(round_id, sender)
    data = registry.shard_of(sender, part.shard_index).commitment
    public = public_point(NOISE_BOUND, registry.training_context(sender, round_id))
    points = (data, registry.model(), G1, public, update, ZERO)
    registry.submit_update(round_id, b"".join(map(encode_point, points)), mask, b"\x0c" * 32)


@pytest.fixture
def parties(anvil: Anvil, sample_deployment: DeployConfig) -> SimpleNamespace:
    clients = [
        ChainClient(anvil.url, anvil.new_account(), anvil.chain_id, decoder=error_decoder())
        for _ in range(4)
    ]
    owner, hospitals = clients[0], clients[1:]
    consortium = replace(
        sample_deployment.consortium,
        shard_slots=SLOTS,
        noise_bound=NOISE_BOUND,
        weight_rule=WeightRule.CAPPED,
    )
    config = replace(
        sample_deployment,
        consortium=consortium,
        aggregator=owner.sender,
        guardian=owner.sender,
        key_holder=owner.sender,
        members=[(hospital.sender, f"Hospital {i}") for i, hospital in enumerate(hospitals)],
    )
    address = deploy(owner, config).registry
    views = [Registry(hospital, address) for hospital in hospitals]
    registry = Registry(owner, address)
    registry.announce_encryption_context(b"\x0d" * 32)
    for place, view in enumerate(views):
        view.announce_mask_key(bytes([place + 1]) * 32)
        for index, count in enumerate(COUNTS[place]):
            admit(view, count, multiply(G1, 1000 + 10 * place + index))
    return SimpleNamespace(registry=registry, hospitals=views)


@pytest.fixture
def masks() -> list[G1Point]:
    secret = [5, 9, -14]
    return [add(ZERO, multiply(G1, entry)) for entry in secret]


def test_a_round_moves_the_model_by_the_weighted_sum(
    parties: SimpleNamespace, masks: list[G1Point]
) -> None:
    registry: Registry = parties.registry
    before = registry.model()
    round_id, opened = registry.open_round()
    assert opened.gas_used > 21_000
    assert registry.current_round() == round_id == 1
    members = [view.client.sender for view in parties.hospitals]
    assert registry.cohort(round_id) == members
    opened_round = registry.round(round_id)
    assert (opened_round.status, opened_round.attempt) == (RoundStatus.OPEN, 1)
    assert opened_round.encryption_context == b"\x0d" * 32

    updates = [multiply(G1, 2000 + place) for place in range(3)]
    for view, update, mask in zip(parties.hospitals, updates, masks, strict=True):
        submit(view, round_id, update, mask)
    registry.close_round(round_id)
    weights = [registry.participation(round_id, member).weight for member in members]
    moved = linear_combination(weights, [subtract(update, ZERO) for update in updates])
    assert registry.round(round_id).model_after == add(before, moved)

    registry.announce_sum(round_id, ENCRYPTED_SUM_HASH)
    registry.open_sum(round_id, ENCRYPTED_SUM_HASH, SUM_HASH)
    registry.publish_model(round_id, MODEL_HASH)
    for view in parties.hospitals:
        view.acknowledge(round_id, MODEL_HASH)
    assert registry.participation(round_id, members[0]).acknowledged == MODEL_HASH
    assert registry.final_round() == round_id
    final = registry.round(round_id)
    assert (final.status, final.model_hash, final.sum_hash) == (
        RoundStatus.FINAL,
        MODEL_HASH,
        SUM_HASH,
    )
    assert (registry.model(), registry.model_hash()) == (add(before, moved), MODEL_HASH)
    [finalized] = registry.events(names=["RoundFinalized"])
    assert finalized.values["modelAfter"] == {"x": final.model_after.x, "y": final.model_after.y}
    submitted = registry.events(names=["UpdateSubmitted"])
    assert [event.values["member"] for event in submitted] == members


def test_shares_weights_and_shards_are_those_of_the_formulas(parties: SimpleNamespace) -> None:
    registry: Registry = parties.registry
    round_id, _ = registry.open_round()
    seed = registry.selection_seed()
    expected = shares(WeightRule.CAPPED, [sum(counts) for counts in COUNTS], 32_768)
    for view, counts, share in zip(parties.hospitals, COUNTS, expected, strict=True):
        member = view.client.sender
        part = registry.participation(round_id, member)
        assert part.shard_index == selected_shard(
            seed, registry.member_id_of(member), len(counts), round_id
        )
        assert part.share == share
        assert part.weight == weight(share, SLOTS, counts[part.shard_index])
        assert not part.submitted
        assert registry.member_of(member).records == sum(counts)


def test_masks_that_do_not_cancel_are_disputed(
    parties: SimpleNamespace, masks: list[G1Point]
) -> None:
    registry: Registry = parties.registry
    round_id, _ = registry.open_round()
    for place, view in enumerate(parties.hospitals):
        submit(view, round_id, multiply(G1, 2000 + place), masks[0])
    registry.close_round(round_id)
    assert registry.round(round_id).status is RoundStatus.DISPUTED
    assert registry.model() == ZERO


def test_a_missed_deadline_fails_the_round(parties: SimpleNamespace, anvil: Anvil) -> None:
    registry: Registry = parties.registry
    round_id, _ = registry.open_round()
    with pytest.raises(ContractRevertError) as early:
        registry.push_round(round_id)
    assert early.value.name == "DeadlineNotReached"
    anvil.advance_time(3_601)
    registry.push_round(round_id)
    failed = registry.round(round_id)
    assert (failed.status, failed.failure) == (
        RoundStatus.FAILED,
        FailureReason.TOO_FEW_SUBMISSIONS,
    )


@pytest.mark.parametrize(
    ("attack", "name"),
    [
        (lambda r, i: submit(r, i, G1, G1), "AlreadySubmitted"),
        (lambda r, i: r.close_round(i), "SubmissionsMissing"),
        (lambda r, i: r.close_round(i + 1), "WrongRoundStatus"),
        (lambda r, i: r.acknowledge(i, MODEL_HASH), "WrongRoundStatus"),
        (lambda r, _: r.open_round(), "AccessControlUnauthorizedAccount"),
        (lambda r, _: r.announce_mask_key(b"\x01" * 32), "RoundInProgress"),
        (lambda r, _: r.remove_member(r.client.sender), "AccessControlUnauthorizedAccount"),
        (lambda r, _: r.leave(), "RoundInProgress"),
        (lambda r, i: r.publish_model(i, SUM_HASH), "AccessControlUnauthorizedAccount"),
    ],
)
def test_refusals_carry_the_contracts_error(
    parties: SimpleNamespace,
    masks: list[G1Point],
    attack: Callable[[Registry, int], object],
    name: str,
) -> None:
    hospital: Registry = parties.hospitals[0]
    round_id, _ = parties.registry.open_round()
    submit(hospital, round_id, multiply(G1, 2000), masks[0])
    with pytest.raises(ContractRevertError) as refused:
        attack(hospital, round_id)
    assert refused.value.name == name
