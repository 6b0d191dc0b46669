"""Features that this machine computed before, kept by what they were computed from."""

import hashlib
import io
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from zkfl.atomic_file import write_atomically
from zkfl.cache import cache_folder
from zkfl.features.recipe import FeatureRecipe

Compute = Callable[[], NDArray[np.float64]]


def kept_features(
    recipe: FeatureRecipe, images: NDArray[np.uint8], compute: Compute
) -> NDArray[np.float64]:
    """Return features of images of one shape; computed once a machine.

    Parameters
    ----------
    recipe
        That makes them.
    images
        uint8 ``(N, ...)``.
    compute
        Makes them: float64 ``(N, K)``.
    """
    path = cache_folder() / "features" / f"{_key(recipe, images)}.npy"
    shape = (len(images), recipe.outputs)
    if path.exists() and (kept := _read(path.read_bytes())) is not None and kept.shape == shape:
        return kept
    features = compute()
    content = io.BytesIO()
    np.save(content, features, allow_pickle=False)
    write_atomically(path, content.getvalue())
    return features


def _key(recipe: FeatureRecipe, images: NDArray[np.uint8]) -> str:
    digest = hashlib.sha256(f"{recipe.digest()}/{images.shape}/".encode())
    digest.update(np.ascontiguousarray(images).tobytes())
    return digest.hexdigest()


def _read(content: bytes) -> NDArray[np.float64] | None:
    """Return what was kept; None where the file was damaged."""
    try:
        kept = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        return None
    features: NDArray[np.float64] = np.asarray(kept, dtype=np.float64)
    return features if np.isfinite(features).all() else None
