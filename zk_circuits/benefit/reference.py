"""The benefit circuit in integers: what an honest prover's witness holds, bit for bit."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from zkfl.field import to_field, to_signed
from zkfl.zk_circuits.benefit.module import (
    LARGEST_LEVEL,
    REST_DROPPED_BITS,
    ROUNDING,
    UPDATE_DROPPED_BITS,
)
from zkfl.zk_circuits.layout import unpack_model
from zkfl.zk_circuits.spec import CircuitSpec


class _Products(NamedTuple):
    """Bounds on ``<d, r>`` and on ``|d|^2 * |r|^2`` over all noise."""

    inner: int
    norms: int

    def zeros(self, level: int) -> tuple[int, int]:
        """Return what must not be above zero at a level."""
        return (
            level - level * self.inner,
            level * level * self.norms - LARGEST_LEVEL**2 * self.inner * self.inner,
        )


def benefit_zeros(
    spec: CircuitSpec,
    update: Sequence[int],
    rest: Sequence[int],
    bound: Sequence[int],
    public: Sequence[int],
) -> list[int]:
    """Compute the output of the benefit circuit.

    Parameters
    ----------
    spec
        Sizes.
    update, rest, bound, public
        Field elements: ``M`` each, the noise bound, and level and context.

    Returns
    -------
    list[int]
        The zeros, as field elements.
    """
    products = _products(spec, update, rest, to_signed(bound[0]))
    values = products.zeros(to_signed(public[0]))
    return [to_field(abs(value) + value) for value in values]


def highest_level(
    spec: CircuitSpec, update: Sequence[int], rest: Sequence[int], noise_bound: int
) -> int:
    """Return the highest level that can be proven: sixteenths of a cosine, 0 if it is negative.

    Parameters
    ----------
    spec
        Sizes.
    update, rest
        ``M`` field elements each.
    noise_bound
        Integer at scale ``s + 23``.
    """
    products = _products(spec, update, rest, noise_bound)
    levels = range(LARGEST_LEVEL, 0, -1)
    return next((level for level in levels if max(products.zeros(level)) <= 0), 0)


def _products(
    spec: CircuitSpec, update: Sequence[int], rest: Sequence[int], noise_bound: int
) -> _Products:
    own = _coarse(unpack_model(spec, update), UPDATE_DROPPED_BITS)
    others = _coarse(unpack_model(spec, rest), REST_DROPPED_BITS)
    [noise] = _coarse([noise_bound], UPDATE_DROPPED_BITS)
    noise += ROUNDING
    longest = [abs(value) + noise for value in own]
    inner = _dot(own, others) - noise * sum(map(abs, others))
    return _Products(inner, _dot(longest, longest) * _dot(others, others))


def _coarse(values: Sequence[int], bits: int) -> list[int]:
    """Divide by ``2^bits``, halves away from zero; the quotient is a float64 as EZKL's is."""
    halved_up = (math.floor(abs(value) / (1 << bits) + 0.5) for value in values)
    return [-low if value < 0 else low for low, value in zip(halved_up, values, strict=True)]


def _dot(left: Sequence[int], right: Sequence[int]) -> int:
    return sum(a * b for a, b in zip(left, right, strict=True))
