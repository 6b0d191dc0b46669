"""A consortium's bound on noise is one that its circuits can prove."""

import pytest

from zkfl.consortium import Consortium
from zkfl.founding import FoundingError, found
from zkfl.zk_circuits.instances import TINY

REHEARSAL = Consortium(
    name="rehearsal",
    dataset="wdbc",
    circuits="tiny",
    demo=True,
    hospitals=("ada", "bay", "cay"),
)
LARGEST = TINY.largest_noise_bound


def test_the_largest_bound_is_taken() -> None:
    assert found(REHEARSAL.model_copy(update={"noise_bound": LARGEST}), None).srs.logrows


def test_a_bound_above_it_is_refused_before_anything_is_built() -> None:
    above = REHEARSAL.model_copy(update={"noise_bound": LARGEST + 1})
    message = f"noise_bound {LARGEST + 1} is more than the circuits 'tiny' can prove, {LARGEST}"
    with pytest.raises(FoundingError, match=message):
        found(above, None)
