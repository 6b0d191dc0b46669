"""The part of ``zkfl verify-all`` that is about proven metrics."""

from collections.abc import Mapping, Sequence

from zkfl.auditor import AuditedConsortium
from zkfl.cli.metrics_steps import round_facts, show_rounds
from zkfl.cli.output import keep_facts, point_progress, tell
from zkfl.proof_verdicts import ProofAuditError, check_proofs
from zkfl.proven_metrics import RoundMetrics
from zkfl.stated_metrics import MetricsRecord


def check_metrics(
    audited: AuditedConsortium,
    record: MetricsRecord,
    names: Mapping[int, str],
    round_id: int | None,
) -> list[ProofAuditError]:
    """Check every proof of metrics, show what they add up to, and return what does not hold.

    Parameters
    ----------
    audited
        The consortium.
    record
        What the history of its contract of metrics says.
    names
        Of hospitals, by their numbers.
    round_id
        Only this round's figures are shown; all proofs are checked.
    """
    with point_progress("checking proofs of metrics") as report:
        verdicts = check_proofs(record.proofs, audited.circuits, audited.router, report)
    faults = [*filter(None, (verdict.fault for verdict in verdicts)), *record.problems]
    shown = [entry for entry in record.rounds if round_id in {None, entry.round_id}]
    _show(shown, names, list(record.findings.values()), len(verdicts), faults)
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
    names: Mapping[int, str],
    findings: Sequence[str],
    checked: int,
    faults: Sequence[ProofAuditError],
) -> None:
    show_rounds(rounds, names)
    metrics = {
        "checked": checked,
        "faults": [str(fault) for fault in faults],
        "findings": list(findings),
    }
    keep_facts(metrics=metrics | {"rounds": [round_facts(entry, names) for entry in rounds]})
    tell(f"metrics: {checked} proofs, {len(faults)} faults")
    for finding in findings:
        tell(f"FINDING: {finding}")
    for fault in faults:
        tell(f"METRICS: {fault}")
