"""The record schema of images that become features by a recipe."""

from zkfl.features.recipe import FeatureRecipe
from zkfl.node.records.schema import ClassLabel, Label, NumericColumn, RecordSchema

SMALLEST_SITE = 16
LARGEST_SITE = 100_000


def schema_of_images(  # noqa: PLR0913 - what a schema says beside its recipe
    recipe: FeatureRecipe,
    *,
    name: str,
    label: Label | ClassLabel,
    description: str,
    source: str,
    min_rows: int = SMALLEST_SITE,
) -> RecordSchema:
    """Return the schema: a column a feature, which the recipe standardised already.

    Parameters
    ----------
    recipe
        Becomes part of the schema, and of its digest.
    name, label, description, source
        Of the schema.
    min_rows
        Fewest images that a site admits at once.
    """
    return RecordSchema(
        name=name,
        version=1,
        description=description,
        source=source,
        constants_source=recipe.constants_source,
        min_rows=min_rows,
        max_rows=LARGEST_SITE,
        # beside its features, a row may name a patient's pseudonym or a subgroup
        extra_columns="ignore",
        label=label,
        columns=tuple(_column(name, recipe) for name in recipe.feature_names),
        image_features=recipe,
    )


def _column(name: str, recipe: FeatureRecipe) -> NumericColumn:
    return NumericColumn(
        name=name,
        unit="1",
        meaning=f"projection of the features of {recipe.backbone}",
        missing="reject",
        kind="numeric",
        min=-recipe.bound,
        max=recipe.bound,
        centre=0.0,
        scale=1.0,
    )
