"""Confusion counts, and the one number as which a proof states them."""

from typing import NamedTuple

from zkfl.errors import ZkflError

COUNT_BITS = 16
"""Bits of one count in the packed number; a shard has fewer slots than this holds."""


class CountsError(ZkflError):
    """Confusion counts do not fit the number that a proof states."""


class ConfusionCounts(NamedTuple):
    """How often a model was right and wrong about records, by their class.

    Attributes
    ----------
    true_positives, false_positives
        Records that the model takes for positive: rightly, wrongly.
    false_negatives, true_negatives
        Records that it takes for negative: wrongly, rightly.
    """

    true_positives: int
    false_positives: int
    false_negatives: int
    true_negatives: int

    @property
    def records(self) -> int:
        """Records that were counted."""
        return sum(self)

    def plus(self, other: "ConfusionCounts") -> "ConfusionCounts":
        """Return the counts of both sets of records together."""
        return ConfusionCounts(*(a + b for a, b in zip(self, other, strict=True)))

    def packed(self) -> int:
        """Return the first public scalar of a proof: 16 bits a count, true positives lowest.

        Raises
        ------
        CountsError
            A count is negative or takes more than 16 bits, so it would run into the next.
        """
        for name, count in self._asdict().items():
            if not 0 <= count < 1 << COUNT_BITS:
                raise CountsError(
                    f"{name} is {count}, and a proof states counts of {COUNT_BITS} bits: "
                    "count one shard at a time"
                )
        return sum(count << COUNT_BITS * place for place, count in enumerate(self))


NO_COUNTS = ConfusionCounts(0, 0, 0, 0)
