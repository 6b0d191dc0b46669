"""The part of ``zkfl verify-all`` that is about proven metrics."""

from collections.abc import Sequence

from rich.table import Table

from zkfl.auditor import AuditedConsortium
from zkfl.cli.metrics_steps import count_facts, rate_cells
from zkfl.cli.output import keep_facts, point_progress, show_table, tell
from zkfl.evaluation.confusion import rates_of
from zkfl.proof_verdicts import ProofAuditError, ProofVerdict, check_proofs
from zkfl.proven_metrics import RoundMetrics
from zkfl.stated_metrics import MetricsRecord

_COLUMNS = ("round", "records", "accuracy", "sensitivity", "specificity", "F1")


def check_metrics(
    audited: AuditedConsortium, record: MetricsRecord, round_id: int | None
) -> list[ProofAuditError]:
    """Check every proof of metrics, show what they add up to, and return what does not hold.

    Parameters
    ----------
    audited
        The consortium.
    record
        What the history of its contract of metrics says.
    round_id
        Only this round's figures are shown; all proofs are checked.
    """
    with point_progress("checking proofs of metrics") as report:
        verdicts = check_proofs(record.proofs, audited.circuits, audited.router, report)
    faults = [*filter(None, (verdict.fault for verdict in verdicts)), *record.problems]
    shown = [entry for entry in record.rounds if round_id in {None, entry.round_id}]
    _show(shown, verdicts, faults)
    _show_removal(audited)
    return faults


def _show_removal(audited: AuditedConsortium) -> None:
    """Say where the router takes no further proofs: its owner may have had a reason to."""
    circuit = audited.circuits.evaluation
    removed = circuit is not None and audited.router.route(circuit.manifest.manifest_hash()).removed
    keep_facts(evaluation_removed=removed)
    if removed:
        tell(
            "the council removed the circuit of evaluation: nothing more can be proven; what was "
            "proven before is checked by its verifier itself; ask the council why"
        )


def _show(
    rounds: Sequence[RoundMetrics],
    verdicts: Sequence[ProofVerdict],
    faults: Sequence[ProofAuditError],
) -> None:
    table = Table(*_COLUMNS)
    for entry in rounds:
        cells = (str(entry.round_id), str(entry.counts.records))
        table.add_row(*cells, *rate_cells(rates_of(entry.counts)))
    show_table(table)
    facts = [{"round": entry.round_id, **count_facts(entry.counts)} for entry in rounds]
    metrics = {"checked": len(verdicts), "faults": [str(fault) for fault in faults]}
    keep_facts(metrics=metrics | {"rounds": facts})
    tell(f"metrics: {len(verdicts)} proofs, {len(faults)} faults")
    for fault in faults:
        tell(f"METRICS: {fault}")
