"""From a backbone's width to the agreed number of features: a public matrix.

A random projection has entries +1 or -1 over the root of the width. Entry ``(k, w)`` is bit
``k*W + w`` of ``SHAKE-256("zkfl.features.projection.v1/" + seed)``, most significant bit first;
a 1 stands for +1. Integers alone, so it is the same on every machine.
"""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from zkfl.features.backbones import backbone_named
from zkfl.features.errors import WeightsError
from zkfl.features.recipe import FeatureRecipe, PcaProjection
from zkfl.features.tensor_file import read_tensors

_DOMAIN = "zkfl.features.projection.v1/"
_BITS = 8


@dataclass(frozen=True)
class LinearMap:
    """``matrix @ (x - mean)``.

    Attributes
    ----------
    matrix : numpy.ndarray
        float64 ``(K, W)``.
    mean : numpy.ndarray
        float64 ``(W,)``.
    """

    matrix: NDArray[np.float64]
    mean: NDArray[np.float64]

    def apply(self, activations: NDArray[np.float64]) -> NDArray[np.float64]:
        """Project rows ``(N, W)`` to ``(N, K)``."""
        return (activations - self.mean) @ self.matrix.T


def load_projection(recipe: FeatureRecipe, file: Path | None = None) -> LinearMap:
    """Return the recipe's projection.

    Parameters
    ----------
    recipe
        Names the projection.
    file
        With the components, for a PCA.

    Raises
    ------
    WeightsError
        The file is absent, another one, or does not fit the recipe.
    """
    width = backbone_named(recipe.backbone).width
    if not isinstance(recipe.projection, PcaProjection):
        return random_projection(recipe.projection.seed, recipe.outputs, width)
    if file is None:
        raise WeightsError(
            f"recipe {recipe.name!r} projects with the file of SHA-256 "
            f"{recipe.projection.file_sha256}: name it with --projection"
        )
    tensors = read_tensors(file, recipe.projection.file_sha256)
    shapes = {"components": (recipe.outputs, width), "mean": (width,)}
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if found != shapes or any(t.dtype != torch.float32 for t in tensors.values()):
        raise WeightsError(f"{file} holds {found}, this recipe needs float32 {shapes}")
    return LinearMap(_exact(tensors["components"]), _exact(tensors["mean"]))


def _exact(tensor: torch.Tensor) -> NDArray[np.float64]:
    values: NDArray[np.float64] = tensor.numpy().astype(np.float64)
    return values


def random_projection(seed: str, outputs: int, width: int) -> LinearMap:
    """Return the matrix of signs that a seed gives."""
    bits = hashlib.shake_256((_DOMAIN + seed).encode()).digest(-(-outputs * width // _BITS))
    ones = np.unpackbits(np.frombuffer(bits, np.uint8), count=outputs * width)
    signs = 2.0 * ones.reshape(outputs, width).astype(np.float64) - 1.0
    matrix: NDArray[np.float64] = signs / np.float64(math.sqrt(width))
    return LinearMap(matrix, np.zeros(width))
