"""One seed with real proofs on a chain: its models must be those of the integer run.

Shards, schedule and secrets of the consortium that really ran go through `verified_models`,
the function that every figure of a study comes from. If each model on chain equals the one it
returns, the figures are those of proven training, and not of something like it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zkfl.demo.console import Console
from zkfl.demo.run import run_demo
from zkfl.demo.settings import DemoSettings
from zkfl.evaluation.baselines import Selection
from zkfl.node.home import NodeHome
from zkfl.node.round_journal import RoundJournal
from zkfl.node.shard_vault import ShardVault
from zkfl.studies.comparison import NOISE_BOUND
from zkfl.studies.errors import StudyError
from zkfl.studies.study import Study
from zkfl.studies.verified_run import verified_models
from zkfl.workspace import Workspace
from zkfl.zk_circuits.spec import CircuitSpec


@dataclass(frozen=True)
class _Kept:
    """What the hospitals of a run have on their disks."""

    homes: Sequence[NodeHome]
    spec: CircuitSpec

    def vectors(self) -> list[list[list[int]]]:
        """Return the data vectors that were admitted, by site and shard."""
        vaults = [ShardVault(home, self.spec.data_length) for home in self.homes]
        return [[vault.load(index).vector for index in range(len(vault))] for vault in vaults]

    def secrets(self, number: int, place: int) -> list[int]:
        """Return the noise and blinders that a hospital drew for a round."""
        journal = RoundJournal(self.homes[place], number)
        vector = journal.vector("secrets", self.spec.secrets_length)
        if vector is None:
            raise StudyError(f"{self.homes[place].root} has no secrets of round {number}")
        return vector


def prove_study(
    study: Study, rounds: int, folder: Path, data_dir: Path | None = None
) -> dict[str, object]:
    """Run rounds of a study's first seed with real proofs, and compare every model.

    Parameters
    ----------
    study
        What to train.
    rounds
        How many rounds; each takes a proof a hospital.
    folder
        Where the consortium lives; must not exist yet.
    data_dir
        A local copy of the data, where the data set needs one.

    Returns
    -------
    dict[str, object]
        What was run and compared, JSON-ready.

    Raises
    ------
    StudyError
        A model on chain differs from the one of the integer run.
    RoundFailedError
        A round did not become final.
    """
    settings = DemoSettings(
        dataset=study.dataset,
        hospitals=study.hospitals,
        rounds=rounds,
        seed=0,
        scheme="bfv",
        weight_rule="records",
        workers=None,
        folder=folder,
        data_dir=data_dir,
        circuits=study.circuits,
    )
    result = run_demo(settings, Console())
    workspace = Workspace(folder)
    homes = [NodeHome(workspace.site(h.name)) for h in result.federation.hospitals]
    require_equal_models(study.spec, homes, result.schedule, result.models)
    return {
        "seed": settings.seed,
        "rounds": rounds,
        "hospitals": study.hospitals,
        "proofs_verified_on_chain": result.proofs,
        "models_equal": len(result.models),
        "entries_equal": len(result.models) * study.spec.parameters,
    }


def require_equal_models(
    spec: CircuitSpec,
    homes: Sequence[NodeHome],
    schedule: Sequence[Sequence[Selection]],
    chain_models: Sequence[list[int]],
) -> None:
    """Recompute every model in integers from what the hospitals kept.

    Parameters
    ----------
    spec
        Sizes and constants.
    homes
        The hospitals' folders, in the schedule's order.
    schedule
        What the contract chose.
    chain_models
        Parameters before the first round and after each, as they open on chain.

    Raises
    ------
    StudyError
        One differs from the chain's.
    """
    kept = _Kept(homes, spec)
    models = verified_models(spec, kept.vectors(), schedule, kept.secrets, NOISE_BOUND)
    for number, (own, chains) in enumerate(zip(models, chain_models, strict=True)):
        if own != chains:
            place = next(i for i, entry in enumerate(own) if entry != chains[i])
            raise StudyError(
                f"after round {number} entry {place} of the model is {chains[place]} on chain and "
                f"{own[place]} in the integer run: figures of this study are not those of proofs"
            )
