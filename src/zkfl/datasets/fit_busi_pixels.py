"""Rewrite the schema of ``busi-pixels``: ``python -m zkfl.datasets.fit_busi_pixels``.

It needs ZKFL_DATA_DIR. A new schema makes other features of the same images.
"""

from pathlib import Path

import numpy as np

from zkfl.atomic_file import write_atomically
from zkfl.datasets.busi import PILOT_GROUPS, pilot_groups
from zkfl.datasets.busi_source import FILE_SHA256, BusiImages, read_busi
from zkfl.features.pixel_recipe import PixelRecipe
from zkfl.features.pixel_schema import schema_of_pixels
from zkfl.features.pixels import PixelReader, fit_constants
from zkfl.node.records.schema import Label, RecordSchema

SIDE = 8
SCHEMAS = Path(__file__).parent / "schemas"
_MODE = 0o644
_MIN_ROWS = 16


def fit_busi_pixels(images: BusiImages) -> RecordSchema:
    """Return the schema, its constants taken from the pilot groups."""
    recipe = PixelRecipe(name="busi-pixels", side=SIDE)
    chosen = np.isin(images.groups, list(pilot_groups(images)))
    rows = PixelReader(recipe).features(images.pixels[chosen])
    return schema_of_pixels(
        recipe,
        fit_constants(rows),
        name="busi_pixels",
        label=Label(name="malignant", positive="malignant", negative="benign or normal"),
        description="Breast ultrasound images, resized to 8x8 grey pixels",
        source="Al-Dhabyani et al. 2020, https://doi.org/10.1016/j.dib.2019.104863, CC BY 4.0",
        constants_source=(
            f"mean and deviation of each pixel over the images of {PILOT_GROUPS} public pilot "
            f"groups of the file {FILE_SHA256}; they are neither trained on nor tested with"
        ),
        min_rows=_MIN_ROWS,
    )


def main() -> None:
    """Write the schema."""
    text = fit_busi_pixels(read_busi()).model_dump_json(indent=1) + "\n"
    write_atomically(SCHEMAS / "busi-pixels.json", text.encode(), _MODE)


if __name__ == "__main__":
    main()
