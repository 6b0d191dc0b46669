"""A mask belongs to one attempt of one round of one registry on one chain."""

import pytest

from zkfl.masks import mask_context, mask_vector

REGISTRY, OTHER = "0x" + "c0" * 20, "0x" + "c1" * 20
FIRST = (31_337, REGISTRY, 1, 0)
OTHERS = {
    "chain": (1, REGISTRY, 1, 0),
    "registry": (31_337, OTHER, 1, 0),
    "round": (31_337, REGISTRY, 2, 0),
    "attempt": (31_337, REGISTRY, 1, 1),
}


@pytest.mark.parametrize("place", OTHERS)
def test_differs_in_every_entry(cohort, place: str) -> None:  # noqa: ANN001 - see conftest
    address, key = next(iter(cohort.keys.items()))
    first, other = (
        mask_vector(key, cohort.public, address, mask_context(*where), 8)
        for where in (FIRST, OTHERS[place])
    )
    assert not set(first) & set(other)


def test_is_the_same_when_made_again(cohort, context: bytes) -> None:  # noqa: ANN001
    address, key = next(iter(cohort.keys.items()))
    shuffled = dict(reversed(cohort.public.items()))
    first = mask_vector(key, cohort.public, address, context, 8)
    assert mask_vector(key, shuffled, address, context, 8) == first
    assert mask_vector(key, cohort.public, address, context, 20)[:8] == first
