"""How many patients have a label, by the end point that one could choose."""

from collections.abc import Iterator
from pathlib import Path

from zkfl.datasets.tcga_brca import with_known_end_point
from zkfl.datasets.tcga_brca_sources import read_tcga_brca
from zkfl.studies.comparison import Row

YEARS = (1, 2, 3, 4, 5)
_DAYS_OF_A_YEAR = 365
_SHOWN_REGIONS = 2


def measure(data_dir: Path | None = None) -> Iterator[Row]:
    """Yield a row a number of years: labels known, deaths, and the smallest regions.

    Raises
    ------
    DatasetError
        The data is absent or altered.
    """
    patients = read_tcga_brca(data_dir)
    for years in YEARS:
        known = with_known_end_point(patients, years * _DAYS_OF_A_YEAR)
        regions = sorted(known["region"].value_counts().to_list())
        yield {
            "years": years,
            "known": len(known),
            "died": int(known["died"].sum()),
            "left_out": len(patients) - len(known),
            "smallest_regions": regions[:_SHOWN_REGIONS],
        }
