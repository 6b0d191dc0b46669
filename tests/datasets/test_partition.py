import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.partition import MIN_OF_CLASS, class_sizes, partition
from zkfl.datasets.public_schema import public_schema
from zkfl.datasets.split import hold_out
from zkfl.node.records.standardise import FeatureBounds

KEY = b"partition tests"


def _table(negatives: int, positives: int) -> pd.DataFrame:
    count = negatives + positives
    return pd.DataFrame({"x": np.arange(count), "y": (np.arange(count) < positives).astype(int)})


@given(st.integers(3, 16), st.integers(64, 300), st.integers(64, 300))
def test_all_records_are_dealt_and_every_class_is_everywhere(
    hospitals: int, negatives: int, positives: int
) -> None:
    sites = partition(_table(negatives, positives), "y", hospitals, KEY)
    together = pd.concat(sites.values())
    assert sorted(together["x"]) == list(range(negatives + positives))
    for records in sites.values():
        assert MIN_OF_CLASS <= records["y"].sum() <= len(records) - MIN_OF_CLASS


def test_hospitals_differ_in_size_and_balance() -> None:
    sites = partition(_table(300, 200), "y", 4, KEY)
    sizes = [len(records) for records in sites.values()]
    rates = [float(records["y"].mean()) for records in sites.values()]
    assert max(sizes) > 2 * min(sizes)
    assert rates == sorted(rates)
    assert rates[-1] > 2 * rates[0]


@pytest.mark.parametrize("hospitals", [0, 2, 17])
def test_too_few_or_too_many_hospitals_are_refused(hospitals: int) -> None:
    with pytest.raises(DatasetError, match=f"{hospitals} hospitals: choose 3 to 16"):
        partition(_table(300, 200), "y", hospitals, KEY)


def test_a_class_too_rare_is_refused() -> None:
    with pytest.raises(DatasetError, match="11 records of a class are too few for 3 hospitals"):
        class_sizes(11, [1.0, 1.0, 1.0])


@pytest.mark.parametrize("fraction", [0.0, -0.1, 0.6])
def test_a_test_fraction_of_no_sense_is_refused(fraction: float) -> None:
    with pytest.raises(DatasetError, match="must lie in"):
        hold_out(_table(10, 10), "y", fraction, KEY)


def test_duplicates_never_reach_the_test_set_twice() -> None:
    table = pd.concat([_table(10, 10)] * 3, ignore_index=True)
    train, test = hold_out(table, "y", 0.25, KEY)
    assert len(train) + len(test) == 20
    assert not set(train["x"]) & set(test["x"])


def test_unknown_names_and_impossible_sites_are_refused() -> None:
    bounds = FeatureBounds(4, 4)
    with pytest.raises(DatasetError, match="no data set 'iris'"):
        load_federation("iris", bounds)
    with pytest.raises(DatasetError, match="heart has 4 real hospitals, 5 were asked for"):
        load_federation("heart", bounds, hospitals=5)
    with pytest.raises(DatasetError, match=r"no data set '\.\./wdbc'"):
        public_schema("../wdbc")


@pytest.mark.parametrize(("name", "features"), [("wdbc", 30), ("heart", 15)])
def test_the_catalogue_loads_both(name: str, features: int) -> None:
    federation = load_federation(name, FeatureBounds(4, 4))
    assert len(federation.feature_names) == features
    assert federation.name == name
