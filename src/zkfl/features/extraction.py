"""Features of images, a batch at a time.

Resizing is Pillow's, which computes with integers and is the same everywhere. The network
computes in float32: another processor or number of threads may change the last bits. Rounding
hides nearly all of it, and nothing depends on it: a shard commits to what its site computed.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from zkfl.features.errors import FeatureImageError
from zkfl.features.image_reader import DoneCallback, Pixels
from zkfl.features.network import load_network
from zkfl.features.projection import load_projection
from zkfl.features.recipe import CHANNELS, FeatureRecipe, ImageInput

BATCH = 16
"""Images in memory at once; the last batch is filled up, so that all have one shape."""
_GREY_AXES, _RGB_AXES = 2, 3


class FeatureExtractor:
    """A recipe with its weights and its projection.

    Parameters
    ----------
    recipe
        What to compute.
    weights
        File of the backbone's weights; None where a package brings them.
    projection
        File of the components, for a PCA.

    Raises
    ------
    WeightsError
        A file is absent or not the recipe's.
    """

    def __init__(
        self, recipe: FeatureRecipe, weights: Path | None = None, projection: Path | None = None
    ) -> None:
        self.recipe = recipe
        self._projection = load_projection(recipe, projection)
        self._network = load_network(recipe, weights)

    def features(
        self, images: Iterable[Pixels], on_done: DoneCallback | None = None
    ) -> NDArray[np.float64]:
        """Return a row of features an image: float64 ``(N, K)``.

        Raises
        ------
        FeatureImageError
            An image has another form than the recipe asks for.
        """
        blocks = [
            self._finished(rows)
            for rows in activations(self._network, self.recipe.image, images, on_done)
        ]
        return np.concatenate(blocks) if blocks else np.empty((0, self.recipe.outputs))

    def _finished(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        recipe = self.recipe
        standard = (self._projection.apply(rows) - np.array(recipe.centre)) / np.array(recipe.scale)
        bounded: NDArray[np.float64] = np.clip(standard, -recipe.bound, recipe.bound)
        # no -0.0, which some writers show and others do not
        return np.round(bounded, recipe.decimals) + 0.0


def activations(
    network: torch.nn.Module,
    form: ImageInput,
    images: Iterable[Pixels],
    on_done: DoneCallback | None = None,
) -> Iterator[NDArray[np.float64]]:
    """Yield what the backbone alone says of images, a batch at a time: float64 ``(n, W)``.

    Raises
    ------
    FeatureImageError
        An image has another form than asked for, or the network gives no finite numbers.
    """
    remaining = iter(images)
    done = 0
    while batch := list(islice(remaining, BATCH)):
        inputs = torch.zeros(BATCH, CHANNELS, form.size, form.size)
        for place, pixels in enumerate(batch):
            inputs[place] = prepared(pixels, form, f"image {done + place + 1}")
        with torch.inference_mode():
            rows = network(inputs)[: len(batch)].numpy().astype(np.float64)
        if not np.isfinite(rows).all():
            raise FeatureImageError("the network gives numbers that are not finite: check weights")
        done += len(batch)
        if on_done:
            on_done(done)
        yield rows


def prepared(pixels: Pixels, form: ImageInput, where: str) -> Tensor:
    """Return an image as the network takes it: float32 ``(3, size, size)``.

    Raises
    ------
    FeatureImageError
        It is not uint8, empty, or of another mode than asked for.
    """
    axes = _GREY_AXES if form.mode == "grey" else _RGB_AXES
    fits = pixels.ndim == axes and (axes == _GREY_AXES or pixels.shape[2] == CHANNELS)
    if pixels.dtype != np.uint8 or not fits or 0 in pixels.shape:
        raise FeatureImageError(
            f"{where} has shape {pixels.shape} of {pixels.dtype}, the recipe asks for 8-bit "
            f"{form.mode} images: import it in that mode"
        )
    resized = Image.fromarray(pixels).resize((form.size, form.size), Image.Resampling.BILINEAR)
    values = torch.from_numpy(np.asarray(resized).copy()).float()
    channels = values.expand(CHANNELS, -1, -1) if axes == _GREY_AXES else values.permute(2, 0, 1)
    centre, scale = torch.tensor(form.centre), torch.tensor(form.scale)
    return (channels - centre[:, None, None]) / scale[:, None, None]
