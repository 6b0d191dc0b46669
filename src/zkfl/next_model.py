"""From G and S to G': opening the contract's commitment, with no other model to choose."""

from zkfl.commitments import Committer
from zkfl.curve import G1Point
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS


class SumDoesNotOpenError(ZkflError):
    """The opened sum leads to another model than the contract computed."""


def next_model(
    model: list[int], total: list[int], committer: Committer, expected: G1Point
) -> list[int]:
    """Return ``G' = G + S mod p`` if it opens the contract's commitment.

    Parameters
    ----------
    model, total
        ``G`` and ``S``, ``M`` field elements each.
    committer
        Of the consortium's SRS.
    expected
        ``C(G')`` on chain.

    Raises
    ------
    SumDoesNotOpenError
        It does not: the key holder returned a wrong sum, or an update was not the proven one.
    """
    opened = [(g + s) % SCALAR_MODULUS for g, s in zip(model, total, strict=True)]
    actual = committer.commit(opened)
    if tuple(actual) != tuple(expected):
        raise SumDoesNotOpenError(
            f"G + S commits to {tuple(actual)}, the contract computed {tuple(expected)}: the "
            "opened sum is wrong; nothing is published"
        )
    return opened
