"""The contract that takes proofs of metrics: every function of ``IModelMetrics``, typed."""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.deployment import Deployment
from zkfl.chain.events import ChainEvent, EventReader
from zkfl.chain.reverts import Abi
from zkfl.chain.transactions import TxResult
from zkfl.curve import G1Point
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts

CONTRACT = "ModelMetrics"


@dataclass(frozen=True)
class HeldOutShard:
    """A test shard as the chain holds it.

    Attributes
    ----------
    commitment, count
        Of its data vector, and its used slots.
    openings
        Proofs about it, its admission included.
    admitted_in
        The round that was the current one at its admission: models of later rounds were unknown.
    """

    commitment: G1Point
    count: int
    openings: int
    admitted_in: int


@dataclass(frozen=True)
class ProvenMetrics:
    """What was proven of one model: counts, and over how many shards."""

    counts: ConfusionCounts
    shards: int


class ModelMetrics:
    """The contract of one consortium; raises as `zkfl.chain.registry.Registry`.

    Attributes
    ----------
    block
        Everything read is as after this block; None for the latest. See `at`.
    """

    def __init__(self, client: ChainClient, address: str, first_block: int = 0) -> None:
        client.require_code(address)
        self.client = client
        self.address = address
        self.block: int | None = None
        self.abi: Abi = compile_project()[CONTRACT].abi
        self._first_block = first_block
        self._events = EventReader(client, address, self.abi)

    def at(self, block: int) -> Self:
        """Return the same contract as it was after one block, so that all readings fit together."""
        pinned = copy.copy(self)
        pinned.block = block
        return pinned

    def admit_test_shard(self, count: int, proof: bytes) -> TxResult:
        """Commit to the sender's next test shard, with ``count`` used slots."""
        return self._write("admitTestShard", count, proof)

    def prove_metrics(
        self, round_id: int, shard_index: int, counts: ConfusionCounts, proof: bytes
    ) -> TxResult:
        """Prove the counts of a final round's model on one of the sender's test shards."""
        return self._write("proveMetrics", round_id, shard_index, tuple(counts), proof)

    def metrics_of(self, round_id: int) -> ProvenMetrics:
        """Return what was proven of a round's model, over all hospitals."""
        return _metrics(self._read("metricsOf", round_id))

    def member_metrics_of(self, round_id: int, member_id: int) -> ProvenMetrics:
        """Return what one hospital proved of a round's model."""
        return _metrics(self._read("memberMetricsOf", round_id, member_id))

    def is_proven(self, round_id: int, member_id: int, shard_index: int) -> bool:
        """Tell whether a test shard was counted for a round."""
        return bool(self._read("isProven", round_id, member_id, shard_index))

    def test_shard_count(self, member_id: int) -> int:
        """Return how many test shards a hospital admitted."""
        return int(self._read("testShardCount", member_id))

    def test_shard_of(self, member_id: int, shard_index: int) -> HeldOutShard:
        """Return one of them."""
        point, count, openings, admitted_in = self._read("testShardOf", member_id, shard_index)
        return HeldOutShard(G1Point(*point), int(count), int(openings), int(admitted_in))

    def router(self) -> str:
        """Return the address of the consortium's verifiers."""
        return str(self._read("ROUTER"))

    def events(self, to_block: int | None = None, names: Iterable[str] = ()) -> list[ChainEvent]:
        """Return the contract's events in chain order."""
        last = self.block if to_block is None else to_block
        return self._events.read(self._first_block, last, names)

    def _read(self, function: str, *arguments: object) -> Any:  # noqa: ANN401 (as the ABI says)
        return self.client.call(self.address, self.abi, function, *arguments, block=self.block)

    def _write(self, function: str, *arguments: object) -> TxResult:
        return self.client.transact(self.address, self.abi, function, *arguments)


def open_metrics(client: ChainClient, deployment: Deployment) -> ModelMetrics | None:
    """Return a deployment's contract of metrics, None where it has none."""
    if deployment.metrics is None:
        return None
    return ModelMetrics(client, deployment.metrics, deployment.block_number)


def counts_of(shown: Mapping[str, int]) -> ConfusionCounts:
    """Return the counts that an event states."""
    names = ("truePositives", "falsePositives", "falseNegatives", "trueNegatives")
    return ConfusionCounts(*(int(shown[name]) for name in names))


def _metrics(shown: tuple[tuple[int, int, int, int], int]) -> ProvenMetrics:
    counts, shards = shown
    return ProvenMetrics(ConfusionCounts(*map(int, counts)), int(shards))
