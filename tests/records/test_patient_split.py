"""No patient is on both sides of a split, whatever the table."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zkfl.node.records.errors import RecordsError
from zkfl.node.records.split import Sides, split_patients

KEY = b"k" * 32
ROWS = st.lists(
    st.tuples(st.sampled_from([f"p{n}" for n in range(12)]), st.sampled_from("01")), min_size=4
)


@given(rows=ROWS, fraction=st.floats(0.05, 0.5), key=st.binary(min_size=1, max_size=32))
def test_no_patient_is_on_both_sides(
    rows: list[tuple[str, str]], fraction: float, key: bytes
) -> None:
    patients, labels = zip(*rows, strict=True)
    try:
        sides = split_patients(patients, labels, fraction, key)
    except RecordsError:
        return
    assert not sides.train & sides.test
    assert sides.train | sides.test == set(patients)
    assert sides == split_patients(patients[::-1], labels[::-1], fraction, key)


@given(rows=ROWS, more=ROWS, fraction=st.floats(0.05, 0.5))
def test_who_was_split_before_stays_where_he_is(
    rows: list[tuple[str, str]], more: list[tuple[str, str]], fraction: float
) -> None:
    patients, labels = zip(*rows, strict=True)
    grown, grown_labels = zip(*rows, *more, strict=True)
    try:
        before = split_patients(patients, labels, fraction, KEY)
        after = split_patients(grown, grown_labels, fraction, KEY, before)
    except RecordsError:
        return
    assert before.train <= after.train
    assert before.test <= after.test
    assert not after.train & after.test


def test_each_stratum_gives_its_share() -> None:
    patients = [f"p{n}" for n in range(100)] * 2
    labels = ["1" if n < 20 else "0" for n in range(100)] * 2
    sides = split_patients(patients, labels, 0.25, KEY)
    strata = Counter(labels[patients.index(patient)] for patient in sides.test)
    assert strata == {"1": 5, "0": 20}


def test_another_key_tests_on_others() -> None:
    patients, labels = [f"p{n}" for n in range(100)], ["0"] * 100
    first = split_patients(patients, labels, 0.5, KEY)
    assert first != split_patients(patients, labels, 0.5, b"another key")


@pytest.mark.parametrize("fraction", [0, -0.1, 0.51, float("nan")])
def test_a_fraction_out_of_range(fraction: float) -> None:
    with pytest.raises(RecordsError, match="must lie in"):
        split_patients(["a", "b"], ["0", "0"], fraction, KEY)


def test_a_side_without_patients() -> None:
    with pytest.raises(RecordsError, match="leave a side empty"):
        split_patients(["a", "a", "b"], ["0", "1", "0"], 0.2, KEY)


def test_earlier_sides_that_leave_none_to_train_on() -> None:
    with pytest.raises(RecordsError, match="leave a side empty"):
        split_patients(["a"], ["0"], 0.5, KEY, Sides(test=frozenset({"a"})))
