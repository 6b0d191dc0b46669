"""How full shards have to be: as agreed, and nothing is sealed or proven that is refused."""

import pytest

from zkfl.consortium import Consortium, ConsortiumError
from zkfl.least_records import (
    MinimumRecordsError,
    TooFewRecordsError,
    minimum_records,
    require_full_shards,
)
from zkfl.zk_circuits.instances import TINY, WDBC

AGREED = Consortium(name="Ours", dataset="wdbc", circuits="wdbc", hospitals=("ada", "bay", "cay"))


def agreed(least: int) -> Consortium:
    return Consortium.agree(**AGREED.model_dump() | {"minimum_records": least})


def test_without_an_agreement_it_is_a_quarter_of_the_slots() -> None:
    assert (WDBC.slots, minimum_records(AGREED, WDBC)) == (64, 16)
    odd = TINY.model_copy(update={"slots": 9})
    assert minimum_records(AGREED, odd) == 3
    assert b"minimum_records" not in AGREED.to_json()


def test_it_is_agreed_between_one_and_half_of_the_slots() -> None:
    assert [minimum_records(agreed(least), WDBC) for least in (1, 32)] == [1, 32]
    with pytest.raises(MinimumRecordsError, match="33 is more than half of the 64 slots"):
        minimum_records(agreed(33), WDBC)
    with pytest.raises(ConsortiumError, match="minimum_records"):
        agreed(0)


@pytest.mark.parametrize("records", [4, 5, 8, 9, 16, 17, 100])
def test_records_that_fill_half_of_the_slots_always_do(records: int) -> None:
    require_full_shards(records, 8, 4)


@pytest.mark.parametrize(("records", "smallest"), [(0, 0), (3, 3), (9, 4), (17, 5)])
def test_records_that_make_emptier_shards(records: int, smallest: int) -> None:
    require_full_shards(records, 8, smallest)
    with pytest.raises(TooFewRecordsError, match=f"the emptiest with {smallest}: "):
        require_full_shards(records, 8, smallest + 1)
