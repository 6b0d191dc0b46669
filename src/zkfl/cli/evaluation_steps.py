"""A model tested at home: calibration, and rates by group; nothing leaves the hospital."""

from pathlib import Path

from rich.table import Table
from rich.text import Text

from zkfl.cli.consortium_session import chosen_site, open_folder, open_parties, saying
from zkfl.cli.metrics_steps import chosen_round, count_facts, rate_cells
from zkfl.cli.output import error_console, keep_facts, show_table, tell
from zkfl.evaluation.calibration import Calibration
from zkfl.evaluation.confusion import rates_of
from zkfl.evaluation.groups import GroupTable
from zkfl.foreign_text import foreign_text
from zkfl.node.home_evaluation import HomeEvaluation, evaluate_at_home

_RATES = ("accuracy", "sensitivity", "specificity", "F1")
_NAME_CHARACTERS = 40


def evaluate(  # noqa: PLR0913, PLR0917 - what the command was asked
    folder: Path,
    site: str | None,
    round_id: int | None,
    by: list[str] | None,
    least: int,
    rpc_url: str,
    srs: Path | None,
) -> None:
    """Show calibration and rates by group of a final round's model on a site's test records."""
    workspace, consortium = open_folder(folder)
    name = chosen_site(workspace, consortium, site)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    chosen = chosen_round(opener.reader(), round_id)
    node = opener.node(name, saying(name))
    with error_console().status("testing …"):
        found = evaluate_at_home(node, chosen, by, least)
    show_evaluation(found, least, chosen, name)


def show_evaluation(found: HomeEvaluation, least: int, round_id: int, name: str) -> None:
    """Print what a hospital found out about a round's model."""
    _keep(found, round_id, name)
    table = Table("column", "group", "records", *_RATES)
    table.add_row("", "all", str(found.counts.records), *rate_cells(rates_of(found.counts)))
    for group in found.groups:
        for value, counts in group.counts.items():
            # cells of a hospital's own file, and still no markup
            names = (Text(group.column), Text(foreign_text(value, _NAME_CHARACTERS)))
            table.add_row(*names, str(counts.records), *rate_cells(rates_of(counts)))
    show_table(table)
    show_table(_reliability(found.calibration))
    brier, error = found.calibration.brier, found.calibration.expected_error
    tell(f"Brier score {brier:.4f}, expected calibration error {error:.4f}")
    hidden = sum(group.suppressed for group in found.groups)
    if hidden:
        tell(f"{hidden} groups are not shown: fewer than {least} records, or theirs would follow")


def _reliability(calibration: Calibration) -> Table:
    table = Table("probability", "records", "mean", "positive")
    for entry in calibration.bins:
        span = f"{entry.low:.1f} to {entry.high:.1f}"
        table.add_row(span, str(entry.records), f"{entry.stated:.3f}", f"{entry.observed:.3f}")
    return table


def _keep(found: HomeEvaluation, round_id: int, name: str) -> None:
    calibration = found.calibration
    bins = [entry._asdict() for entry in calibration.bins]
    keep_facts(
        round=round_id,
        hospital=name,
        **count_facts(found.counts),
        brier=calibration.brier,
        expected_calibration_error=calibration.expected_error,
        reliability=bins,
        groups=[_facts(group) for group in found.groups],
    )


def _facts(group: GroupTable) -> dict[str, object]:
    values = {value: count_facts(counts) for value, counts in group.counts.items()}
    return {"column": group.column, "suppressed": group.suppressed, "groups": values}
