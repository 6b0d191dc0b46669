"""The evaluation domain of halo2 on BN254: the roots of unity behind the Lagrange points."""

from collections.abc import Sequence

from zkfl.field import SCALAR_MODULUS
from zkfl.srs.errors import SrsFormatError

TWO_ADICITY = 28
"""``2^28`` is the largest power of two that divides ``p - 1``."""
MIN_LOGROWS = 3
"""Below this the 6 unusable rows do not fit."""
_ROOT_OF_UNITY = 0x03DDB9F5166D18B798865EA93DD31F743215CF6DD39329C8D34F1ED960C37C9C
"""halo2curves ``bn256::Fr::ROOT_OF_UNITY``, of order ``2^28``.

https://github.com/privacy-scaling-explorations/halo2curves
"""


def omega(logrows: int) -> int:
    """Return halo2's primitive root of unity of order ``2^logrows``.

    Raises
    ------
    SrsFormatError
        ``logrows`` is outside [3, 28].
    """
    require_logrows(logrows)
    return pow(_ROOT_OF_UNITY, 1 << (TWO_ADICITY - logrows), SCALAR_MODULUS)


def require_logrows(logrows: int) -> None:
    """Raise `SrsFormatError` unless ``3 <= logrows <= 28``."""
    if not MIN_LOGROWS <= logrows <= TWO_ADICITY:
        raise SrsFormatError(
            f"logrows is {logrows}, not in [{MIN_LOGROWS}, {TWO_ADICITY}]: "
            "the file is no EZKL SRS, or the number is a row count"
        )


def evaluate(coefficients: Sequence[int], root: int) -> list[int]:
    """Return the polynomial's values at ``root^0, root^1, ...`` by the radix-2 transform.

    Parameters
    ----------
    coefficients
        Field elements, lowest degree first; their number ``n`` is a power of two.
    root
        A root of unity of order ``n``.
    """
    count = len(coefficients)
    if count == 1:
        return list(coefficients)
    square = root * root % SCALAR_MODULUS
    even = evaluate(coefficients[::2], square)
    odd = evaluate(coefficients[1::2], square)
    twisted = _times_powers(odd, root)
    low = [(a + b) % SCALAR_MODULUS for a, b in zip(even, twisted, strict=True)]
    return low + [(a - b) % SCALAR_MODULUS for a, b in zip(even, twisted, strict=True)]


def powers(base: int, count: int) -> list[int]:
    """Return ``base^0`` to ``base^(count-1)`` mod ``p``."""
    return _times_powers([1] * count, base)


def _times_powers(values: Sequence[int], base: int) -> list[int]:
    result, power = [], 1
    for value in values:
        result.append(value * power % SCALAR_MODULUS)
        power = power * base % SCALAR_MODULUS
    return result
