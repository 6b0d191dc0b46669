"""Every proof of metrics that the chain took, read from calldata, and what it must be about."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from zkfl.chain.events import ChainEvent
from zkfl.chain.model_metrics import ModelMetrics, counts_of
from zkfl.chain.protocol import evaluation_context, held_out_context
from zkfl.chain.states import ConsortiumConfig
from zkfl.curve import G1Point, multiply, total
from zkfl.lineage import Lineage
from zkfl.metrics_reading import MetricsReading
from zkfl.proof_verdicts import ProofAuditError
from zkfl.proven_metrics import RoundMetrics, rounds_of
from zkfl.signed_history import LineageError, SignedHistory, point_of, require_same
from zkfl.stated_proofs import CircuitKind, StatedProof
from zkfl.zk_circuits.evaluation.counts import CountsError

_DATA = 0
_NOWHERE: frozenset[G1Point] = frozenset()


class MetricsAuditError(ProofAuditError):
    """Proven metrics are not what the chain's history leads to."""


@dataclass(frozen=True)
class MetricsRecord:
    """What the history of a contract of metrics says.

    Attributes
    ----------
    proofs
        Of test shards and of metrics, in the chain's order; the circuit of a test shard's is that
        of admission.
    rounds
        Counts by round and hospital, summed from the events that these proofs stand behind.
    problems
        What holds of no single proof.
    findings
        What members did that the contract does not refuse, and that makes no proof wrong: by member
        and test shard.
    counted
        Round, member and test shard of each proof of metrics.
    """

    proofs: list[StatedProof]
    rounds: list[RoundMetrics]
    problems: list[MetricsAuditError]
    findings: Mapping[tuple[int, int], str]
    counted: frozenset[tuple[int, int, int]]

    def findings_of(self, round_id: int) -> list[str]:
        """Return what was found of the test shards that a round's counts are of."""
        found = self.findings.items()
        return [said for place, said in found if (round_id, *place) in self.counted]


def read_metric_proofs(
    metrics: ModelMetrics, lineage: Lineage, reading: MetricsReading
) -> MetricsRecord:
    """Read every proof that a contract of metrics took, and compare what it states with them.

    Parameters
    ----------
    metrics
        Its code must have been compared before.
    lineage
        The consortium's, recomputed: it says whose an account is and what each final model is.
    reading
        Of the contract, after the block that the lineage goes up to.

    Raises
    ------
    RpcError
        The endpoint is not in order.
    """
    reader = _Reader(metrics, lineage)
    events = [event for event in reading.events if event.name in reader.steps]
    proofs = [reader.read(event) for event in events]
    differences = map(MetricsAuditError, reading.differences())
    return MetricsRecord(
        proofs,
        rounds_of(events),
        [*reader.problems, *differences],
        reader.findings,
        frozenset(reader.counted),
    )


class _Reader:
    def __init__(self, metrics: ModelMetrics, lineage: Lineage) -> None:
        self._place = (metrics.client.chain_id, metrics.address)
        self._history = SignedHistory(metrics)
        self._config: ConsortiumConfig = lineage.creation.config
        self._accounts = lineage.accounts
        self._models = {final.card.round_id: final.card.model_after for final in lineage.finals}
        self._trained = {
            point: (f"training shard {index} of member {holding.member_id}", at)
            for holding in lineage.holdings
            for index, ((point, _), at) in enumerate(
                zip(holding.shards, holding.admitted_at, strict=True)
            )
        }
        self._shards: dict[tuple[int, int], G1Point] = {}
        self.counted: set[tuple[int, int, int]] = set()
        self.problems: list[MetricsAuditError] = []
        self.findings: dict[tuple[int, int], str] = {}
        self.steps: Mapping[str, Callable[[ChainEvent], StatedProof]] = {
            "TestShardAdmitted": self._admitted,
            "MetricsProven": self._proven,
        }

    def read(self, event: ChainEvent) -> StatedProof:
        return self.steps[event.name](event)

    def _admitted(self, event: ChainEvent) -> StatedProof:
        stated, index = self._stated("admission", event), int(event.values["shardIndex"])
        proof = self._signed(stated, event, "admitTestShard", ("count",))
        commitment = G1Point(*(int(event.values["commitment"][axis]) for axis in ("x", "y")))
        self._require_held_out(stated, event, proof)
        context = held_out_context(*self._place, stated.member, index)
        self._shards[stated.hospital, index] = commitment
        public = self._public(int(event.values["count"]), context)
        return self._linked(stated, proof, {"data": commitment, "public": public})

    def _proven(self, event: ChainEvent) -> StatedProof:
        round_id, index = int(event.values["roundId"]), int(event.values["shardIndex"])
        stated = replace(self._stated("evaluation", event), round_id=round_id)
        proof = self._signed(stated, event, "proveMetrics", ("roundId", "shardIndex", "counts"))
        self._require_held_out(stated, event, proof)
        self._count_once((round_id, stated.hospital, index))
        points = {
            "data": self._shards.get((stated.hospital, index)),
            "model": self._models.get(round_id),
            "public": self._packed(
                event, evaluation_context(*self._place, stated.member, round_id)
            ),
        }
        return self._linked(stated, proof, points)

    # --- helpers ---

    def _require_held_out(self, stated: StatedProof, event: ChainEvent, shown: bytes | str) -> None:
        """Find a test shard that trains, by the point that its member signed.

        The contract asks the registry at every call, so a shard can only come to train afterwards:
        what was proven before is about models that it did not train.
        """
        trained = None if isinstance(shown, str) else self._trained.get(point_of(shown, _DATA, ""))
        if trained is None:
            return
        what, since = trained
        where = f"test shard {stated.shard} of member {stated.hospital} ({stated.member})"
        if since < (event.block_number, event.log_index):
            self._complain(f"{where} is shown in {event.name} although it was {what} by then")
        elif event.name == "TestShardAdmitted":
            self.findings[stated.hospital, int(event.values["shardIndex"])] = (
                f"{where} came to train later, as {what}: its counts here are of models from "
                "before, and no more can be proven with it"
            )

    def _stated(self, circuit: CircuitKind, event: ChainEvent) -> StatedProof:
        member, number = str(event.values["member"]), int(event.values["memberId"])
        if self._accounts.get(member) != number:
            self._complain(f"an event says that {member} is member {number}, and it is not")
        return StatedProof(circuit, member, number, shard=int(event.values["shardIndex"]))

    def _signed(
        self, stated: StatedProof, event: ChainEvent, function: str, names: Sequence[str]
    ) -> bytes | str:
        """Return the proof that the member signed, or why nobody sees it."""
        where = f"the call of {stated.member} behind {event.name}"
        try:
            signed = self._history.arguments(event, function, stated.member, where)
            for name in names:
                require_same(where, name, _plain(event.values[name]), _plain(signed[name]))
            data = bytes(signed["proof"])
            point_of(data, _DATA, where)
        except LineageError as error:
            return str(error)
        return data

    def _linked(
        self, stated: StatedProof, shown: bytes | str, points: Mapping[str, G1Point | None]
    ) -> StatedProof:
        if isinstance(shown, str):
            return replace(stated, problem=shown)
        known = {name: _NOWHERE if p is None else frozenset({p}) for name, p in points.items()}
        zeros = frozenset({self._config.zero_commitment})
        return replace(stated, data=shown, allowed=known | {"zeros": zeros})

    def _packed(self, event: ChainEvent, context: int) -> G1Point | None:
        try:
            return self._public(counts_of(event.values["counts"]).packed(), context)
        except CountsError:
            return None

    def _public(self, scalar: int, context: int) -> G1Point:
        config = self._config
        parts = (multiply(config.lagrange0, scalar), multiply(config.lagrange1, context))
        return total([config.zero_commitment, *parts])

    def _count_once(self, place: tuple[int, int, int]) -> None:
        if place in self.counted:
            self._complain(f"round, member and test shard {place} are shown as counted twice")
        self.counted.add(place)

    def _complain(self, why: str) -> None:
        self.problems.append(
            MetricsAuditError(f"{why}: the contract allows no such thing; ask another endpoint")
        )


def _plain(value: object) -> object:
    """Return a struct as a tuple, whichever way it was decoded."""
    return tuple(value.values()) if isinstance(value, Mapping) else value
