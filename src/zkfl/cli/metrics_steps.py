"""Proven metrics: test shards, proofs of counts, and the table by round."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from rich.table import Table
from rich.text import Text

from zkfl.chain.model_metrics import open_metrics
from zkfl.chain.registry import Registry
from zkfl.cli.consortium_session import (
    StepError,
    chosen_sites,
    deployment_of,
    open_folder,
    open_parties,
    say,
    saying,
)
from zkfl.cli.consortium_session import show as show_step
from zkfl.cli.output import keep_facts, show_table, tell, tell_entry
from zkfl.evaluation.confusion import CONFIDENCE, Estimate, Rates, rates_of
from zkfl.foreign_text import foreign_text
from zkfl.member_names import hospital_name
from zkfl.node.model_testing import ModelTester
from zkfl.parties import open_reader
from zkfl.proven_metrics import HospitalMetrics, RoundMetrics, read_metrics
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts

_COLUMNS = ("round", "hospital", "shards", "TP", "FP", "FN", "TN")
_RATES = ("accuracy", "sensitivity", "specificity", "F1")
_NAME_CHARACTERS = 40
_LATE = "*"


def admit_test(
    folder: Path, site: list[str] | None, rpc_url: str, srs: Path | None, records: Path | None
) -> None:
    """Prove and admit the test shards of hospitals; of one, with its file of test records."""
    workspace, consortium = open_folder(folder)
    names = chosen_sites(consortium, site, workspace)
    if records and len(names) != 1:
        raise StepError("--records are those of one hospital: name it with --site")
    opener = open_parties(workspace, consortium, rpc_url, srs)
    for name in names:
        tester = ModelTester(opener.node(name, saying(name)))
        if records:
            tester.home.take_records(records)
        results = tester.admit()
        for result in results:
            show_step(f"{name}: test shard admitted", result)
        if not results:
            count = tester.metrics.test_shard_count(tester.member_id)
            say(f"{name}: all {count} test shards admitted before")


def prove(
    folder: Path, site: list[str] | None, round_id: int | None, rpc_url: str, srs: Path | None
) -> None:
    """Prove a final round's metrics on the test shards of hospitals."""
    workspace, consortium = open_folder(folder)
    names = chosen_sites(consortium, site, workspace)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    for name in names:
        tester = ModelTester(opener.node(name, saying(name)))
        chosen = chosen_round(opener.reader(), round_id)
        for proven in tester.prove(chosen):
            show_step(f"{name}: metrics of test shard {proven.shard_index}", proven.sent)
            counts = proven.counts
            text = f"metrics    {name}: round {chosen}, test shard {proven.shard_index}: "
            text += ", ".join(
                f"{value} {key.replace('_', ' ')}" for key, value in counts._asdict().items()
            )
            place = {"name": name, "round": chosen, "shard": proven.shard_index}
            tell_entry("metrics", {**place, **counts._asdict()}, text)


def chosen_round(registry: Registry, round_id: int | None) -> int:
    """Return the round that was named, else the last final one; `StepError` if there is none."""
    chosen = registry.final_round() if round_id is None else round_id
    if not chosen:
        raise StepError("no round is final yet: there is no model to test")
    return chosen


def show(folder: Path, rpc_url: str) -> None:
    """Show what is proven of each round's model."""
    workspace, _ = open_folder(folder)
    deployment = deployment_of(workspace)
    registry = open_reader(workspace, deployment, rpc_url)
    metrics = open_metrics(registry.client, deployment)
    if metrics is None:
        raise StepError(
            "this consortium proves no metrics: whoever founds one decides it (zkfl init --metrics)"
        )
    rounds = read_metrics(metrics)
    names = {place: hospital_name(registry, m) for place, m in enumerate(registry.members(), 1)}
    keep_facts(confidence=CONFIDENCE, rounds=[round_facts(entry, names) for entry in rounds])
    show_rounds(rounds, names)
    proven = sum(entry.shards for entry in rounds)
    tell(f"{proven} proofs of metrics; check each of them with zkfl verify-all", proofs=proven)


def show_rounds(rounds: Sequence[RoundMetrics], names: Mapping[int, str]) -> None:
    """Show counts by hospital, rates, and what rates alone do not tell."""
    show_table(_counts_table(rounds, names))
    show_table(_rates_table([(entry.round_id, entry.counts) for entry in rounds]))
    for entry in rounds:
        tell(
            f"round {entry.round_id}: one hospital brings {100 * entry.largest_share:.0f} % of "
            f"the records, {_late_records(entry)} of {entry.counts.records} came late"
        )
    late = [(entry.round_id, entry.early) for entry in rounds if _late_records(entry)]
    if late:
        tell(f"{_LATE} some of these records were committed to when the model could be known")
        tell("over those that were committed to before:")
        show_table(_rates_table(late))


def _late_records(entry: RoundMetrics) -> int:
    return entry.counts.records - entry.early.records


def _counts_table(rounds: Sequence[RoundMetrics], names: Mapping[int, str]) -> Table:
    table = Table(*_COLUMNS)
    for entry in rounds:
        for part in entry.hospitals:
            late = "" if part.committed_before else _LATE
            shards = f"{part.shards} of {part.admitted}"
            cells = (str(entry.round_id), _name(part, names) + late, shards)
            # names are strangers' words: no markup
            table.add_row(*map(Text, (*cells, *map(str, part.counts))))
        table.add_row(str(entry.round_id), "all", str(entry.shards), *map(str, entry.counts))
    return table


def _rates_table(rounds: Iterable[tuple[int, ConfusionCounts]]) -> Table:
    table = Table("round", "records", *_RATES)
    for number, counts in rounds:
        table.add_row(str(number), str(counts.records), *rate_cells(rates_of(counts)))
    return table


def rate_cells(rates: Rates) -> list[str]:
    """Return accuracy, sensitivity, specificity and F1 for a table, in percent."""
    shown = (rates.accuracy, rates.sensitivity, rates.specificity, rates.f1)
    return [_percent(rate) for rate in shown]


def _percent(rate: Estimate | None) -> str:
    if rate is None:
        return "-"
    value, low, high = (100 * part for part in rate)
    return f"{value:.1f} ({low:.1f} to {high:.1f})"


def round_facts(entry: RoundMetrics, names: Mapping[int, str]) -> dict[str, object]:
    """Return a round's metrics for programs."""
    hospitals = [
        {
            "hospital": _name(part, names),
            "member_id": part.member_id,
            "shards": part.shards,
            "admitted_shards": part.admitted,
            "committed_before": part.committed_before,
            **part.counts._asdict(),
        }
        for part in entry.hospitals
    ]
    return {
        "round": entry.round_id,
        "hospitals": hospitals,
        **count_facts(entry.counts),
        "largest_share": entry.largest_share,
        "late_records": _late_records(entry),
        "committed_before": count_facts(entry.early),
    }


def count_facts(counts: ConfusionCounts) -> dict[str, object]:
    """Return counts and rates for programs."""
    return {"counts": counts._asdict(), "rates": rates_of(counts).to_dict()}


def _name(part: HospitalMetrics, names: Mapping[int, str]) -> str:
    return foreign_text(names.get(part.member_id, f"member {part.member_id}"), _NAME_CHARACTERS)
