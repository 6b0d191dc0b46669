"""The data sets by name, as the command line asks for them."""

from pathlib import Path

from zkfl.datasets.busi import load_busi
from zkfl.datasets.busi_pixels import load_busi_pixels
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import Federation
from zkfl.datasets.heart import load_heart
from zkfl.datasets.names import REAL_SITES, unknown_dataset
from zkfl.datasets.tcga_brca import load_tcga_brca
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
        ``wdbc``, ``heart``, ``tcga-brca``, ``busi``, ``busi-3`` or ``busi-pixels``.
    bounds
        The consortium's bounds on preprocessed rows.
    hospitals
        Sites; ``heart`` and ``tcga-brca`` have their real ones.
    seed
        Of the held-out records; public.
    data_dir
        Where a local copy is, for data sets that need one.

    Raises
    ------
    DatasetError
        The name is unknown, the number of hospitals impossible, or the data absent.
    """
    if hospitals != REAL_SITES.get(name, hospitals):
        raise DatasetError(
            f"{name} has {REAL_SITES[name]} real hospitals, {hospitals} were asked for"
        )
    if name == "wdbc":
        return load_wdbc(bounds, hospitals, seed)
    if name == "heart":
        return load_heart(bounds, data_dir, seed)
    if name == "tcga-brca":
        return load_tcga_brca(bounds, data_dir, seed)
    if name in {"busi", "busi-3"}:
        return load_busi(bounds, hospitals, seed, data_dir, name)
    if name == "busi-pixels":
        return load_busi_pixels(bounds, hospitals, seed, data_dir)
    raise unknown_dataset(name)
