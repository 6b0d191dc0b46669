"""A fitted recipe standardises its pilot images; too few of them are refused."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from zkfl.features.errors import RecipeError
from zkfl.features.fitting import RecipePlan, fit_recipe
from zkfl.features.projection import load_projection
from zkfl.features.recipe import FeatureRecipe, PcaProjection

IMAGES = np.random.default_rng(5).normal(size=(20, 1280)) * np.linspace(0.1, 3, 1280)


def plan_of(recipe: FeatureRecipe, seed: str | None, outputs: int = 6) -> RecipePlan:
    return RecipePlan(
        "fitted", recipe.backbone, recipe.weights_sha256, recipe.image, outputs, seed, "drawn"
    )


@pytest.mark.parametrize("seed", [None, "public"])
def test_pilot_images_are_standardised(
    seed: str | None, lite: FeatureRecipe, tmp_path: Path
) -> None:
    fitted = fit_recipe(plan_of(lite, seed), IMAGES)
    file = tmp_path / "projection"
    if fitted.projection_file is not None:
        file.write_bytes(fitted.projection_file)
    projected = load_projection(fitted.recipe, file if seed is None else None).apply(IMAGES)
    standard = (projected - fitted.recipe.centre) / np.array(fitted.recipe.scale)
    assert np.allclose(standard.mean(axis=0), 0, atol=1e-4)
    assert np.allclose(standard.std(axis=0), 1, atol=1e-4)


def test_the_recipe_names_the_file_of_its_components(lite: FeatureRecipe) -> None:
    fitted = fit_recipe(plan_of(lite, None), IMAGES)
    assert isinstance(fitted.recipe.projection, PcaProjection)
    assert fitted.projection_file is not None
    digest = hashlib.sha256(fitted.projection_file).hexdigest()
    assert fitted.recipe.projection.file_sha256 == digest


def test_too_few_pilot_images_are_refused(lite: FeatureRecipe) -> None:
    with pytest.raises(RecipeError, match="at most 5 principal components, 6 are asked for"):
        fit_recipe(plan_of(lite, None), IMAGES[:6])


def test_pilot_images_that_do_not_differ_are_refused(lite: FeatureRecipe) -> None:
    with pytest.raises(RecipeError, match="do not differ"):
        fit_recipe(plan_of(lite, "public"), np.ones((9, 1280)))


def test_activations_of_another_backbone_are_refused(lite: FeatureRecipe) -> None:
    with pytest.raises(RecipeError, match="are not efficientnet-lite0's 1280"):
        fit_recipe(plan_of(lite, None), IMAGES[:, :512])
