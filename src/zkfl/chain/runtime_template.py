"""Deployed code compared with what creation code carries, where no constructor can run again."""

from collections.abc import Collection
from itertools import pairwise

WORD_BYTES = 32
_IMMUTABLE = b"\x7f" + bytes(WORD_BYTES)
"""A PUSH32 of zeros: solc leaves one wherever the constructor writes an immutable."""


def fits_template(
    actual: bytes, creation: bytes, runtime_size: int, immutables: Collection[bytes]
) -> bool:
    """Tell whether deployed code is that of a contract, with known values as its immutables.

    Which of the values stands in which place is not compared: that follows from the transaction
    that created the contract.

    Parameters
    ----------
    actual
        The code on chain.
    creation
        The compiler's creation code, without arguments; the deployed code is its end.
    runtime_size
        Bytes of deployed code, as the compiler states it.
    immutables
        The values that may stand in it, 32 bytes each.
    """
    template = creation[-runtime_size:]
    if len(actual) != len(template):
        return False
    places = list(_places(template))
    ends = [(0, 0), *((at, at + WORD_BYTES) for at in places), (len(template), len(template))]
    fixed = all(
        actual[before:after] == template[before:after] for (_, before), (after, _) in pairwise(ends)
    )
    return fixed and all(actual[at : at + WORD_BYTES] in immutables for at in places)


def _places(template: bytes) -> list[int]:
    """Return where the immutables begin."""
    places: list[int] = []
    found = template.find(_IMMUTABLE)
    while found >= 0:
        places.append(found + 1)
        found = template.find(_IMMUTABLE, found + len(_IMMUTABLE))
    return places
