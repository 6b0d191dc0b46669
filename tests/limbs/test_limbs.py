"""Field elements split into limbs come back exactly, alone or summed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkfl.field import SCALAR_MODULUS, FieldError
from zkfl.limbs import (
    LARGEST_SUMMED_LIMB,
    LIMB_BITS,
    LIMBS,
    MAX_SUMMANDS,
    from_limbs,
    to_limbs,
)

P = SCALAR_MODULUS
EDGES = (0, 1, (1 << 16) - 1, 1 << 16, (1 << 128) - 1, P // 2, P // 2 + 1, P - 1)
elements = st.one_of(st.sampled_from(EDGES), st.integers(0, P - 1))
vectors = st.lists(elements, max_size=8)


@given(vectors)
def test_splitting_and_joining_is_the_identity(vector: list[int]) -> None:
    limbs = to_limbs(vector)
    assert len(limbs) == LIMBS * len(vector)
    assert all(0 <= limb < 1 << LIMB_BITS for limb in limbs)
    assert from_limbs(limbs) == vector


def test_limbs_stand_least_significant_first_entry_after_entry() -> None:
    first, second = to_limbs([1 + (2 << 16), 3 << 240]), to_limbs([P - 1])
    assert first == [1, 2, *[0] * 14, *[0] * 15, 3]
    assert second == [((P - 1) >> (16 * place)) & 0xFFFF for place in range(16)]


@given(st.integers(1, MAX_SUMMANDS), st.data())
@settings(max_examples=50)
def test_sums_of_limbs_join_to_sums_mod_p(count: int, data: st.DataObject) -> None:
    summands = data.draw(
        st.lists(st.lists(elements, min_size=2, max_size=2), min_size=count, max_size=count)
    )
    limbs = [sum(column) for column in zip(*map(to_limbs, summands), strict=True)]
    assert max(limbs) <= LARGEST_SUMMED_LIMB
    assert from_limbs(limbs) == [sum(column) % P for column in zip(*summands, strict=True)]


def test_the_largest_sum_stays_below_the_plaintext_space() -> None:
    """64 vectors of the largest limbs: below 2^22, far from a 41-bit modulus."""
    assert LARGEST_SUMMED_LIMB == 64 * 65_535 < 1 << 22
    largest = [LARGEST_SUMMED_LIMB] * LIMBS
    assert from_limbs(largest) == [MAX_SUMMANDS * ((1 << 256) - 1) % P]


@given(st.integers(0, 7), st.one_of(st.integers(max_value=-1), st.integers(min_value=P)))
def test_what_is_no_field_element_is_refused_wherever_it_stands(place: int, wrong: int) -> None:
    vector = [1] * 8
    vector[place] = wrong
    with pytest.raises(FieldError, match="not a field element"):
        to_limbs(vector)


@given(st.integers(1, 4 * LIMBS).filter(lambda length: length % LIMBS))
def test_limbs_that_fill_no_entry_are_refused(length: int) -> None:
    with pytest.raises(FieldError, match=f"{length} limbs"):
        from_limbs([0] * length)


@given(st.lists(st.integers(-(1 << 300), 1 << 300), min_size=LIMBS, max_size=LIMBS))
def test_limbs_of_any_size_are_carried_not_cut(limbs: list[int]) -> None:
    """Their range is the reader's business, who knows how many were summed."""
    assert from_limbs(limbs) == [sum(v << (16 * i) for i, v in enumerate(limbs)) % P]


def test_nothing_is_nothing() -> None:
    assert to_limbs([]) == from_limbs([]) == []
