"""Making a recipe from public or pilot images: the projection, and constants that standardise.

Pilot images are not trained on and not tested with: what is fitted here is public, and must say
nothing of a hospital's patients.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save

from zkfl.features.backbones import backbone_named
from zkfl.features.errors import RecipeError
from zkfl.features.projection import LinearMap, random_projection
from zkfl.features.recipe import FeatureRecipe, ImageInput, PcaProjection, RandomProjection

BOUND = 8.0
DECIMALS = 4
_SMALLEST_SCALE = 1e-6
_CONSTANT_DIGITS = 6


@dataclass(frozen=True)
class RecipePlan:
    """What the consortium chooses before anything is fitted.

    Attributes
    ----------
    name, backbone, weights_sha256, image
        Of the recipe.
    outputs
        Features of an image.
    seed
        Of a random projection; None for principal components.
    constants_source
        Which images the pilot set is made of.
    """

    name: str
    backbone: str
    weights_sha256: str
    image: ImageInput
    outputs: int
    seed: str | None
    constants_source: str


@dataclass(frozen=True)
class FittedRecipe:
    """A recipe, and the content of its projection's file where it has one."""

    recipe: FeatureRecipe
    projection_file: bytes | None


def fit_recipe(plan: RecipePlan, activations: NDArray[np.float64]) -> FittedRecipe:
    """Fit projection and constants.

    Parameters
    ----------
    plan
        What was chosen.
    activations
        float64 ``(N, W)``: what the backbone says of the pilot images.

    Raises
    ------
    RecipeError
        There are too few pilot images, or a direction in which they do not differ.
    """
    width = backbone_named(plan.backbone).width
    if activations.ndim != 2 or activations.shape[1] != width:  # noqa: PLR2004 - rows, columns
        raise RecipeError(f"activations {activations.shape} are not {plan.backbone}'s {width}")
    if plan.seed is None:
        content, projection = _components(activations, plan.outputs)
        kind: PcaProjection | RandomProjection = PcaProjection(
            kind="pca", file_sha256=hashlib.sha256(content).hexdigest()
        )
    else:
        content, kind = None, RandomProjection(kind="random", seed=plan.seed)
        projection = random_projection(plan.seed, plan.outputs, width)
    return FittedRecipe(_recipe(plan, kind, projection.apply(activations)), content)


def _components(activations: NDArray[np.float64], outputs: int) -> tuple[bytes, LinearMap]:
    """Return principal components as a file, and as that file will be read."""
    images = len(activations)
    if images <= outputs:
        raise RecipeError(
            f"{images} pilot images give at most {images - 1} principal components, {outputs} are "
            "asked for: take more images, fewer features, or a random projection"
        )
    mean = activations.mean(axis=0)
    rows = np.linalg.svd(activations - mean, full_matrices=False)[2][:outputs]
    # a component's sign is arbitrary: its largest entry is positive
    largest = np.abs(rows).argmax(axis=1)
    rows *= np.sign(rows[np.arange(outputs), largest])[:, None]
    tensors = {"components": rows.astype(np.float32), "mean": mean.astype(np.float32)}
    read = LinearMap(*(tensors[name].astype(np.float64) for name in ("components", "mean")))
    return save(tensors), read


def _recipe(
    plan: RecipePlan, kind: PcaProjection | RandomProjection, projected: NDArray[np.float64]
) -> FeatureRecipe:
    centre, scale = projected.mean(axis=0), projected.std(axis=0)
    if not (scale > _SMALLEST_SCALE).all():
        raise RecipeError("the pilot images do not differ in some feature: take more of them")
    return FeatureRecipe.model_validate(
        {
            "name": plan.name,
            "backbone": plan.backbone,
            "weights_sha256": plan.weights_sha256,
            "image": plan.image,
            "projection": kind,
            "constants_source": plan.constants_source,
            "centre": _rounded(centre),
            "scale": _rounded(scale),
            "bound": BOUND,
            "decimals": DECIMALS,
        }
    )


def _rounded(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(f"{value:.{_CONSTANT_DIGITS}g}") for value in values)
