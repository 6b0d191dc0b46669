"""Rates of proven metrics are shown with what makes them look better than they are."""

import pytest

from zkfl.chain.events import ChainEvent
from zkfl.cli.metrics_steps import round_facts, show_rounds
from zkfl.proven_metrics import RoundMetrics, rounds_of
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts

NAMES = {1: "ada", 2: "bay"}
FIELDS = ("truePositives", "falsePositives", "falseNegatives", "trueNegatives")
EARLY, EASY = ConfusionCounts(3, 1, 2, 2), ConfusionCounts(8, 0, 0, 0)


def event(name: str, **values: object) -> ChainEvent:
    return ChainEvent(name, values, 1, 0, "0x" + "00" * 32)


def proven(member: int, index: int, admitted_in: int, counts: ConfusionCounts) -> list[ChainEvent]:
    place = {"memberId": member, "shardIndex": index}
    shown = dict(zip(FIELDS, counts, strict=True))
    return [
        event("TestShardAdmitted", **place, admittedIn=admitted_in),
        event("MetricsProven", **place, roundId=2, counts=shown),
    ]


def late() -> list[RoundMetrics]:
    """Bay admits the same easy records three times, after it saw the model."""
    events = proven(1, 0, 1, EARLY)
    for index in range(3):
        events += proven(2, index, 2, EASY)
    return rounds_of(events)


def test_one_hospitals_late_records_are_told_with_the_rates(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_rounds(late(), NAMES)
    said = " ".join(capsys.readouterr().out.split())
    assert "bay*" in said
    assert "3 of 3" in said
    assert "one hospital brings 75 % of the records, 24 of 32 came late" in said
    assert "committed to when the model could be known" in said
    assert "over those that were committed to before" in said


def test_programs_are_told_as_well() -> None:
    [entry] = late()
    facts = round_facts(entry, NAMES)
    assert (facts["largest_share"], facts["late_records"]) == (0.75, 24)
    before = facts["committed_before"]
    assert isinstance(before, dict)
    assert before["counts"] == EARLY._asdict()
    assert facts["counts"] != before["counts"]


def test_nothing_is_said_of_what_came_early(capsys: pytest.CaptureFixture[str]) -> None:
    rounds = rounds_of([*proven(1, 0, 1, EARLY), *proven(2, 0, 0, EARLY)])
    show_rounds(rounds, NAMES)
    said = " ".join(capsys.readouterr().out.split())
    assert "50 % of the records, 0 of 16 came late" in said
    assert "*" not in said
    assert "committed to before" not in said
    assert rounds[0].early == rounds[0].counts
