from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkfl.chain.protocol import (
    WHOLE_SHARE,
    ProtocolError,
    admission_context,
    mask_cohort,
    mask_context,
    rewarded,
    scores,
    selected_shard,
    shares,
    training_context,
    weight,
)
from zkfl.chain.states import WeightRule
from zkfl.field import SCALAR_MODULUS

REGISTRY = "0x5FbDB2315678afecb367f032d93F642f64180aa3"
MEMBER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
RECORDS = st.lists(st.integers(1, 10**6), min_size=3, max_size=40)


@given(rule=st.sampled_from(WeightRule), records=RECORDS)
def test_shares_sum_to_the_whole_and_differ_from_proportion_by_less_than_one(
    rule: WeightRule, records: list[int]
) -> None:
    assigned = shares(rule, records)
    assert sum(assigned) == WHOLE_SHARE
    total = sum(scores(rule, records))
    for score, share in zip(scores(rule, records), assigned, strict=True):
        assert abs(share - Fraction(score * WHOLE_SHARE, total)) < 1


@given(records=RECORDS, cap=st.integers(1, WHOLE_SHARE))
def test_a_cap_holds_and_keeps_the_order(records: list[int], cap: int) -> None:
    if cap * len(records) < WHOLE_SHARE:
        with pytest.raises(ProtocolError, match="do not reach"):
            shares(WeightRule.CAPPED, records, cap)
        return
    assigned = shares(WeightRule.CAPPED, records, cap)
    assert sum(assigned) == WHOLE_SHARE
    assert max(assigned) <= cap
    ordered = sorted(zip(records, assigned, strict=True))
    assert all(later[1] >= earlier[1] - 1 for earlier, later in pairwise(ordered))


@given(records=RECORDS, data=st.data())
def test_a_benefit_moves_no_share_out_of_half_to_twice(
    records: list[int], data: st.DataObject
) -> None:
    levels = data.draw(st.lists(st.integers(0, 16), min_size=len(records), max_size=len(records)))
    counted = [rewarded(count, level) for count, level in zip(records, levels, strict=True)]
    assigned = shares(WeightRule.BENEFIT, counted)
    assert sum(assigned) == WHOLE_SHARE
    for count, share in zip(records, assigned, strict=True):
        by_records = Fraction(count * WHOLE_SHARE, sum(records))
        assert by_records / 2 - 1 < share < 2 * by_records + 1


@pytest.mark.parametrize("level", [-1, 17])
def test_a_level_that_does_not_exist_is_refused(level: int) -> None:
    with pytest.raises(ProtocolError, match=f"levels are 0 to 16, got {level}"):
        rewarded(100, level)


def test_shares_by_hand() -> None:
    assert shares(WeightRule.RECORDS, [1, 1, 2]) == [16384, 16384, 32768]
    # 65536 / 3 leaves one unit, which goes to the earlier place
    assert shares(WeightRule.EQUAL, [5, 6, 7]) == [21846, 21845, 21845]
    assert shares(WeightRule.SQUARE_ROOT, [100, 400, 100]) == [16384, 32768, 16384]
    assert shares(WeightRule.CAPPED, [1, 1, 8], 32768) == [16384, 16384, 32768]
    # the second member passes the cap only once the first was cut
    assert shares(WeightRule.CAPPED, [100, 45, 5, 5], 29000) == [29000, 29000, 3768, 3768]


@pytest.mark.parametrize("records", [[], [0, 1, 2], [-1, 1, 1]])
def test_members_without_records_have_no_shares(records: list[int]) -> None:
    with pytest.raises(ProtocolError, match="every member of a cohort has records"):
        shares(WeightRule.RECORDS, records)


@given(share=st.integers(0, WHOLE_SHARE), slots=st.integers(1, 4096), data=st.data())
def test_a_weight_is_the_nearest_integer_and_halves_go_up(
    share: int, slots: int, data: st.DataObject
) -> None:
    used = data.draw(st.integers(1, slots))
    exact = Fraction(share * slots, used)
    difference = weight(share, slots, used) - exact
    assert Fraction(-1, 2) < difference <= Fraction(1, 2)


@pytest.mark.parametrize("used", [0, 129])
def test_a_shard_of_no_or_too_many_slots_has_no_weight(used: int) -> None:
    with pytest.raises(ProtocolError, match=f"1 to 128 slots, got {used}"):
        weight(1, 128, used)


@given(seed=st.binary(min_size=32, max_size=32), count=st.integers(1, 30), first=st.integers(1, 99))
def test_every_shard_is_selected_once_in_as_many_rounds(
    seed: bytes, count: int, first: int
) -> None:
    rounds = range(first, first + count)
    selected = {selected_shard(seed, 3, count, round_id) for round_id in rounds}
    assert selected == set(range(count))


def test_a_member_without_shards_selects_none() -> None:
    with pytest.raises(ProtocolError, match="no admitted shard"):
        selected_shard(bytes(32), 3, 0, 1)


def test_contexts_differ_in_every_part() -> None:
    base = (31_337, REGISTRY, MEMBER, 1)
    others = [(1, *base[1:]), (31_337, MEMBER, MEMBER, 1), (31_337, REGISTRY, REGISTRY, 1)]
    others.append((*base[:3], 2))
    contexts = [f(*args) for f in (admission_context, training_context) for args in (base, *others)]
    assert len(set(contexts)) == len(contexts)
    assert all(0 <= context < SCALAR_MODULUS for context in contexts)
    masks = {mask_context(31_337, REGISTRY, r, a) for r in (1, 2) for a in (0, 1)}
    assert len(masks) == 4


def test_a_cohort_is_named_by_its_order_and_its_keys() -> None:
    keys = {f"0x{digit * 40}": bytes([number]) * 32 for number, digit in enumerate("abc")}
    first, *rest = keys.items()
    others = [
        dict([*rest, first]),
        dict(rest),
        {**keys, first[0]: bytes([9]) * 32},
        dict(zip(keys, reversed(keys.values()), strict=True)),
    ]
    assert len({mask_cohort(cohort) for cohort in [keys, *others]}) == 5
    assert mask_cohort(dict(keys)) == mask_cohort(keys)
