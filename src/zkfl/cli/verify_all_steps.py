"""Every proof of a consortium as a row of a table; the lineage, and what it counts on, below it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table
from rich.text import Text

from zkfl.auditor import AuditedConsortium, open_audit
from zkfl.chain.events import ChainEvent
from zkfl.cli.consortium_session import StepError
from zkfl.cli.ground_report import tell_ground
from zkfl.cli.metrics_audit_steps import check_metrics
from zkfl.cli.output import (
    error_console,
    keep_facts,
    point_progress,
    show_table,
    tell,
)
from zkfl.cli.rates_audit_steps import check_rates
from zkfl.foreign_text import foreign_text
from zkfl.lineage import Lineage, Reading, rebuild_lineage
from zkfl.metrics_reading import MetricsReading
from zkfl.proof_coverage import UnprovenError, unproven
from zkfl.proof_verdicts import ProofAuditError, ProofVerdict, check_proofs
from zkfl.signed_history import LineageError
from zkfl.stated_metrics import read_metric_proofs
from zkfl.stated_proofs import ProofRecord, StatedProof, read_proofs

_COLUMNS = ("round", "hospital", "circuit", "shard", "native", "on chain", "links")
_NAME_CHARACTERS = 40


def verify_all(path: Path, rpc_url: str, srs: Path | None, round_id: int | None) -> None:
    """Check proofs and lineage; end with the first that does not hold, after all are shown."""
    with error_console().status("loading circuits (built once a machine) …"):
        audited = open_audit(path, rpc_url, srs)
    history = _read(audited)
    record = history.record
    verdicts = _checked(audited, _chosen(record, round_id))
    _show(verdicts, record.names, insecure=record.config.srs_insecure, agreed=audited.agreed)
    faults = [fault for verdict in verdicts if (fault := verdict.fault) is not None]
    lineage = history.lineage
    broken = lineage if isinstance(lineage, LineageError) else None
    missing = [] if isinstance(lineage, LineageError) else unproven(lineage, verdicts, round_id)
    tell(
        f"{len(verdicts)} proofs, {len(verdicts) - len(faults)} as they must be; "
        f"lineage {'does not add up' if broken else 'adds up'}",
        checked=len(verdicts),
        faults=len(faults),
        lineage="differs" if broken else "adds up",
    )
    _show_extent(history, missing)
    untrue = _check_metrics(audited, history, round_id)
    untrue += check_rates(audited.rates, history.events, history.metrics)
    for error in (*faults[:1], *missing[:1], *([broken] if broken else []), *untrue[:1]):
        raise error


@dataclass(frozen=True)
class _History:
    """What one reading of the chain leads to.

    Attributes
    ----------
    block
        The latest when it was read.
    events
        Of the registry.
    lineage
        Or the first thing that does not add up in it.
    metrics
        What the contract of metrics stated then, where the consortium has one.
    """

    block: int
    events: Sequence[ChainEvent]
    record: ProofRecord
    lineage: Lineage | LineageError
    metrics: MetricsReading | None


def _read(audited: AuditedConsortium) -> _History:
    """Read once for all: an endpoint could show one of them less than the other."""
    registry = audited.registry
    with error_console().status("reading the chain …") as status:
        reading = Reading.take(registry)
        metrics = MetricsReading.take(audited.metrics, reading) if audited.metrics else None
        record = read_proofs(registry, reading.events)
        try:
            lineage = rebuild_lineage(
                registry, lambda number: status.update(f"round {number} adds up …"), reading
            )
        except LineageError as error:
            return _History(reading.block, reading.events, record, error, metrics)
    return _History(reading.block, reading.events, record, lineage, metrics)


def _check_metrics(
    audited: AuditedConsortium, history: _History, round_id: int | None
) -> list[ProofAuditError]:
    lineage, reading = history.lineage, history.metrics
    if isinstance(lineage, LineageError) or audited.metrics is None or reading is None:
        return []
    record = read_metric_proofs(audited.metrics, lineage, reading)
    names = {
        holding.member_id: holding.name if holding.name.isprintable() else holding.account
        for holding in lineage.holdings
    }
    return check_metrics(audited, record, names, round_id)


def _chosen(record: ProofRecord, round_id: int | None) -> Sequence[StatedProof]:
    if round_id is None:
        return record.proofs
    chosen = record.of_round(round_id)
    if not chosen:
        rounds = sorted({proof.round_id for proof in record.proofs if proof.round_id})
        known = ", ".join(map(str, rounds)) or "none"
        raise StepError(f"round {round_id} has no proofs; rounds with proofs: {known}")
    return chosen


def _checked(audited: AuditedConsortium, proofs: Sequence[StatedProof]) -> list[ProofVerdict]:
    with point_progress("checking proofs") as report:
        return check_proofs(proofs, audited.circuits, audited.router, report)


def _show_extent(history: _History, missing: Sequence[UnprovenError]) -> None:
    """Say how far all this goes, and what final rounds count on without a proof."""
    lineage = history.lineage
    if isinstance(lineage, LineageError):
        tell(f"up to block {history.block}", block=history.block, final_round=None)
        return
    last = lineage.finals[-1].card.round_id if lineage.finals else 0
    tell(
        f"up to block {history.block}, final round {last or 'none'}: ask somebody else whether "
        "these are the latest",
        block=history.block,
        final_round=last,
    )
    keep_facts(unproven=[str(error) for error in missing])
    for error in missing:
        tell(f"UNPROVEN: {error}")


def _show(
    verdicts: Sequence[ProofVerdict],
    names: Mapping[str, str],
    *,
    insecure: bool,
    agreed: bool,
) -> None:
    table = Table(*_COLUMNS)
    for verdict in verdicts:
        # names are strangers' words: no markup
        table.add_row(*map(Text, _row(verdict, names)))
    facts = [_facts(verdict, names) for verdict in verdicts]
    keep_facts(proofs=facts)
    show_table(table)
    tell_ground(insecure=insecure, agreed=agreed)


def _row(verdict: ProofVerdict, names: Mapping[str, str]) -> tuple[str, ...]:
    proof = verdict.proof
    return (
        str(proof.round_id or ""),
        _name(proof, names),
        proof.circuit,
        "" if proof.shard is None else str(proof.shard),
        _native(verdict),
        _on_chain(verdict),
        _links(verdict),
    )


def _facts(verdict: ProofVerdict, names: Mapping[str, str]) -> dict[str, object]:
    """Return a row for programs; what is not known is null."""
    proof, fault = verdict.proof, verdict.fault
    return {
        "round": proof.round_id or None,
        "hospital": _name(proof, names),
        "member": proof.member,
        "circuit": proof.circuit,
        "shard": proof.shard,
        "native": verdict.native,
        "on_chain": None if verdict.refusal is None else verdict.refusal == "",
        "refusal": verdict.refusal or None,
        "wrong_links": list(verdict.wrong),
        "challenged": proof.challenged,
        "fault": type(fault).__name__ if fault else None,
        "message": str(fault) if fault else None,
    }


def _name(proof: StatedProof, names: Mapping[str, str]) -> str:
    return foreign_text(names.get(proof.member) or proof.member, _NAME_CHARACTERS)


def _native(verdict: ProofVerdict) -> str:
    if verdict.native is None:
        return "missing"
    return "valid" if verdict.native else "INVALID"


def _on_chain(verdict: ProofVerdict) -> str:
    if verdict.refusal is None:
        return "missing"
    said = "valid" if verdict.refusal == "" else verdict.refusal
    return f"{said}, challenged" if verdict.proof.challenged else said


def _links(verdict: ProofVerdict) -> str:
    """Say which points were compared and hold, or which do not."""
    if verdict.native is None:
        return "missing"
    if verdict.wrong:
        return f"OTHER {', '.join(verdict.wrong)}"
    return ", ".join(sorted(verdict.proof.allowed))
