"""A public sum explains every pair of close updates equally well, so it shows none of them.

Two honest members are the worst case: whoever knows all other updates knows
``S = a*u + b*v``. Without noise below a delta's last bit that is a knapsack with one solution.
"""

import math
import secrets

import pytest

from zkfl.consortium import Consortium
from zkfl.node.noise import bounded_noise
from zkfl.zk_circuits.spec import DITHER_BITS, SMALLEST_NOISE_BOUND

DEFAULT_BOUND = Consortium.model_fields["noise_bound"].default
LARGEST_DELTA = 1 << 10
EQUAL_SHARES = (21_846, 21_845)
UNEVEN = (40_009, 25_527)


def explanations(total: int, weights: tuple[int, int], bound: int) -> int:
    """Count pairs of noise within the bound with ``a*x + b*y == total``."""
    a, b = weights
    divisor = math.gcd(a, b)
    if total % divisor:
        return 0
    a, b, total = a // divisor, b // divisor, total // divisor
    first = total * pow(a, -1, b) % b
    # x = first + k*b and y = (total - a*x) / b, both within the bound.
    lowest = max(-(-(-bound - first) // b), -(-(total - b * bound - a * first) // (a * b)))
    highest = min((bound - first) // b, (total + b * bound - a * first) // (a * b))
    return max(0, highest - lowest + 1)


def test_explanations_are_counted_right() -> None:
    for total in range(-40, 41):
        pairs = [(x, y) for x in range(-5, 6) for y in range(-5, 6) if 3 * x + 4 * y == total]
        assert explanations(total, (3, 4), 5) == len(pairs)


@pytest.mark.parametrize("weights", [EQUAL_SHARES, UNEVEN])
def test_without_noise_one_pair_explains_a_sum(weights: tuple[int, int]) -> None:
    a, b = weights
    mine, yours = (secrets.randbelow(2 * LARGEST_DELTA) - LARGEST_DELTA for _ in range(2))
    total = a * mine + b * yours
    near = range(-LARGEST_DELTA, LARGEST_DELTA)
    assert [x for x in near if (total - a * x) % b == 0 and (total - a * x) // b in near] == [mine]


@pytest.mark.parametrize("bound", [SMALLEST_NOISE_BOUND, DEFAULT_BOUND])
@pytest.mark.parametrize("weights", [EQUAL_SHARES, UNEVEN])
def test_noise_explains_every_close_pair_as_the_mean_says(
    weights: tuple[int, int], bound: int
) -> None:
    """The count of explanations follows from the weighted mean alone, one more or less."""
    a, b = weights
    mine, yours = 313, -87
    noise = bounded_noise(2, bound)
    total = (mine * a + yours * b << DITHER_BITS) + a * noise[0] + b * noise[1]
    tried = 0
    for moved in range(-LARGEST_DELTA, LARGEST_DELTA):
        # The partner's delta that keeps the weighted mean, within a unit.
        partner = yours - round(a * (moved - mine) / b)
        left = total - (moved * a + partner * b << DITHER_BITS)
        if abs(left) > (a + b) * bound:
            continue
        # Noise of both is uniform, so left is spread as a trapezoid over its lattice.
        slope = ((a + b) * bound - abs(left)) / (a * b)
        usual = min(slope, 2 * bound / max(a, b))
        assert abs(explanations(left, weights, bound) - usual) <= 2
        tried += 1
    assert tried > LARGEST_DELTA  # most of the other pairs are as good as the true one
    assert 2 * bound / max(a, b) > 1 << 7  # so one more or less says next to nothing


def test_many_pairs_are_as_likely_as_the_true_one() -> None:
    a, b = UNEVEN
    noise = bounded_noise(2, DEFAULT_BOUND)
    total = a * noise[0] + b * noise[1]
    alike = [
        (x, y)
        for x in range(-50, 51)
        for y in range(-80, 81)
        if explanations(total - (x * a + y * b << DITHER_BITS), UNEVEN, DEFAULT_BOUND)
    ]
    assert len(alike) > 500
