"""The pixel recipe: a small grey picture is its own row of features.

Like the recipe of a backbone it is part of the record schema, and its digest stands in every
row that it made. The constants of each pixel are the schema's own: records hold grey levels.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from zkfl.features.recipe import FeatureRecipe, StrictRecipe

SMALLEST_SIDE, LARGEST_SIDE = 4, 64


class PixelRecipe(StrictRecipe):
    """From an image to the pixels of a smaller one.

    Attributes
    ----------
    name
        For people.
    mode
        Images of another mode are refused.
    side
        Of the square that an image is resized to, in pixels.
    resampling
        Bilinear with antialiasing, as Pillow computes it with integers: the same image gives
        the same pixels on every machine.
    """

    format: Literal["zkfl.pixel-recipe.v1"] = "zkfl.pixel-recipe.v1"
    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    mode: Literal["grey"] = "grey"
    side: Annotated[int, Field(ge=SMALLEST_SIDE, le=LARGEST_SIDE)]
    resampling: Literal["bilinear"] = "bilinear"

    @property
    def outputs(self) -> int:
        """Pixels of a picture."""
        return self.side**2

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Columns of the pixels, row by row."""
        return tuple(f"pixel_{place:04d}" for place in range(self.outputs))


ImageRecipe = Annotated[FeatureRecipe | PixelRecipe, Field(discriminator="format")]
"""How images become records: by a frozen backbone, or by their own pixels."""
