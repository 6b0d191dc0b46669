"""Features as an ordinary table of records: patient, features, recipe, label, subgroups."""

import pandas as pd
from numpy import float64
from numpy.typing import NDArray

from zkfl.features.errors import FeatureError
from zkfl.features.pixel_recipe import ImageRecipe
from zkfl.node.images.image_set import ImageRow
from zkfl.node.records.schema import PATIENT_COLUMN, RECIPE_COLUMN


def feature_table(
    features: NDArray[float64], recipe: ImageRecipe, rows: tuple[ImageRow, ...], label: str
) -> pd.DataFrame:
    """Return the records of an image set.

    Parameters
    ----------
    features
        float64 ``(N, K)``, a row an image.
    recipe
        That made them.
    rows
        The image set's rows, in the same order.
    label
        Name of the label's column in the schema.

    Raises
    ------
    FeatureError
        A subgroup's column has the name of another one.
    """
    table = pd.DataFrame(features, columns=list(recipe.feature_names))
    table.insert(0, PATIENT_COLUMN, [row.patient for row in rows])
    table[RECIPE_COLUMN] = recipe.digest()
    if all(row.label is not None for row in rows):
        table[label] = [row.label for row in rows]
    for name in rows[0].subgroups if rows else ():
        if name in table.columns or name == label:
            raise FeatureError(f"the image set's column {name!r} has the name of a record's column")
        table[name] = [row.subgroups[name] for row in rows]
    return table
