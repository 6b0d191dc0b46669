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
from zkfl.demo.round_progress import RoundProgress
from zkfl.errors import ZkflError
from zkfl.node.hospital import HospitalNode

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
    wait
        Lets so many seconds pass on the chain.
    """

    def __init__(
        self, parties: Parties, ledger: Ledger, workers: int, wait: Callable[[int], None]
    ) -> None:
        self._parties = parties
        self._ledger = ledger
        self._workers = workers
        self._wait = wait

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

    def run(self, progress: RoundProgress) -> int:
        """Run one round to finality and return its id.

        Raises
        ------
        RoundFailedError
            The chain did not make it final.
        """
        coordinator, ledger = self._parties.coordinator, self._ledger
        with ledger.timed("open"):
            round_id, opened = coordinator.open_round()
        self._spent("open", opened, progress)
        self._prove(round_id, progress)
        self._submit(round_id, progress)
        self._check(round_id, progress)
        with ledger.timed("close"):
            self._spent("close", coordinator.close_round(round_id), progress)
        with ledger.timed("sum"):
            self._spent("sum", coordinator.announce_sum(round_id), progress)
        with ledger.timed("decrypt"):
            self._spent("decrypt", self._parties.nodes[0].open_sum(round_id), progress)
        progress.reached("sum opened")
        with ledger.timed("publish"):
            self._spent("publish", coordinator.publish_model(round_id), progress)
        self._wait_for_challenges(round_id)
        self._acknowledge(round_id, progress)
        return round_id

    def _prove(self, round_id: int, progress: RoundProgress) -> None:
        def prove(node: HospitalNode) -> None:
            node.prove(round_id)
            progress.proof_made()

        with self._ledger.timed("prove"):
            self._side_by_side(prove)

    def _submit(self, round_id: int, progress: RoundProgress) -> None:
        if self._parties.nodes[0].ground.challenge_window:
            progress.taken_as = "posted"

        def submit(node: HospitalNode) -> None:
            self._spent("submit", node.submit(round_id), progress)
            progress.proof_taken()

        with self._ledger.timed("submit"):
            self._side_by_side(submit)

    def _check(self, round_id: int, progress: RoundProgress) -> None:
        """Let every hospital check the posted proofs of all."""
        if not self._parties.nodes[0].ground.challenge_window:
            return
        with self._ledger.timed("check"):
            challenged = self._side_by_side(lambda node: node.check_proofs(round_id))
        if any(challenged):
            raise RoundFailedError(f"round {round_id}: {challenged} posted invalid proofs")
        progress.reached("all proofs checked")

    def _wait_for_challenges(self, round_id: int) -> None:
        reader = self._parties.reader
        left = reader.challenge_deadline(round_id) - reader.client.block_timestamp()
        if left >= 0:
            self._wait(left + 1)

    def _acknowledge(self, round_id: int, progress: RoundProgress) -> None:
        with self._ledger.timed("acknowledge"):
            for node in self._parties.nodes:
                if self._parties.reader.round(round_id).status == RoundStatus.FINAL:
                    break
                self._spent("acknowledge", node.acknowledge(round_id), progress)
        state = self._parties.reader.round(round_id)
        if state.status != RoundStatus.FINAL:
            raise RoundFailedError(
                f"round {round_id} is {state.status.name} ({state.failure.name}) after every "
                "hospital was asked to acknowledge; the model has not moved"
            )
        progress.reached("final")

    def _side_by_side(self, step: Callable[[HospitalNode], Result]) -> list[Result]:
        with ThreadPoolExecutor(self._workers) as pool:
            return list(pool.map(step, self._parties.nodes))

    def _spent(
        self, stage: str, result: TxResult | None, progress: RoundProgress | None = None
    ) -> None:
        if result is None:
            return
        self._ledger.spent(stage, result.gas_used)
        if progress is not None:
            progress.spent(result.gas_used)
