"""Cohorts with fixed keys."""

import pytest

from zkfl.masks import MaskKey, mask_context

REGISTRY = "0x" + "c0" * 20


@pytest.fixture
def cohort() -> dict[str, MaskKey]:
    return {f"0x{n:040x}": MaskKey.from_bytes(bytes([n]) * 32) for n in (9, 4, 7, 200)}


@pytest.fixture
def announced(cohort: dict[str, MaskKey]) -> dict[str, bytes]:
    """Return the public keys as the chain holds them."""
    return {address: key.public_bytes() for address, key in cohort.items()}


@pytest.fixture
def context() -> bytes:
    return mask_context(31_337, REGISTRY, 1, 0)
