"""The data sets by name, as the command line asks for them."""

from pathlib import Path

from zkfl.datasets.busi import load_busi
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import Federation
from zkfl.datasets.heart import load_heart
from zkfl.datasets.heart_sources import SITES
from zkfl.datasets.names import unknown_dataset
from zkfl.datasets.wdbc import load_wdbc
from zkfl.node.records.standardise import FeatureBounds


def load_federation(
    name: str,
    bounds: FeatureBounds,
    hospitals: int = 4,
    seed: int = 0,
    data_dir: Path | None = None,
) -> Federation:
    """Load a data set cut into hospitals.

    Parameters
    ----------
    name
        ``wdbc``, ``heart`` or ``busi``.
    bounds
        The consortium's bounds on preprocessed rows.
    hospitals
        Sites; ``heart`` has its four real ones.
    seed
        Of the held-out records; public.
    data_dir
        Where a local copy is, for data sets that need one.

    Raises
    ------
    DatasetError
        The name is unknown, the number of hospitals impossible, or the data absent.
    """
    if name == "wdbc":
        return load_wdbc(bounds, hospitals, seed)
    if name == "heart":
        if hospitals != len(SITES):
            raise DatasetError(f"heart has {len(SITES)} real hospitals, {hospitals} were asked for")
        return load_heart(bounds, data_dir, seed)
    if name == "busi":
        return load_busi(bounds, hospitals, seed, data_dir)
    raise unknown_dataset(name)
