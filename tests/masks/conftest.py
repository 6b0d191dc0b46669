"""Cohorts with fixed keys."""

from dataclasses import dataclass

import pytest

from zkfl.masks import MaskKey, mask_context

REGISTRY = "0x" + "c0" * 20


@dataclass(frozen=True)
class Cohort:
    keys: dict[str, MaskKey]

    @property
    def public(self) -> dict[str, bytes]:
        return {address: key.public_bytes() for address, key in self.keys.items()}


@pytest.fixture
def cohort() -> Cohort:
    return Cohort({f"0x{n:040x}": MaskKey.from_bytes(bytes([n]) * 32) for n in (9, 4, 7, 200)})


@pytest.fixture
def context() -> bytes:
    return mask_context(31_337, REGISTRY, 1, 0)
