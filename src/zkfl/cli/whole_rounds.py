"""Whole rounds of a folder that holds all parties: opened, trained, closed, acknowledged."""

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus, WeightRule
from zkfl.cli.consortium_session import StepError, open_folder, open_parties, say, saying, show
from zkfl.cli.output import error_console, tell_entry
from zkfl.cli.round_steps import acknowledged, close_round, open_next
from zkfl.demo.workers import default_workers
from zkfl.errors import ZkflError
from zkfl.node.hospital import HospitalNode
from zkfl.zk_circuits.instances import get_instance

_FIRST_ATTEMPT = 1
_LOOK_SECONDS = 2.0
_MODEL_DIGITS = 16


class RoundNotFinalError(ZkflError):
    """A whole round was run and did not become final."""


def require_model(folder: Path, model: str | None) -> None:
    """Refuse another model than the consortium's.

    Parameters
    ----------
    folder
        The consortium's.
    model
        Name of a training circuit, or of the instance that it belongs to; None asks for nothing.

    Raises
    ------
    StepError
        The consortium trains another one.
    """
    if model is None:
        return
    _, consortium = open_folder(folder)
    circuit = get_instance(consortium.circuits).training.name
    if model not in {circuit, consortium.circuits}:
        raise StepError(
            f"this consortium trains {circuit}, not {model[:80]!r}: the model was agreed in "
            "consortium.json and stands on chain; zkfl circuits list shows what a new consortium "
            "can choose"
        )


def train_rounds(
    folder: Path, site: list[str] | None, rpc_url: str, srs: Path | None, rounds: int
) -> None:
    """Run rounds to finality, one after the other; a round in progress is the first of them."""
    if site:
        raise StepError("--rounds runs whole rounds of all hospitals: leave --site out")
    workspace, consortium = open_folder(folder)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    nodes = {name: opener.node(name, saying(name)) for name in consortium.hospitals}
    crew = _Crew(nodes, opener.coordinator())
    for number in range(1, rounds + 1):
        begun = time.monotonic()
        round_id = crew.run()
        seconds = time.monotonic() - begun
        state = crew.registry.round(round_id)
        entry: dict[str, object] = {
            "round": round_id,
            "seconds": round(seconds, 3),
            "submissions": state.submissions,
            "model": state.model_hash.hex(),
        }
        text = (
            f"round {round_id} ({number} of {rounds}): final, {state.submissions} updates, "
            f"{seconds:.0f} s, model {state.model_hash.hex()[:_MODEL_DIGITS]}…"
        )
        tell_entry("rounds", entry, text)


@dataclass(frozen=True)
class _Crew:
    """Everyone who acts: nodes by name (the key holder first), and the aggregator."""

    nodes: Mapping[str, HospitalNode]
    coordinator: Coordinator

    @property
    def registry(self) -> Registry:
        return self.coordinator.registry

    def run(self) -> int:
        """Take one round to finality; every step is left out that was taken before."""
        latest = self.registry.current_round()
        going = self.registry.round(latest).status.in_progress
        round_id = latest if going else open_next(self.coordinator)
        cohort = self.registry.cohort(round_id)
        taking_part = {name: node for name, node in self.nodes.items() if node.address in cohort}
        if self.registry.round(round_id).status is RoundStatus.OPEN:
            self._train(round_id, taking_part)
        close_round(self.coordinator, next(iter(self.nodes.values())), round_id)
        self._wait_for_challenges(round_id)
        self._acknowledge(round_id, taking_part)
        show(f"round {round_id}: model card", self.coordinator.publish_card(round_id))
        if self.registry.config().weight_rule is WeightRule.BENEFIT:
            for name, node in taking_part.items():
                show(f"{name}: benefit", node.prove_benefit(round_id))
        return round_id

    def _train(self, round_id: int, nodes: Mapping[str, HospitalNode]) -> None:
        again = self.registry.round(round_id).attempt > _FIRST_ATTEMPT
        if not again:
            logrows = next(iter(nodes.values())).spec.logrows
            with ThreadPoolExecutor(default_workers(logrows)) as pool:
                list(pool.map(lambda node: node.prove(round_id), nodes.values()))
        for name, node in nodes.items():
            show(f"{name}: update", node.remask(round_id) if again else node.submit(round_id))

    def _wait_for_challenges(self, round_id: int) -> None:
        """Let the time pass in which posted proofs may be challenged."""
        left = (
            self.registry.challenge_deadline(round_id) - self.registry.client.block_timestamp() + 1
        )
        if left <= 0:
            return
        say(f"round {round_id}: its proofs may be challenged for {left} s more")
        ends = time.monotonic() + left
        with error_console().status("waiting …") as status:
            while (rest := ends - time.monotonic()) > 0:
                status.update(f"{rest:.0f} s until nobody can challenge a proof any more …")
                time.sleep(min(_LOOK_SECONDS, rest))

    def _acknowledge(self, round_id: int, nodes: Mapping[str, HospitalNode]) -> None:
        for name, node in nodes.items():
            if self.registry.round(round_id).status is not RoundStatus.PUBLISHED:
                break
            show(f"{name}: acknowledged", acknowledged(node, round_id))
        state = self.registry.round(round_id)
        if state.status is not RoundStatus.FINAL:
            raise RoundNotFinalError(
                f"round {round_id} is {state.status.name} after every step of it was taken: zkfl "
                "status says what it waits for; the model has not moved"
            )
