"""Each rule of form, broken by a real proof: its zeros are not committed to by ``U``."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from zkfl.field import to_field
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.prover import LookupRangeError, StatementError, prove

if TYPE_CHECKING:
    from conftest import Case, Vectors

DEADLINE = 120.0
WIDTH = TINY.features + 1
LABELS = TINY.slots * WIDTH
MASK_OF_FIRST = TINY.features
UNUSED_SLOT = TINY.slots - 1

Break = Callable[[list[int]], None]


def set_entry(place: int, value: int) -> Break:
    def change(data: list[int]) -> None:
        data[place] = to_field(value)

    return change


def long_row(data: list[int]) -> None:
    data[: TINY.features] = [TINY.feature_integer] * TINY.features


BROKEN: dict[str, Break] = {
    "feature one unit above its range": set_entry(0, TINY.feature_integer + 1),
    "feature one unit below its range": set_entry(1, -TINY.feature_integer - 1),
    "row over the norm": long_row,
    "half a label": set_entry(LABELS, TINY.one // 2),
    "label one unit short": set_entry(LABELS, TINY.one - 1),
    "label minus one": set_entry(LABELS, -TINY.one),
    "label two": set_entry(LABELS, 2 * TINY.one),
    "half a slot": set_entry(MASK_OF_FIRST, TINY.one // 2),
    "a slot used twice": set_entry(MASK_OF_FIRST, 2 * TINY.one),
    "label in an unused slot": set_entry(LABELS + UNUSED_SLOT, TINY.one),
    "feature in an unused slot": set_entry(UNUSED_SLOT * WIDTH, 1),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_is_refused_by_the_node(
    name: str, admission: BuiltCircuit, case: "Case"
) -> None:
    with pytest.raises(StatementError, match="of the zeros are not zero"):
        prove(admission, broken(name, case), DEADLINE)


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_rule_proves_only_other_zeros(
    name: str, admission: BuiltCircuit, case: "Case"
) -> None:
    proof = prove(admission, broken(name, case), DEADLINE, require_zeros=False)
    assert proof.points["zeros"] != admission.manifest.zero_point()


@pytest.mark.parametrize("claimed", [-1, 0, 1, TINY.slots])
def test_another_count_proves_only_other_zeros(
    claimed: int, admission: BuiltCircuit, case: "Case"
) -> None:
    vectors = case.admission(public=pack_public(claimed, 0))
    proof = prove(admission, vectors, DEADLINE, require_zeros=False)
    assert proof.points["zeros"] != admission.manifest.zero_point()


def test_a_feature_outside_the_table_is_refused_before_a_prover_hangs(
    admission: BuiltCircuit, case: "Case"
) -> None:
    data = list(case.data)
    data[0] = TINY.feature_table + 1
    with pytest.raises(LookupRangeError, match=f"table covers \\+-{TINY.feature_table}"):
        prove(admission, case.admission(data=data), DEADLINE)


def broken(name: str, case: "Case") -> "Vectors":
    data = list(case.data)
    BROKEN[name](data)
    return case.admission(data=data)
