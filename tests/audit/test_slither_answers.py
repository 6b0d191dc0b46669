"""A finding without an answer is shown, and so is an answer without a finding."""

from pathlib import Path
from typing import Any

from zkfl.audit.slither import PAGE, compare, pages, places

ROOT = Path(__file__).parents[2]


def finding(check: str, *names: str) -> dict[str, Any]:
    element: dict[str, Any] = {}
    for name in names:
        element = {"name": name, "type_specific_fields": {"parent": element}}
    return {"check": check, "elements": [element]}


def test_a_place_is_named_from_the_contract_down() -> None:
    found = places([finding("timestamp", "Progress", "pushRound"), finding("timestamp", "Masks")])
    assert found == {"timestamp": {"Progress.pushRound", "Masks"}}


def test_what_has_an_answer_is_no_difference() -> None:
    assert compare({"timestamp": {"Masks"}}, {"timestamp": {"Masks"}}) == []


def test_what_has_none_is_shown() -> None:
    assert compare({"timestamp": {"Masks", "Views"}}, {"timestamp": {"Masks"}}) == [
        "no answer: timestamp in Views"
    ]
    assert compare({"reentrancy-eth": {"Masks.f"}}, {}) == ["no answer: reentrancy-eth in Masks.f"]


def test_an_answer_to_nothing_is_shown() -> None:
    assert compare({}, {"timestamp": {"Masks"}}) == ["no longer found: timestamp in Masks"]


def test_the_page_shows_the_answers() -> None:
    assert (ROOT / PAGE).read_text() == pages(ROOT)[PAGE]
