"""A mask belongs to one attempt of one round of one registry on one chain."""

import pytest

from zkfl.masks import MaskKey, mask_context, mask_vector

Keys = dict[str, MaskKey]
Announced = dict[str, bytes]

REGISTRY, OTHER = "0x" + "c0" * 20, "0x" + "c1" * 20
FIRST = (31_337, REGISTRY, 1, 0)
OTHERS = {
    "chain": (1, REGISTRY, 1, 0),
    "registry": (31_337, OTHER, 1, 0),
    "round": (31_337, REGISTRY, 2, 0),
    "attempt": (31_337, REGISTRY, 1, 1),
}


@pytest.mark.parametrize("place", OTHERS)
def test_differs_in_every_entry(cohort: Keys, announced: Announced, place: str) -> None:
    address, key = next(iter(cohort.items()))
    first, other = (
        mask_vector(key, announced, address, mask_context(*where), 8)
        for where in (FIRST, OTHERS[place])
    )
    assert not set(first) & set(other)


def test_is_the_same_when_made_again(cohort: Keys, announced: Announced, context: bytes) -> None:
    address, key = next(iter(cohort.items()))
    shuffled = dict(reversed(announced.items()))
    first = mask_vector(key, announced, address, context, 8)
    assert mask_vector(key, shuffled, address, context, 8) == first
    assert mask_vector(key, announced, address, context, 20)[:8] == first
