"""TCGA-BRCA: breast-cancer patients of six real regions, and who died within three years.

Clinical table of The Cancer Genome Atlas as FLamby encodes it (Ogier du Terrail et al. 2022,
https://arxiv.org/abs/2210.04620). Follow-up ends early for many, so the end point is known for
some of them only: docs/case-studies/tcga-brca.md counts them and says why three years.
"""

from pathlib import Path

import pandas as pd

from zkfl.datasets.federation import Federation, build_federation
from zkfl.datasets.public_schema import public_schema
from zkfl.datasets.split import order_key, shuffled_classes
from zkfl.datasets.tcga_brca_sources import REGIONS, read_tcga_brca
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import FeatureBounds

END_POINT_DAYS = 1095
"""Three years."""
PUBLISHED_SPLIT = 0
"""The seed that keeps the test patients that the data set's authors chose."""
TEST_FRACTION = 0.2
"""That of the authors' split."""


def load_tcga_brca(
    bounds: FeatureBounds, data_dir: Path | None = None, seed: int = PUBLISHED_SPLIT
) -> Federation:
    """Hold out the authors' test patients, or with another seed a fifth of each region.

    Parameters
    ----------
    bounds
        The consortium's bounds on preprocessed rows.
    data_dir
        Folder with ``brca.csv`` and ``train_test_split.csv``, or with a folder
        ``tcga-brca-6-regions`` holding them; else ``ZKFL_DATA_DIR`` is read.
    seed
        0 for the published split; any other deals anew, class by class.

    Returns
    -------
    Federation
        39 features, 6 hospitals; label 1 is death within three years.

    Raises
    ------
    DatasetError
        The data is absent or altered; the message says where to get it.
    """
    schema = public_schema("tcga-brca")
    known = with_known_end_point(read_tcga_brca(data_dir))
    test = _held_out(known, schema, seed)
    train = {
        region: _records(known[~test & (known["region"] == region)], schema) for region in REGIONS
    }
    return build_federation(schema, bounds, train, _records(known[test], schema))


def with_known_end_point(patients: pd.DataFrame, days: int = END_POINT_DAYS) -> pd.DataFrame:
    """Keep the patients of whom it is known whether they died within so many days.

    Whoever was last seen alive before then is left out: nobody knows their label. The others
    get a column ``died``, 1 or 0.
    """
    died = (patients["E"] == 1) & (patients["T"] <= days)
    known = died | (patients["T"] > days)
    return patients[known].assign(died=died[known].astype("int64")).reset_index(drop=True)


def _held_out(known: pd.DataFrame, schema: RecordSchema, seed: int) -> "pd.Series[bool]":
    if seed == PUBLISHED_SPLIT:
        return known["part"] == "test"
    held = known["pid"].isin([])
    for region in REGIONS:
        key = order_key(f"{schema.name}/test/{region}", seed)
        rows = known[known["region"] == region]
        for shuffled in shuffled_classes(rows, "died", key).values():
            held[shuffled.index[: round(TEST_FRACTION * len(shuffled))]] = True
    return held


def _records(patients: pd.DataFrame, schema: RecordSchema) -> pd.DataFrame:
    """Return the published columns under the schema's names, in its order, and the label."""
    published = list(patients.columns[1 : 1 + len(schema.column_names)])
    renamed = patients[published].set_axis(list(schema.column_names), axis=1).astype("float64")
    labels = {schema.label.name: patients["died"].to_numpy()}
    return renamed.assign(**labels).reset_index(drop=True)
