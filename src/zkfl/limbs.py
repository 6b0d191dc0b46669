"""Field elements as 16-bit limbs, so that a homomorphic sum of them is exact.

Sums of limbs are carried by the reader: ``sum_i limb_i * 2^(16 i) mod p`` is right
whatever the limbs have grown to, as long as none wrapped around its plaintext space.
"""

from collections.abc import Sequence

from zkfl.field import SCALAR_MODULUS, FieldError, require_element

LIMB_BITS = 16
LIMBS = 16
"""Limbs of an element: 16 of 16 bits, least significant first."""
MAX_SUMMANDS = 64
"""Vectors in one sum: limbs stay below 2^22."""
LARGEST_SUMMED_LIMB = MAX_SUMMANDS * ((1 << LIMB_BITS) - 1)
_MASK = (1 << LIMB_BITS) - 1


def to_limbs(vector: Sequence[int]) -> list[int]:
    """Split ``n`` field elements into ``16 n`` limbs, entry after entry.

    Raises
    ------
    FieldError
        An entry is not in ``[0, p)``.
    """
    for entry in vector:
        require_element(entry)
    return [(entry >> (LIMB_BITS * place)) & _MASK for entry in vector for place in range(LIMBS)]


def from_limbs(limbs: Sequence[int]) -> list[int]:
    """Join ``16 n`` limbs, possibly sums of limbs, into ``n`` field elements mod ``p``.

    Raises
    ------
    FieldError
        The limbs do not fill their last entry.
    """
    if len(limbs) % LIMBS:
        raise FieldError(
            f"{len(limbs)} limbs are no whole number of entries of {LIMBS}: the vector was cut"
        )
    return [
        sum(limbs[start + place] << (LIMB_BITS * place) for place in range(LIMBS)) % SCALAR_MODULUS
        for start in range(0, len(limbs), LIMBS)
    ]
