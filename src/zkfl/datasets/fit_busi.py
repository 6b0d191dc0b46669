"""Rewrite the recipe of ``busi``: ``python -m zkfl.datasets.fit_busi``, with ZKFL_DATA_DIR set.

A new recipe is a new schema, and makes other features of the same images.
"""

from pathlib import Path

import numpy as np

from zkfl.atomic_file import write_atomically
from zkfl.datasets.busi import PILOT_GROUPS, PROJECTION_FILE, pilot_groups
from zkfl.datasets.busi_source import FILE_SHA256, BusiImages, read_busi
from zkfl.features.backbones import EFFICIENTNET_LITE0_SHA256, backbone_named
from zkfl.features.extraction import activations
from zkfl.features.fitting import FittedRecipe, RecipePlan, fit_recipe
from zkfl.features.network import PACKAGED, read_network
from zkfl.features.recipe import ImageInput
from zkfl.features.schema import schema_of_images
from zkfl.node.records.schema import ClassLabel, Label, RecordSchema

OUTPUTS = 64
SIZE = 128
SCHEMAS = Path(__file__).parent / "schemas"
_MODE = 0o644
_MIN_ROWS = 32


def fit_busi(images: BusiImages) -> FittedRecipe:
    """Fit projection and constants on the pilot groups."""
    backbone = backbone_named(PACKAGED)
    plan = RecipePlan(
        name="busi",
        backbone=backbone.name,
        weights_sha256=EFFICIENTNET_LITE0_SHA256,
        image=ImageInput(mode="grey", size=SIZE, centre=backbone.centre, scale=backbone.scale),
        outputs=OUTPUTS,
        seed=None,
        constants_source=(
            f"principal components, mean and deviation of the images of {PILOT_GROUPS} public "
            f"pilot groups of the file {FILE_SHA256}; they are neither trained on nor tested with"
        ),
    )
    chosen = np.isin(images.groups, list(pilot_groups(images)))
    network = read_network(backbone, plan.weights_sha256)
    return fit_recipe(
        plan, np.concatenate(list(activations(network, plan.image, images.pixels[chosen])))
    )


def schema_of(fitted: FittedRecipe) -> RecordSchema:
    """Return the data set's schema."""
    return schema_of_images(
        fitted.recipe,
        name="busi",
        label=Label(name="malignant", positive="malignant", negative="benign or normal"),
        description="Breast ultrasound images, by features of a frozen backbone",
        source="Al-Dhabyani et al. 2020, https://doi.org/10.1016/j.dib.2019.104863, CC BY 4.0",
        min_rows=_MIN_ROWS,
    )


def schema_of_classes(schema: RecordSchema) -> RecordSchema:
    """Return the schema of the same records with three classes."""
    label = ClassLabel(
        name="finding", classes=("normal", "benign", "malignant"), of_interest="malignant"
    )
    return schema.model_copy(update={"name": "busi_3", "label": label})


def main() -> None:
    """Write schemas and projection."""
    fitted = fit_busi(read_busi())
    schema = schema_of(fitted)
    for name, shipped in {"busi": schema, "busi-3": schema_of_classes(schema)}.items():
        text = shipped.model_dump_json(indent=1) + "\n"
        write_atomically(SCHEMAS / f"{name}.json", text.encode(), _MODE)
    if fitted.projection_file is not None:
        write_atomically(SCHEMAS / PROJECTION_FILE, fitted.projection_file, _MODE)


if __name__ == "__main__":
    main()
