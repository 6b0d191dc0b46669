"""Schedules of rates: what can be agreed on, and what follows from it."""

import json
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from zkfl.consortium import Consortium, ConsortiumError
from zkfl.rate_schedule import RateRule, RateSchedule, RateScheduleError
from zkfl.rated_circuits import agreed_schedule, require_rates
from zkfl.zk_circuits.evaluation.counts import NO_COUNTS, ConfusionCounts
from zkfl.zk_circuits.instances import TINY, TINY_RATE

FULL = 1024
SAID = {"name": "ours", "dataset": "wdbc", "circuits": "tiny-rate", "hospitals": ("a", "b", "c")}
PLATEAU = RateSchedule(rule="plateau", start=FULL, floor=100, rounds=1, threshold=100, records=10)


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("constant", {"rule": "constant", "start": FULL, "floor": FULL}),
        ("constant:start=256", {"rule": "constant", "start": 256, "floor": 256}),
        ("rounds:rounds=5,floor=64", {"rule": "rounds", "start": FULL, "floor": 64, "rounds": 5}),
        (
            "plateau:rounds=3,records=100,metric=f1,threshold=50",
            {
                "rule": "plateau",
                "start": FULL,
                "rounds": 3,
                "records": 100,
                "metric": "f1",
                "threshold": 50,
            },
        ),
    ],
)
def test_what_a_text_says(text: str, fields: dict[str, object]) -> None:
    assert RateSchedule.parse(text, FULL) == RateSchedule.model_validate(fields)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "rule"),
        ("often", "rule"),
        ("rounds", "rounds 0: at least 1"),
        ("rounds:rounds=0", "rounds 0: at least 1"),
        ("rounds:rounds=2,floor=0", "floor"),
        ("rounds:rounds=2,start=8,floor=9", "floor 9 is above start 8"),
        ("rounds:rounds=2,metric=f1", "only plateau"),
        ("rounds:rounds=2,records=1", "records 1"),
        ("constant:rounds=1", "rounds 1"),
        ("constant:floor=1", "no floor 1"),
        ("plateau:rounds=2", "records 0: at least 1"),
        ("plateau:rounds=2,records=1,threshold=10000", "threshold"),
        ("plateau:rounds=2,records=1,metric=auc", "metric"),
        ("rounds:rounds=2,rounds=3", "names a field twice"),
        ("rounds:rule=constant", "names a field twice"),
        ("rounds:rounds=2,start=9000", "start"),
        ("rounds:rounds=2,other=1", "other"),
        ("rounds:rounds=x", "rounds"),
    ],
)
def test_what_no_text_says(text: str, problem: str) -> None:
    with pytest.raises(RateScheduleError, match=problem):
        RateSchedule.parse(text, FULL)


def test_the_contracts_order_and_back() -> None:
    assert PLATEAU.as_tuple() == (2, 0, FULL, 100, 1, 100, 10)
    assert RateSchedule.from_tuple(PLATEAU.as_tuple()) == PLATEAU


@pytest.mark.parametrize("values", [(3, 0, 1, 1, 0, 0, 0), (0, 0, 1, 2, 0, 0, 0)])
def test_what_no_contract_states(values: tuple[int, ...]) -> None:
    with pytest.raises(RateScheduleError, match="is no schedule of rates"):
        RateSchedule.from_tuple(values)


# --- what follows ---


def rates(schedule: RateSchedule, *rounds: ConfusionCounts) -> list[int]:
    """Return the rates of rounds that all become final, with these counts."""
    rule = RateRule(schedule)
    return [rule.next_rate(place, lambda it: rounds[it - 1]) for place in range(len(rounds) + 1)]


def accuracy(right: int, wrong: int) -> ConfusionCounts:
    return ConfusionCounts(right, wrong, 0, 0)


def test_halving_stops_at_the_floor() -> None:
    halving = RateSchedule(rule="rounds", start=FULL, floor=300, rounds=2)
    assert rates(halving, *[NO_COUNTS] * 6) == [FULL, FULL, 512, 512, 300, 300, 300]


def test_a_round_that_failed_counts_for_nothing() -> None:
    rule = RateRule(RateSchedule(rule="rounds", start=FULL, floor=1, rounds=1))
    assert [rule.next_rate(final, lambda _: NO_COUNTS) for final in (0, 0, 2, 2)] == [
        FULL,
        FULL,
        512,
        512,
    ]


@pytest.mark.parametrize(
    ("second", "fourth"),
    [
        (accuracy(62, 39), FULL),
        (accuracy(61, 39), 512),
        (accuracy(60, 40), 512),
        (accuracy(5, 4), FULL),
        (accuracy(5, 5), 512),
        (NO_COUNTS, FULL),
    ],
)
def test_a_plateau_as_the_contracts_tests_have_it(second: ConfusionCounts, fourth: int) -> None:
    """The second round is judged once the third is final; see contracts/test/rates."""
    judged = rates(PLATEAU, accuracy(60, 40), second, NO_COUNTS)
    assert judged == [FULL, FULL, FULL, fourth]


@given(
    st.lists(st.tuples(*[st.integers(0, 6)] * 4), max_size=12),
    st.sampled_from(["accuracy", "f1"]),
    st.integers(1, 3),
    st.sampled_from([0, 100, 2_000]),
)
def test_the_rule_in_fractions(
    counts: list[tuple[int, ...]], metric: str, patience: int, threshold: int
) -> None:
    fields = {"start": 64, "floor": 5, "rounds": patience, "metric": metric}
    said = {"rule": "plateau", "threshold": threshold, "records": 4} | fields
    schedule = RateSchedule.model_validate(said)
    rounds = [ConfusionCounts(*entry) for entry in counts]
    rate, waited, best, expected = 64, 0, None, [64]
    for judged in [None, *rounds[:-1]] if rounds else []:
        score = None if judged is None or judged.records < 4 else fraction(judged, metric)
        if score is not None and (best is None or score > best + Fraction(threshold, 10_000)):
            best, waited = score, 0
        elif score is not None:
            waited += 1
            if waited == patience:
                rate, waited = max(rate // 2, 5), 0
        expected.append(rate)
    assert rates(schedule, *rounds) == expected


def fraction(counts: ConfusionCounts, metric: str) -> Fraction | None:
    tp, fp, fn, tn = counts
    if metric == "accuracy":
        return Fraction(tp + tn, tp + fp + fn + tn)
    return Fraction(2 * tp, 2 * tp + fp + fn) if tp + fp + fn else None


# --- agreements ---


def test_a_consortium_without_a_schedule_keeps_its_bytes() -> None:
    assert "rate_schedule" not in json.loads(Consortium.agree(**SAID).to_json())
    ours = Consortium.agree(**SAID, proven_metrics=True, rate_schedule=PLATEAU)
    assert Consortium.model_validate_json(ours.to_json()) == ours


def test_a_plateau_needs_proven_metrics() -> None:
    with pytest.raises(ConsortiumError, match="judged by proven metrics"):
        Consortium.agree(**SAID, rate_schedule=PLATEAU)


def test_a_schedule_in_a_file_is_checked() -> None:
    with pytest.raises(ValidationError, match="floor 9 is above start 8"):
        RateSchedule.model_validate({"rule": "rounds", "start": 8, "floor": 9, "rounds": 1})


def test_circuits_and_schedule_go_together() -> None:
    assert agreed_schedule(None, TINY) is None
    assert agreed_schedule("constant", TINY_RATE) == RateSchedule.parse("constant", FULL)
    with pytest.raises(RateScheduleError, match="'tiny' take no rate, and a schedule was agreed"):
        agreed_schedule("constant", TINY)
    with pytest.raises(RateScheduleError, match="'tiny-rate' take a rate in each round, and no"):
        require_rates(None, TINY_RATE)
    with pytest.raises(RateScheduleError, match="start 1025 is above 1024"):
        agreed_schedule("constant:start=1025", TINY_RATE)
