"""Breast ultrasound images as features of a frozen backbone, malignant against the rest.

`busi-3` tells normal, benign and malignant apart, at the same sites and on the same test images.

W. Al-Dhabyani, M. Gomaa, H. Khaled, A. Fahmy, Dataset of breast ultrasound images, Data in
Brief 28 (2020), https://doi.org/10.1016/j.dib.2019.104863, CC BY 4.0: one hospital in Cairo.

Images that nearly repeat each other form groups. A group is pilot, test or of one hospital as a
whole: what is measured on the test images was not seen in another copy.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zkfl.datasets.busi_source import BusiImages, read_busi
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import Federation, build_federation
from zkfl.datasets.partition import partition
from zkfl.datasets.public_schema import public_schema, shipped_projection
from zkfl.datasets.split import hold_out, order_key
from zkfl.features.kept import kept_features
from zkfl.features.recipe import FeatureRecipe
from zkfl.node.records.order import keyed_order
from zkfl.node.records.schema import RECIPE_COLUMN, RecordSchema
from zkfl.node.records.standardise import FeatureBounds

TEST_FRACTION = 0.25
PILOT_GROUPS = 100
"""Groups whose images gave projection and constants; nobody trains on them or tests with them."""
PROJECTION_FILE = "busi-projection.safetensors"
_GROUP = "group"


def load_busi(
    bounds: FeatureBounds,
    hospitals: int = 4,
    seed: int = 0,
    data_dir: Path | None = None,
    name: str = "busi",
) -> Federation:
    """Hold out a quarter of the groups that are not pilot, deal the rest to simulated hospitals.

    Parameters
    ----------
    bounds
        The consortium's bounds on preprocessed rows.
    hospitals
        3 to 16.
    seed
        Of the held-out groups and of the dealing; public.
    data_dir
        Where the local copy is; see `read_busi`.
    name
        ``busi`` or ``busi-3``.

    Returns
    -------
    Federation
        64 features; label 1 is malignant, of ``busi-3`` label 2.

    Raises
    ------
    DatasetError
        The number of hospitals is out of range, or the data absent or altered.
    WeightsError
        The backbone's package is not installed.
    """
    schema = public_schema(name)
    images = read_busi(data_dir)
    records = busi_records(schema, images)
    return dealt_images(BusiRecords(schema, images, records), bounds, hospitals, seed)


@dataclass(frozen=True)
class BusiRecords:
    """Records of the images under a schema, in the images' order."""

    schema: RecordSchema
    images: BusiImages
    table: pd.DataFrame


def dealt_images(
    records: BusiRecords, bounds: FeatureBounds, hospitals: int, seed: int
) -> Federation:
    """Hold out groups and deal the others, alike for every kind of record of the same images.

    Raises
    ------
    DatasetError
        The number of hospitals is out of range.
    """
    schema, images = records.schema, records.images
    label = schema.label.name
    groups = _groups(images, pilot_groups(images), label)
    train, test = hold_out(groups, label, TEST_FRACTION, order_key("busi/test", seed))
    sites = partition(train, label, hospitals, order_key("busi/sites", seed))
    dealt = {name: _records_of(site, records.table, images) for name, site in sites.items()}
    return build_federation(schema, bounds, dealt, _records_of(test, records.table, images))


def busi_records(schema: RecordSchema, images: BusiImages) -> pd.DataFrame:
    """Return a record an image: features, the recipe's digest, the label.

    Raises
    ------
    DatasetError
        The schema has no recipe of a backbone.
    WeightsError
        The backbone's package is not installed.
    """
    recipe = schema.image_features
    if not isinstance(recipe, FeatureRecipe):
        raise DatasetError(f"schema {schema.name} names no backbone")
    features = kept_features(recipe, images.pixels, lambda: _computed(recipe, images.pixels))
    table = pd.DataFrame(features, columns=list(schema.column_names))
    table[RECIPE_COLUMN] = recipe.digest()
    two = schema.class_count == 2  # noqa: PLR2004 - malignant or not
    table[schema.label.name] = images.malignant if two else images.classes
    return table


def pilot_groups(images: BusiImages) -> frozenset[int]:
    """Return the groups that the recipe was fitted on, the same for every seed."""
    groups = np.unique(images.groups)
    order = keyed_order(order_key("busi/pilot", 0), len(groups))
    return frozenset(int(group) for group in groups[order[:PILOT_GROUPS]])


def _computed(recipe: FeatureRecipe, pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    # torch is needed only where features are not kept from an earlier run
    from zkfl.features.extraction import FeatureExtractor  # noqa: PLC0415

    return FeatureExtractor(recipe, projection=shipped_projection(recipe)).features(pixels)


def _groups(images: BusiImages, pilot: frozenset[int], label: str) -> pd.DataFrame:
    """Return a row a group that is not pilot; it is malignant if any of its images is."""
    table = pd.DataFrame({_GROUP: images.groups, label: images.malignant})
    worst = table.groupby(_GROUP, as_index=False)[label].max()
    kept: pd.DataFrame = worst[~worst[_GROUP].isin(pilot)].reset_index(drop=True)
    return kept


def _records_of(groups: pd.DataFrame, records: pd.DataFrame, images: BusiImages) -> pd.DataFrame:
    chosen = np.isin(images.groups, groups[_GROUP].to_numpy())
    return records[chosen].reset_index(drop=True)
