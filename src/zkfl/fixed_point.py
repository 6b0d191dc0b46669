"""Fixed-point arithmetic exactly as an honest EZKL prover does it.

A real number ``r`` at scale ``s`` is the integer ``round(r * 2^s)``. Everything here works
on int64 arrays, so that references and circuits agree bit for bit.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from zkfl.errors import ZkflError

IntArray = NDArray[np.int64]

_HEADROOM_BITS = 62
"""Magnitudes stay below 2^62, so that adding half a divisor cannot overflow int64."""


class FixedPointError(ZkflError):
    """A number has no fixed-point representation here."""


class Dyadic(NamedTuple):
    """A positive constant as a circuit holds it: ``mantissa * 2^-(bits + shift)``.

    Attributes
    ----------
    mantissa
        Integer in ``[2^(bits-1), 2^bits)``.
    shift
        Power of two that costs a circuit nothing, because EZKL turns it into a scale.
    bits
        Scale of the mantissa.
    """

    mantissa: int
    shift: int
    bits: int

    @property
    def value(self) -> float:
        """The real number that the circuit uses, within 2^-bits of the one asked for."""
        return float(self.mantissa / 2 ** (self.bits + self.shift))


def dyadic(value: float, bits: int) -> Dyadic:
    """Round a positive constant to ``bits`` significant bits.

    Raises
    ------
    FixedPointError
        ``value`` is not in ``(0, 1)``: a shift to the left is no free rescale.
    """
    if not 0 < value < 1:
        raise FixedPointError(
            f"{value} is not in (0, 1): a circuit multiplies by a fraction and shifts right; "
            "lower the learning rate or the L2 strength, or raise the slot count"
        )
    fraction, exponent = np.frexp(value)
    mantissa = round(float(fraction) * 2**bits)
    if mantissa == 2**bits:
        return Dyadic(2 ** (bits - 1), -int(exponent) - 1, bits)
    return Dyadic(mantissa, -int(exponent), bits)


def quantise(values: ArrayLike, scale_bits: int) -> IntArray:
    """Return ``round(values * 2^scale_bits)``, halves away from zero.

    Parameters
    ----------
    values
        Real numbers of any shape.
    scale_bits
        Fraction bits of the result.

    Raises
    ------
    FixedPointError
        A value is not finite, or its integer needs more than 62 bits.
    """
    scaled = np.asarray(values, dtype=np.float64) * 2.0**scale_bits
    if not np.all(np.isfinite(scaled)) or np.any(np.abs(scaled) >= 2.0**_HEADROOM_BITS):
        raise FixedPointError(
            f"a value is not finite or does not fit {_HEADROOM_BITS} bits at scale {scale_bits}: "
            "check for missing values in the records"
        )
    rounded = np.sign(scaled) * np.floor(np.abs(scaled) + 0.5)
    return np.asarray(rounded, dtype=np.int64)


def dequantise(values: ArrayLike, scale_bits: int) -> NDArray[np.float64]:
    """Return the real numbers ``values / 2^scale_bits``, same shape."""
    return np.asarray(values, dtype=np.float64) / 2.0**scale_bits


def rescale(values: ArrayLike, bits: int) -> IntArray:
    """Divide by ``2^bits``, halves away from zero: ``sign(v) * floor(|v|/2^bits + 1/2)``.

    The circuit's constraint also admits the other neighbour of the exact quotient; this is
    the one an honest prover takes (EZKL 23.0.5, ``const_div``).

    Parameters
    ----------
    values
        int64, any shape, magnitudes below 2^62.
    bits
        Fraction bits to drop; 0 returns the values.

    Raises
    ------
    FixedPointError
        ``bits`` is negative, or a magnitude reaches 2^62.
    """
    array = np.asarray(values, dtype=np.int64)
    if bits < 0 or bits >= _HEADROOM_BITS:
        raise FixedPointError(f"cannot drop {bits} bits: only 0 to {_HEADROOM_BITS - 1}")
    if np.any(array >= 2**_HEADROOM_BITS) or np.any(array <= -(2**_HEADROOM_BITS)):
        raise FixedPointError(f"a magnitude reaches 2^{_HEADROOM_BITS}: an input is out of range")
    if bits == 0:
        return array.copy()
    magnitude = (np.abs(array) + (1 << (bits - 1))) >> bits
    return np.asarray(np.sign(array) * magnitude, dtype=np.int64)


def sigmoid(values: ArrayLike, scale_bits: int) -> IntArray:
    """Return ``round(2^s / (1 + exp(-v/2^s)))``, the entries of EZKL's sigmoid table.

    Parameters
    ----------
    values
        int64 at scale ``s = scale_bits``, any shape.
    scale_bits
        Fraction bits of arguments and results.
    """
    one = 2.0**scale_bits
    argument = np.asarray(values, dtype=np.float64) / one
    return np.asarray(np.floor(one / (1.0 + np.exp(-argument)) + 0.5), dtype=np.int64)
