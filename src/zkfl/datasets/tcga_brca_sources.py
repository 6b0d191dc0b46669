"""Where the TCGA-BRCA table is read from: the files that FLamby publishes, pinned by SHA-256."""

import io
from pathlib import Path

import pandas as pd

from zkfl.datasets.errors import DatasetError
from zkfl.datasets.pinned_file import DATA_DIR_VARIABLE, given_folder, pinned_bytes

REGIONS = ("northeast", "south", "west", "midwest", "europe", "canada")
"""In the order of FLamby's centres 0 to 5."""
FOLDER = "tcga-brca-6-regions"
FILES = {
    "brca.csv": "07cb53423f7d579d33cfdbf2cba57b2aee75318b85866c68ce39a75b1f1ba020",
    "train_test_split.csv": "1249c6543a4060ff0fdaf8510fc37017755836db6c9fc5e6af96057c36510990",
}
"""SHA-256 of each file, as of commit edacf54d."""
_WHERE_TO_GET_IT = (
    f"download {' and '.join(FILES)} from https://github.com/owkin/FLamby/tree/"
    "edacf54d5211520583b0133d55ac39b6fda8324b/flamby/datasets/fed_tcga_brca and give their folder "
    f"by --data-dir or {DATA_DIR_VARIABLE}"
)


def read_tcga_brca(data_dir: Path | None = None) -> pd.DataFrame:
    """Return the 1,088 patients of the six regions, as published.

    Returns
    -------
    pandas.DataFrame
        The columns of ``brca.csv``, then ``region`` (of `REGIONS`) and ``part`` (``train`` or
        ``test``). Eight patients of other countries are in no region and left out.

    Raises
    ------
    DatasetError
        The files are absent, or their bytes are not the pinned ones.
    """
    folder = given_folder(data_dir)
    if folder is None:
        raise DatasetError(f"the TCGA-BRCA table is not here: {_WHERE_TO_GET_IT}")
    nested = folder / FOLDER
    patients, split = (_table((nested if nested.is_dir() else folder) / name) for name in FILES)
    joined = patients.merge(split, on="pid", how="inner", validate="one_to_one")
    places = joined["fold2"].str.rsplit("_", n=1).str[1].astype(int)
    return joined.drop(columns=["fold", "fold2"]).assign(
        region=[REGIONS[place] for place in places], part=joined["fold"]
    )


def _table(path: Path) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(pinned_bytes(path, FILES[path.name], _WHERE_TO_GET_IT)))
