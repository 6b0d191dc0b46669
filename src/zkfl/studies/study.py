"""The studies by name. Another data set is one more entry, if ``load_federation`` knows it."""

from dataclasses import dataclass
from pathlib import Path

from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.federation import Federation
from zkfl.datasets.names import usual_circuits, usual_hospitals
from zkfl.model_release import feature_bounds
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.spec import CircuitSpec

NOT_LINEAR = ("comparison", "heterogeneity", "scales")
USUAL_PARTS = (*NOT_LINEAR, "integers")


@dataclass(frozen=True)
class Study:
    """What is trained on what, and for how long.

    Attributes
    ----------
    name
        Of the study and of its page.
    dataset
        Of the data set.
    rounds
        Of training.
    parts
        What is run where no part is named.
    circuits
        Of the instance, and with it of the model; None for the data set's own.
    largest_scale
        Most fraction bits at which the model's step can be written.
    """

    name: str
    dataset: str
    rounds: int = 20
    parts: tuple[str, ...] = USUAL_PARTS
    circuits: str | None = None
    largest_scale: int = 13

    @property
    def hospitals(self) -> int:
        """Number of sites."""
        return usual_hospitals(self.dataset)

    @property
    def spec(self) -> CircuitSpec:
        """Sizes and constants of the circuits."""
        return get_instance(self.circuits or usual_circuits(self.dataset)).spec

    def federation(self, seed: int, data_dir: Path | None = None) -> Federation:
        """Return sites and held-out records for a seed.

        Raises
        ------
        DatasetError
            The data is absent or altered.
        """
        bounds = feature_bounds(self.spec)
        return load_federation(self.dataset, bounds, self.hospitals, seed, data_dir)


STUDIES = {
    study.name: study
    for study in (
        Study("wdbc", "wdbc"),
        Study("heart", "heart"),
        Study("tcga-brca", "tcga-brca", parts=("endpoints", *USUAL_PARTS)),
        Study("busi", "busi"),
        Study("busi-pixels", "busi-pixels", parts=("comparison", "scales")),
        Study("wdbc-mlp", "wdbc", parts=NOT_LINEAR, circuits="wdbc-mlp", largest_scale=11),
    )
}
