"""Pixels of images as records, and the public constants that scale them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from zkfl.features.errors import FeatureImageError, RecipeError
from zkfl.features.image_reader import DoneCallback, Pixels
from zkfl.features.pixel_recipe import PixelRecipe

WHITE = 255.0
"""The largest grey level."""
SMALLEST_PILOT = 16
"""Of two pictures, mean plus and minus deviation are the two pictures."""
_SMALLEST_DEVIATION = 1.0
"""Grey levels; a pixel that differs less on the pilot images would make noise of dust."""
_CONSTANT_DIGITS = 3
_GREY_AXES = 2


class PixelReader:
    """Makes records of images by a recipe; it needs no weights.

    Parameters
    ----------
    recipe
        Which pixels.
    """

    def __init__(self, recipe: PixelRecipe) -> None:
        self.recipe = recipe

    def features(
        self, images: Iterable[Pixels], on_done: DoneCallback | None = None
    ) -> NDArray[np.float64]:
        """Return a row of grey levels an image: float64 ``(N, side * side)``.

        Raises
        ------
        FeatureImageError
            An image is not of 8-bit grey pixels.
        """
        found = []
        for number, pixels in enumerate(images, start=1):
            found.append(small_picture(pixels, self.recipe, f"image {number}").ravel())
            if on_done:
                on_done(number)
        return np.array(found, dtype=np.float64).reshape(-1, self.recipe.outputs)


def small_picture(pixels: Pixels, recipe: PixelRecipe, where: str) -> Pixels:
    """Return an image at the recipe's size: uint8 ``(side, side)``.

    Raises
    ------
    FeatureImageError
        It is not uint8, empty, or not grey.
    """
    if pixels.dtype != np.uint8 or pixels.ndim != _GREY_AXES or 0 in pixels.shape:
        raise FeatureImageError(
            f"{where} has shape {pixels.shape} of {pixels.dtype}, the recipe asks for 8-bit "
            f"{recipe.mode} images: import it in that mode"
        )
    size = (recipe.side, recipe.side)
    resized = Image.fromarray(pixels).resize(size, Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.uint8)


@dataclass(frozen=True)
class PixelConstants:
    """Mean and deviation of each pixel, in grey levels: a feature is ``(level - mean) / dev``."""

    centre: tuple[float, ...]
    scale: tuple[float, ...]


def fit_constants(rows: NDArray[np.float64]) -> PixelConstants:
    """Return the constants of pilot images, rounded to three digits.

    Parameters
    ----------
    rows
        float64 ``(N, side * side)``: pixels of public or pilot images, which are given to all.

    Raises
    ------
    RecipeError
        There are fewer than `SMALLEST_PILOT` different images, or a pixel in which they hardly
        differ.
    """
    require_pilot(len(np.unique(rows, axis=0)), "different images")
    centre, scale = rows.mean(axis=0), rows.std(axis=0)
    if not (scale >= _SMALLEST_DEVIATION).all():
        place = int(scale.argmin())
        raise RecipeError(
            f"pixel {place} of the pilot images deviates by {scale[place]:.2f} grey levels only: "
            "take more images, or cut off a border that is always the same"
        )
    return PixelConstants(_rounded(centre), _rounded(scale))


def require_pilot(number: int, what: str) -> None:
    """Refuse so few that the constants, which everybody gets, would show a single one.

    Raises
    ------
    RecipeError
        There are fewer than `SMALLEST_PILOT`.
    """
    if number < SMALLEST_PILOT:
        raise RecipeError(
            f"the pilot set has {number} {what}, and of so few the constants, which everybody "
            f"gets, show single pictures: take at least {SMALLEST_PILOT}"
        )


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(f"{value:.{_CONSTANT_DIGITS}g}") for value in values)
