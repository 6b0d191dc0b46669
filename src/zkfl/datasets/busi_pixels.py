"""The breast ultrasound images of `busi` as pictures of 8x8: their pixels are the records.

Held-out groups, pilot groups and sites are those of ``busi`` for the same seed, so that a
convolution on pixels and a head on a backbone's features are compared on the same images.
"""

from pathlib import Path

import pandas as pd

from zkfl.datasets.busi import BusiRecords, dealt_images
from zkfl.datasets.busi_source import BusiImages, read_busi
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import Federation
from zkfl.datasets.public_schema import public_schema
from zkfl.features.pixel_recipe import PixelRecipe
from zkfl.features.pixels import PixelReader
from zkfl.node.records.schema import RECIPE_COLUMN, RecordSchema
from zkfl.node.records.standardise import FeatureBounds


def load_busi_pixels(
    bounds: FeatureBounds, hospitals: int = 4, seed: int = 0, data_dir: Path | None = None
) -> Federation:
    """Return the federation of `load_busi` with pixels in place of features.

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

    Returns
    -------
    Federation
        64 pixels, row by row; label 1 is malignant.

    Raises
    ------
    DatasetError
        The number of hospitals is out of range, or the data absent or altered.
    """
    schema = public_schema("busi-pixels")
    images = read_busi(data_dir)
    records = BusiRecords(schema, images, pixel_records(schema, images))
    return dealt_images(records, bounds, hospitals, seed)


def pixel_records(schema: RecordSchema, images: BusiImages) -> pd.DataFrame:
    """Return a record an image: grey levels, the recipe's digest, the label.

    Raises
    ------
    DatasetError
        The schema has no recipe of pixels.
    """
    recipe = schema.image_features
    if not isinstance(recipe, PixelRecipe):
        raise DatasetError(f"schema {schema.name} is not of pixels")
    levels = PixelReader(recipe).features(images.pixels)
    table = pd.DataFrame(levels, columns=list(schema.column_names))
    table[RECIPE_COLUMN] = recipe.digest()
    table[schema.label.name] = images.malignant
    return table
