"""Everything that a release card is made of: one reading of the chain, recomputed and checked."""

from collections.abc import Callable
from dataclasses import dataclass

from zkfl.chain.model_metrics import ModelMetrics
from zkfl.chain.registry import Registry
from zkfl.chain.router import Router
from zkfl.common_ground import Circuits
from zkfl.consortium import Consortium
from zkfl.lineage import FinalRound, Lineage, Reading, rebuild_lineage
from zkfl.metrics_reading import MetricsReading
from zkfl.node.records.schema import RecordSchema
from zkfl.proof_verdicts import check_proofs
from zkfl.proven_metrics import RoundMetrics
from zkfl.release_card.errors import ReleaseCardError
from zkfl.stated_metrics import read_metric_proofs

StepCallback = Callable[[str], None]


@dataclass(frozen=True)
class Ground:
    """A consortium whose contracts were compared with this checkout, and its agreements."""

    registry: Registry
    router: Router
    circuits: Circuits
    metrics: ModelMetrics | None
    consortium: Consortium
    schema: RecordSchema


@dataclass(frozen=True)
class CheckedMetrics:
    """What is proven of one round's model.

    Attributes
    ----------
    round
        None where nothing is.
    verified
        Proofs that were verified, with EZKL and by the contract: of all rounds.
    came_to_train
        Test shards of this round's counts that came to train afterwards.
    """

    round: RoundMetrics | None
    verified: int
    came_to_train: list[str]


@dataclass(frozen=True)
class Source:
    """What one reading leads to.

    Attributes
    ----------
    lineage, final
        Recomputed; the last final round of it.
    block
        Up to which it was read.
    final_transaction, final_block
        Where the round became final.
    metrics
        None where the consortium proves none.
    """

    ground: Ground
    lineage: Lineage
    final: FinalRound
    block: int
    final_transaction: str
    final_block: int
    metrics: CheckedMetrics | None


def read_source(ground: Ground, on_step: StepCallback) -> Source:
    """Read the chain once, recompute the lineage, and verify what is proven of the model.

    Raises
    ------
    ReleaseCardError
        No round is final.
    LineageError, ProofAuditError
        Something does not hold: no card is written of it.
    RpcError
        The endpoint is not in order.
    """
    on_step("reading the chain")
    reading = Reading.take(ground.registry)
    taken = MetricsReading.take(ground.metrics, reading) if ground.metrics else None
    lineage = rebuild_lineage(
        ground.registry, lambda number: on_step(f"round {number} adds up"), reading
    )
    if not lineage.finals:
        raise ReleaseCardError("no round is final yet, so there is no model: run a round first")
    final = lineage.finals[-1]
    [ended] = [
        event
        for event in reading.events
        if event.name == "RoundFinalized" and event.values["roundId"] == final.card.round_id
    ]
    on_step("checking proofs of metrics")
    metrics = _metrics(ground, lineage, taken, final.card.round_id)
    place = (ended.tx_hash, ended.block_number)
    return Source(ground, lineage, final, reading.block, *place, metrics)


def _metrics(
    ground: Ground, lineage: Lineage, taken: MetricsReading | None, round_id: int
) -> CheckedMetrics | None:
    if ground.metrics is None or taken is None:
        return None
    record = read_metric_proofs(ground.metrics, lineage, taken)
    verdicts = check_proofs(record.proofs, ground.circuits, ground.router)
    faults = [*(v.fault for v in verdicts if v.fault is not None), *record.problems]
    for fault in faults:
        raise fault
    found = next((entry for entry in record.rounds if entry.round_id == round_id), None)
    return CheckedMetrics(found, len(verdicts), record.findings_of(round_id))
