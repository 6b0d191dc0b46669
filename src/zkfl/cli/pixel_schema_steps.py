"""What ``zkfl features pixels`` does: a schema whose recipe is the image's own pixels."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.cli.features_steps import features_of
from zkfl.cli.output import tell
from zkfl.features.errors import FeatureError, RecipeError
from zkfl.features.pixel_recipe import PixelRecipe
from zkfl.features.pixel_schema import schema_of_pixels
from zkfl.features.pixels import PixelConstants, PixelReader, fit_constants, require_pilot
from zkfl.json_problems import json_problems
from zkfl.node.images.image_set import read_image_set
from zkfl.node.records.schema import Label, RecordSchema

_PUBLIC_MODE = 0o644


@dataclass(frozen=True)
class Words:
    """What people say of a schema."""

    name: str
    label: Label
    description: str
    source: str
    pilot: str


def write_schema(images: Path, out: Path, side: int, words: Words) -> None:
    """Fit the pixels' constants on an image set and write the schema.

    Raises
    ------
    FeatureError
        The file exists already.
    RecipeError
        There is no recipe of this size, or the pilot images hardly differ.
    """
    if out.exists():
        raise FeatureError(f"{out} exists: name a new file")
    recipe = _recipe(words.name, side)
    pilot = read_image_set(images, labelled=False)
    # a patient's many frames are one picture
    require_pilot(len({row.patient for row in pilot.rows}), "patients")
    constants = fit_constants(features_of(pilot, PixelReader(recipe)))
    schema = _schema(recipe, constants, words)
    write_atomically(out, schema.to_json().encode() + b"\n", _PUBLIC_MODE)
    tell(f"schema     {schema.digest()}  {out}", schema=schema.digest(), file=str(out))


def _recipe(name: str, side: int) -> PixelRecipe:
    try:
        return PixelRecipe(name=name, side=side)
    except ValidationError as error:
        raise RecipeError(f"no recipe makes such pictures: {json_problems(error)}") from error


def _schema(recipe: PixelRecipe, constants: PixelConstants, words: Words) -> RecordSchema:
    try:
        return schema_of_pixels(
            recipe,
            constants,
            name=words.name,
            label=words.label,
            description=words.description,
            source=words.source,
            constants_source=words.pilot,
        )
    except ValidationError as error:
        raise RecipeError(f"no schema can say this: {json_problems(error)}") from error
