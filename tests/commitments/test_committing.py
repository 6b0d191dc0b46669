"""Commitments are additive up to U, and refuse what no column holds."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from zkfl.commitments import (
    CommitmentError,
    Committer,
    VectorTooLongError,
    combine,
    masks_cancel,
    scale,
)
from zkfl.curve import G1, CurveError, G1Point, add, multiply, subtract
from zkfl.field import SCALAR_MODULUS, FieldError, random_elements, to_field
from zkfl.srs import SrsFormatError

elements = st.integers(0, SCALAR_MODULUS - 1)
vectors = st.lists(elements, min_size=4, max_size=4)
OFF_CURVE = G1Point(1, 3)


def test_zero_vectors_of_any_length_commit_to_u(committer: Committer) -> None:
    assert committer.commit([]) == committer.commit([0] * 20) == committer.zero


def test_a_public_scalar_pins_its_lagrange_point(committer: Committer) -> None:
    expected = add(multiply(committer.srs.lagrange(0), 5), committer.zero)
    assert committer.commit([5]) == expected


@settings(max_examples=15, deadline=None)
@given(a=vectors, b=vectors)
def test_sums_commit_to_sums(committer: Committer, a: list[int], b: list[int]) -> None:
    both = committer.commit([to_field(x + y) for x, y in zip(a, b, strict=True)])
    assert both == subtract(add(committer.commit(a), committer.commit(b)), committer.zero)


@settings(max_examples=15, deadline=None)
@given(a=vectors, factor=elements)
def test_multiples_commit_to_multiples(committer: Committer, a: list[int], factor: int) -> None:
    product = committer.commit([to_field(factor * x) for x in a])
    assert scale(committer.commit(a), factor, committer.zero) == product


@settings(max_examples=15, deadline=None)
@given(
    model=vectors,
    rounds=st.lists(st.tuples(st.integers(0, 2**40), vectors), min_size=1, max_size=4),
)
def test_the_new_model_opens_the_combination(
    committer: Committer, model: list[int], rounds: list[tuple[int, list[int]]]
) -> None:
    opened = [
        to_field(g + sum(weight * update[place] for weight, update in rounds))
        for place, g in enumerate(model)
    ]
    points = [committer.commit(update) for _, update in rounds]
    weights = [weight for weight, _ in rounds]
    combined = combine(committer.commit(model), weights, points, committer.zero)
    assert combined == committer.commit(opened)


def test_masks_cancel_only_if_they_sum_to_zero(committer: Committer) -> None:
    a, b = random_elements(3), random_elements(3)
    c = [to_field(-x - y) for x, y in zip(a, b, strict=True)]
    masks = [committer.commit(mask) for mask in (a, b, c)]
    assert masks_cancel(masks, committer.zero)
    assert not masks_cancel(masks[:2], committer.zero)
    assert not masks_cancel([*masks[:2], add(masks[2], G1)], committer.zero)


def test_refuses_vectors_that_spill_into_a_second_column(committer: Committer) -> None:
    committer.commit([1] * committer.capacity)
    with pytest.raises(VectorTooLongError, match="249 entries do not fit"):
        committer.commit([1] * (committer.capacity + 1))


@pytest.mark.parametrize("entry", [-1, SCALAR_MODULUS])
def test_refuses_entries_that_are_no_field_elements(committer: Committer, entry: int) -> None:
    with pytest.raises(FieldError, match="is not a field element"):
        committer.commit([1, entry])


def test_refuses_unequal_lengths_and_points_off_the_curve(committer: Committer) -> None:
    with pytest.raises(CommitmentError, match="2 weights do not match 1 updates"):
        combine(G1, [1, 2], [G1], committer.zero)
    with pytest.raises(CurveError):
        combine(G1, [1], [OFF_CURVE], committer.zero)
    with pytest.raises(CurveError):
        masks_cancel([OFF_CURVE], committer.zero)


def test_refuses_a_missing_srs(tmp_path: Path) -> None:
    with pytest.raises(SrsFormatError, match="cannot be read"):
        Committer(tmp_path / "none.srs")
