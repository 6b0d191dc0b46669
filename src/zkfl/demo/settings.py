"""What a demo run is asked to do."""

from dataclasses import dataclass
from pathlib import Path

from zkfl.chain.node_names import NODE_NAMES
from zkfl.datasets.names import DATASETS, REAL_SITES, usual_circuits
from zkfl.errors import ZkflError

MIN_HOSPITALS = 3
MAX_HOSPITALS = 16


class DemoSettingsError(ZkflError):
    """A demo was asked for that cannot run."""


@dataclass(frozen=True)
class DemoSettings:
    """Options of ``zkfl demo``.

    Attributes
    ----------
    dataset
        ``wdbc``, ``heart``, ``tcga-brca``, ``busi`` or ``busi-pixels``.
    hospitals
        Sites; ``heart`` and ``tcga-brca`` have their real ones.
    rounds
        Rounds of training.
    seed
        Of partition and test set; public.
    scheme
        ``bfv`` or ``ckks``.
    weight_rule
        How records become shares.
    workers
        Hospitals that prove at the same time; None for what cores and memory allow.
    folder
        Where everything is written; must not exist yet.
    data_dir
        A local copy of the data, where the data set needs one.
    chain
        The local chain that the demo starts: ``anvil`` or ``hardhat``.
    challenge_window
        Seconds to challenge posted proofs; 0 where the chain verifies each as it comes.
    circuits
        Names the instance, and with it the model; None for the data set's own.
    rate_schedule
        How each round's learning rate follows, as `RateSchedule.parse` reads it; None for none.
    """

    dataset: str
    hospitals: int
    rounds: int
    seed: int
    scheme: str
    weight_rule: str
    workers: int | None
    folder: Path
    data_dir: Path | None = None
    chain: str = NODE_NAMES[0]
    challenge_window: int = 0
    circuits: str | None = None
    rate_schedule: str | None = None

    @property
    def instance(self) -> str:
        """Name of the circuits."""
        return self.circuits or usual_circuits(self.dataset)

    def __post_init__(self) -> None:
        """Refuse what cannot run before anything is started."""
        if self.dataset not in DATASETS:
            raise DemoSettingsError(
                f"no data set {self.dataset!r}: choose one of {', '.join(DATASETS)}"
            )
        if not MIN_HOSPITALS <= self.hospitals <= MAX_HOSPITALS:
            raise DemoSettingsError(
                f"{self.hospitals} hospitals: choose {MIN_HOSPITALS} to {MAX_HOSPITALS}; a sum of "
                "two updates would reveal each to the other"
            )
        real = REAL_SITES.get(self.dataset, self.hospitals)
        if self.hospitals != real:
            raise DemoSettingsError(
                f"{self.dataset} has {real} real hospitals, {self.hospitals} were asked for"
            )
        if self.chain not in NODE_NAMES:
            raise DemoSettingsError(
                f"no local chain {self.chain!r}: choose one of {', '.join(NODE_NAMES)}"
            )
        if (self.rate_schedule or "").startswith("plateau"):
            raise DemoSettingsError(
                "a plateau is judged by proven metrics, and the demo proves none: take constant or "
                "rounds, or found a consortium with zkfl init --metrics"
            )
        if self.rounds < 1:
            raise DemoSettingsError(f"{self.rounds} rounds: at least 1 is needed")
        if self.folder.exists() and any(self.folder.iterdir()):
            raise DemoSettingsError(
                f"{self.folder} is not empty: name another folder with --out, or remove it"
            )
