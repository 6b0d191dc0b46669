"""A cell names somebody only as text or as a whole number, and a missing one names no group."""

import pytest

from zkfl.node.records.texts import group_text, name_text


@pytest.mark.parametrize(("cell", "text"), [(" p1 ", "p1"), (17, "17"), (0, "0"), ("", "")])
def test_what_is_a_name(cell: object, text: str) -> None:
    assert name_text(cell) == text


@pytest.mark.parametrize("cell", [None, 17.0, float("nan"), True, b"p1"])
def test_what_is_no_name(cell: object) -> None:
    assert name_text(cell) is None


@pytest.mark.parametrize(
    ("cell", "group"),
    [(None, ""), (float("nan"), ""), (" F ", "F"), (1.0, "1.0"), (True, "True"), ("", "")],
)
def test_what_group_a_cell_means(cell: object, group: str) -> None:
    assert group_text(cell) == group
