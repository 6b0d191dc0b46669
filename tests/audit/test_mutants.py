"""Each kind of fault is found in a source, once, and changes what it says."""

from pathlib import Path

import pytest

from zkfl.audit.mutants import Mutant, mutants_of

SOURCE = """// if (comment) revert Never();
contract Sample {
    function guarded(uint256 a, uint256 b) external onlyOwner {
        if (a == b) revert Equal(a); /* if (a) revert Never(); */
        if (a > b) {
            revert Larger(a);
        }
        _requireMember(msg.sender);
        Round storage entry = _inTime(a, RoundStatus.Open);
        entry.answers = 0;
        (x, y) = (1, 2);
        ++entry.submissions;
        for (uint256 i = 0; i < b; ++i) {}
        emit Done(a);
        return _fail(a);
    }
}
"""


@pytest.fixture
def mutants(tmp_path: Path) -> list[Mutant]:
    (tmp_path / "Sample.sol").write_text(SOURCE)
    return mutants_of(tmp_path, "Sample.sol")


def faults(mutants: list[Mutant], operator: str) -> list[tuple[str, str]]:
    return [(fault.before, fault.after) for fault in mutants if fault.operator == operator]


def test_guards_go(mutants: list[Mutant]) -> None:
    assert faults(mutants, "guard") == [
        ("if (a == b) revert Equal(a);", "{}"),
        ("if (a > b) { revert Larger(a); }", "{}"),
    ]


def test_calls_that_refuse_go(mutants: list[Mutant]) -> None:
    assert faults(mutants, "call") == [
        ("_requireMember(msg.sender);", "{}"),
        ("= _inTime(a, RoundStatus.Open)", "= _inStatus(a, RoundStatus.Open)"),
        ("= _inTime(a, RoundStatus.Open)", "= _rounds[a]"),
    ]


def test_modifiers_go(mutants: list[Mutant]) -> None:
    assert faults(mutants, "modifier") == [("onlyOwner", "")]


def test_comparisons_flip(mutants: list[Mutant]) -> None:
    assert [after for _, after in faults(mutants, "comparison")] == ["!=", ">="]


def test_changes_of_state_go(mutants: list[Mutant]) -> None:
    assert faults(mutants, "state") == [
        ("entry.answers = 0;", "{}"),
        ("(x, y) = (1, 2);", "{}"),
        ("++entry.submissions;", "{}"),
        ("emit Done(a);", "{}"),
        ("return _fail(a);", "return;"),
    ]


def test_a_fault_is_all_that_changes(mutants: list[Mutant]) -> None:
    assert len({fault.name for fault in mutants}) == len(mutants)
    for fault in mutants:
        assert fault.source != SOURCE
        assert fault.source.count("\n") >= SOURCE.count("\n") - 2
        assert fault.function == "guarded"
    first = mutants[0]
    assert first.source == SOURCE.replace(" onlyOwner", "")
