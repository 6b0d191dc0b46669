"""Masks vanish from the sum over a whole cohort, and from nothing less."""

from hypothesis import given, settings
from hypothesis import strategies as st

from zkfl.field import SCALAR_MODULUS
from zkfl.masks import MaskKey, mask_context, mask_vector

CONTEXT = mask_context(1, "0x" + "11" * 20, 1, 0)
addresses = st.integers(0, 2**160 - 1).map(lambda number: f"0x{number:040x}")


def masks(members: list[str], length: int) -> list[list[int]]:
    keys = {member: MaskKey.generate() for member in members}
    public = {member: key.public_bytes() for member, key in keys.items()}
    return [mask_vector(key, public, member, CONTEXT, length) for member, key in keys.items()]


def column_sums(vectors: list[list[int]]) -> list[int]:
    return [sum(column) % SCALAR_MODULUS for column in zip(*vectors, strict=True)]


@settings(max_examples=25, deadline=None)
@given(st.lists(addresses, min_size=3, max_size=12, unique=True), st.integers(1, 40))
def test_masks_of_any_cohort_cancel(members: list[str], length: int) -> None:
    assert column_sums(masks(members, length)) == [0] * length


@settings(max_examples=10, deadline=None)
@given(st.lists(addresses, min_size=3, max_size=6, unique=True))
def test_without_one_member_they_do_not(members: list[str]) -> None:
    assert all(column_sums(masks(members, 5)[:-1]))
