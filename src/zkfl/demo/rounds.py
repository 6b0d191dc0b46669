"""A consortium on one machine: its parties, and the steps that they take together."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.demo.ledger import Ledger
from zkfl.errors import ZkflError
from zkfl.node.hospital import HospitalNode

Report = Callable[[str], None]
"""Gets a few words about what has just happened."""
Result = TypeVar("Result")


class RoundFailedError(ZkflError):
    """A round did not become final."""


@dataclass(frozen=True)
class Parties:
    """Everyone who acts: nodes in the consortium's order (the key holder first)."""

    nodes: tuple[HospitalNode, ...]
    coordinator: Coordinator
    reader: Registry


class Rounds:
    """Takes the parties through admission and rounds, side by side where they are independent.

    Parameters
    ----------
    parties
        Who acts.
    ledger
        Where costs are written.
    workers
        Hospitals that prove at the same time.
    """

    def __init__(self, parties: Parties, ledger: Ledger, workers: int) -> None:
        self._parties = parties
        self._ledger = ledger
        self._workers = workers

    def admit(self) -> int:
        """Announce keys and admit every hospital's shards; return the number of proofs."""
        with self._ledger.timed("keys"):
            for node in self._parties.nodes:
                self._spent("keys", node.announce_mask_key())
        with self._ledger.timed("admission"):
            by_hospital = self._side_by_side(lambda node: node.admit())
        results = [result for results in by_hospital for result in results]
        for result in results:
            self._spent("admission", result)
        return len(results)

    def run(self, report: Report) -> int:
        """Run one round to finality and return its id.

        Raises
        ------
        RoundFailedError
            The chain did not make it final.
        """
        coordinator, ledger = self._parties.coordinator, self._ledger
        with ledger.timed("open"):
            round_id, opened = coordinator.open_round()
        self._spent("open", opened)
        self._submit(round_id, report)
        with ledger.timed("close"):
            self._spent("close", coordinator.close_round(round_id))
        report("masks cancel, new model computed by the contract")
        with ledger.timed("sum"):
            coordinator.sum_updates(round_id)
        with ledger.timed("decrypt"):
            self._parties.nodes[0].open_sum(round_id)
        with ledger.timed("publish"):
            self._spent("publish", coordinator.publish_model(round_id))
        report("sum opened, model published")
        self._acknowledge(round_id, report)
        return round_id

    def _submit(self, round_id: int, report: Report) -> None:
        with self._ledger.timed("prove and submit"):
            results = self._side_by_side(lambda node: node.submit(round_id))
        for result in results:
            self._spent("prove and submit", result)
        report(f"{len(results)} training proofs made, and verified on chain")

    def _acknowledge(self, round_id: int, report: Report) -> None:
        with self._ledger.timed("acknowledge"):
            for node in self._parties.nodes:
                if self._parties.reader.round(round_id).status == RoundStatus.FINAL:
                    break
                self._spent("acknowledge", node.acknowledge(round_id))
        state = self._parties.reader.round(round_id)
        if state.status != RoundStatus.FINAL:
            raise RoundFailedError(
                f"round {round_id} is {state.status.name} ({state.failure.name}) after every "
                "hospital was asked to acknowledge; the model has not moved"
            )
        report("acknowledged, final")

    def _side_by_side(self, step: Callable[[HospitalNode], Result]) -> list[Result]:
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(step, self._parties.nodes))

    def _spent(self, stage: str, result: TxResult | None) -> None:
        if result is not None:
            self._ledger.spent(stage, result.gas_used)
