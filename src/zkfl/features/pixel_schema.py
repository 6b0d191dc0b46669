"""The record schema of images whose pixels are the features."""

from zkfl.features.pixel_recipe import PixelRecipe
from zkfl.features.pixels import WHITE, PixelConstants
from zkfl.features.schema import LARGEST_SITE, SMALLEST_SITE
from zkfl.node.records.schema import Label, NumericColumn, RecordSchema


def schema_of_pixels(  # noqa: PLR0913 - what a schema says beside its recipe
    recipe: PixelRecipe,
    constants: PixelConstants,
    *,
    name: str,
    label: Label,
    description: str,
    source: str,
    constants_source: str,
    min_rows: int = SMALLEST_SITE,
) -> RecordSchema:
    """Return the schema: a column a pixel, with its own centre and scale.

    Parameters
    ----------
    recipe
        Becomes part of the schema, and of its digest.
    constants
        Of each pixel.
    name, label, description, source, constants_source
        Of the schema.
    min_rows
        Fewest images that a site admits at once.
    """
    pairs = zip(constants.centre, constants.scale, strict=True)
    return RecordSchema(
        name=name,
        version=1,
        description=description,
        source=source,
        constants_source=constants_source,
        min_rows=min_rows,
        max_rows=LARGEST_SITE,
        # beside its pixels, a row may name a patient's pseudonym or a subgroup
        extra_columns="ignore",
        label=label,
        columns=tuple(
            _column(name, place, recipe.side, *pair)
            for place, (name, pair) in enumerate(zip(recipe.feature_names, pairs, strict=True))
        ),
        image_features=recipe,
    )


def _column(name: str, place: int, side: int, centre: float, scale: float) -> NumericColumn:
    row, column = divmod(place, side)
    return NumericColumn(
        name=name,
        unit="grey level, 0 to 255",
        meaning=f"pixel in row {row + 1}, column {column + 1} of the resized image",
        missing="reject",
        kind="numeric",
        min=0.0,
        max=WHITE,
        centre=centre,
        scale=scale,
    )
