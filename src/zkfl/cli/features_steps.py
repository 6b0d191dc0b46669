"""What the commands of ``zkfl features`` do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.cli.output import keep_facts, point_progress, tell, tell_entry
from zkfl.datasets.public_schema import public_schema, shipped_projection
from zkfl.features.backbones import BACKBONES, backbone_named
from zkfl.features.errors import FeatureError, RecipeError
from zkfl.features.extraction import FeatureExtractor, activations
from zkfl.features.fitting import RecipePlan, fit_recipe
from zkfl.features.image_reader import DoneCallback, ImageReader
from zkfl.features.network import PACKAGED, default_weights, read_network
from zkfl.features.pixel_recipe import ImageRecipe, PixelRecipe
from zkfl.features.pixels import PixelReader
from zkfl.features.recipe import ImageInput, load_recipe
from zkfl.features.schema import schema_of_images
from zkfl.features.table import feature_table
from zkfl.features.tensor_file import file_sha256
from zkfl.json_problems import json_problems
from zkfl.node.images.image_set import ImageSet, read_image_set
from zkfl.node.records.schema import ClassLabel, Label, RecordSchema, load_schema

RECIPE_FILE, PROJECTION_FILE = "recipe.json", "projection.safetensors"
_PUBLIC_MODE, _PRIVATE_MODE = 0o644, 0o600


@dataclass(frozen=True)
class Wanted:
    """What a recipe is asked to be."""

    name: str
    backbone: str
    mode: str
    size: int
    outputs: int
    seed: str | None
    source: str


@dataclass(frozen=True)
class Files:
    """Files that a recipe names by hash; None where a package brings them, or none is needed."""

    weights: Path | None
    projection: Path | None

    def reader(self, recipe: ImageRecipe) -> ImageReader:
        """Return what makes records by the recipe.

        Raises
        ------
        FeatureError
            Files were named for a recipe of pixels, which takes none.
        WeightsError
            A file is absent or not the recipe's.
        """
        if isinstance(recipe, PixelRecipe):
            self._require_none(recipe)
            return PixelReader(recipe)
        projection = self.projection or shipped_projection(recipe)
        return FeatureExtractor(recipe, self.weights, projection)

    def _require_none(self, recipe: PixelRecipe) -> None:
        if self.weights or self.projection:
            raise FeatureError(
                f"the recipe {recipe.name!r} is of pixels, which have no weights and no "
                "projection: leave --weights and --projection out"
            )


def list_backbones() -> None:
    """Show every backbone."""
    for backbone in BACKBONES.values():
        place = "a package of the extra imaging" if backbone.name == PACKAGED else "--weights FILE"
        entry: dict[str, object] = {"name": backbone.name, "width": backbone.width}
        text = f"{backbone.name:20} {backbone.width:5} numbers an image, weights from {place}"
        tell_entry("backbones", {**entry, "weights": place}, text)


def fit(images: Path, out: Path, wanted: Wanted, weights: Path | None) -> None:
    """Fit a recipe on an image set and write it."""
    if out.exists():
        raise FeatureError(f"{out} exists: name a new folder, recipes are never changed")
    plan = _plan(wanted, weights)
    pilot = read_image_set(images, labelled=False)
    network = read_network(backbone_named(plan.backbone), plan.weights_sha256, weights)
    with _progress("pilot images", pilot) as done:
        pixels = (pilot.pixels(row) for row in pilot.rows)
        fitted = fit_recipe(plan, np.concatenate([*activations(network, plan.image, pixels, done)]))
    if fitted.projection_file is not None:
        write_atomically(out / PROJECTION_FILE, fitted.projection_file, _PUBLIC_MODE)
    write_atomically(out / RECIPE_FILE, fitted.recipe.to_json().encode() + b"\n", _PUBLIC_MODE)
    digest = fitted.recipe.digest()
    tell(f"recipe     {digest}  {out / RECIPE_FILE}", recipe=digest, folder=str(out))


def _plan(wanted: Wanted, weights: Path | None) -> RecipePlan:
    backbone = backbone_named(wanted.backbone)
    try:
        form = ImageInput.model_validate(
            {
                "mode": wanted.mode,
                "size": wanted.size,
                "centre": backbone.centre,
                "scale": backbone.scale,
            }
        )
    except ValidationError as error:
        raise RecipeError(f"no recipe can take such images: {json_problems(error)}") from error
    return RecipePlan(
        name=wanted.name,
        backbone=backbone.name,
        weights_sha256=file_sha256(weights or default_weights(backbone)),
        image=form,
        outputs=wanted.outputs,
        seed=wanted.seed,
        constants_source=wanted.source,
    )


def write_schema(  # noqa: PLR0913, PLR0917 - each is an option of the command
    recipe: Path, out: Path, name: str, label: Label | ClassLabel, description: str, source: str
) -> None:
    """Write the schema of a recipe."""
    if out.exists():
        raise FeatureError(f"{out} exists: name a new file")
    schema = schema_of_images(
        load_recipe(recipe), name=name, label=label, description=description, source=source
    )
    write_atomically(out, schema.to_json().encode() + b"\n", _PUBLIC_MODE)
    tell(f"schema     {schema.digest()}  {out}", schema=schema.digest(), file=str(out))


def schema_given(file: Path | None, dataset: str | None) -> RecordSchema:
    """Return the schema that a command names.

    Raises
    ------
    FeatureError
        None is named, or two.
    """
    if (file is None) == (dataset is None):
        raise FeatureError("name the consortium's schema with --schema, or a --dataset of zkfl")
    return load_schema(file) if file is not None else public_schema(str(dataset))


def recipe_of(schema: RecordSchema) -> ImageRecipe:
    """Return the recipe inside a schema.

    Raises
    ------
    FeatureError
        Its records are not made of images.
    """
    if schema.image_features is None:
        raise FeatureError(f"schema {schema.name!r} holds no recipe: its records are no images")
    return schema.image_features


def compute(images: Path, out: Path, schema: RecordSchema, files: Files, *, labelled: bool) -> None:
    """Compute the records of an image set."""
    if out.exists():
        raise FeatureError(f"{out} exists: name a new file")
    recipe = recipe_of(schema)
    found = read_image_set(images, labelled=labelled)
    features = features_of(found, files.reader(recipe))
    table = feature_table(features, recipe, found.rows, schema.label.name)
    write_atomically(out, table.to_csv(index=False, lineterminator="\n").encode(), _PRIVATE_MODE)
    keep_facts(records=len(table), recipe=recipe.digest(), file=str(out))
    tell(f"{len(table)} records in {out}, made by recipe {recipe.digest()}")


def features_of(found: ImageSet, reader: ImageReader) -> NDArray[np.float64]:
    """Return the features of an image set, with progress; images are read one by one."""
    with _progress("images", found) as done:
        return reader.features((found.pixels(row) for row in found.rows), done)


@contextmanager
def _progress(what: str, images: ImageSet) -> Iterator[DoneCallback]:
    total = len(images.rows)
    with point_progress(what) as report:
        yield lambda done: report(done, total)
