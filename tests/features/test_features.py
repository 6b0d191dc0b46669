"""Features depend on the image and the recipe alone, and images of another form are refused."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.numpy import save

from zkfl.features.errors import FeatureImageError, WeightsError
from zkfl.features.extraction import BATCH, FeatureExtractor, prepared
from zkfl.features.projection import load_projection, random_projection
from zkfl.features.recipe import FeatureRecipe, PcaProjection

TOLERANCE = 2e-4
"""Twice the last decimal: float arithmetic may differ below it."""


@pytest.fixture(scope="module")
def extractor(lite: FeatureRecipe) -> FeatureExtractor:
    return FeatureExtractor(lite)


def test_an_image_has_the_same_features_in_any_company(
    extractor: FeatureExtractor, scans: list[NDArray[np.uint8]]
) -> None:
    alone = extractor.features(scans[:1])
    together = extractor.features([*scans, *[scans[1]] * BATCH])
    assert together.shape == (len(scans) + BATCH, extractor.recipe.outputs)
    assert np.abs(together[0] - alone[0]).max() <= TOLERANCE
    assert np.abs(together[-1] - together[1]).max() <= TOLERANCE


def test_the_number_of_threads_stays_below_the_last_decimals(
    extractor: FeatureExtractor, scans: list[NDArray[np.uint8]]
) -> None:
    before = torch.get_num_threads()
    several = extractor.features(scans)
    try:
        torch.set_num_threads(1)
        single = extractor.features(scans)
    finally:
        torch.set_num_threads(before)
    assert np.abs(several - single).max() <= TOLERANCE


def test_features_differ_between_images_and_are_bounded_and_rounded(
    extractor: FeatureExtractor, scans: list[NDArray[np.uint8]]
) -> None:
    features = extractor.features(scans)
    assert len({row.tobytes() for row in features}) == len(scans)
    assert np.abs(features).max() <= extractor.recipe.bound
    assert np.array_equal(features, np.round(features, extractor.recipe.decimals))


def test_a_resnet_gives_features_too(resnet18: Any, scans: list[NDArray[np.uint8]]) -> None:  # noqa: ANN401
    features = FeatureExtractor(resnet18.recipe, resnet18.file).features(scans)
    assert features.shape == (len(scans), resnet18.recipe.outputs)
    assert np.isfinite(features).all()


def test_no_images_make_no_rows(extractor: FeatureExtractor) -> None:
    assert extractor.features([]).shape == (0, extractor.recipe.outputs)


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((8, 8, 3), np.uint8),
        np.zeros((8, 8), np.uint16),
        np.zeros((8, 8), np.float32),
        np.zeros((0, 8), np.uint8),
        np.zeros(8, np.uint8),
    ],
    ids=["rgb", "16 bits", "floats", "empty", "a line"],
)
def test_an_image_of_another_form_is_refused(lite: FeatureRecipe, pixels: Any) -> None:  # noqa: ANN401
    with pytest.raises(FeatureImageError, match="asks for 8-bit grey images"):
        prepared(pixels, lite.image, "image 1")


def test_a_grey_image_is_refused_where_colour_is_asked_for(lite: FeatureRecipe) -> None:
    form = lite.image.model_copy(update={"mode": "rgb"})
    colour = np.zeros((8, 8, 3), np.uint8)
    colour[..., 1] = 127
    assert prepared(colour, form, "image 1")[:, 0, 0].tolist() == [-127 / 128, 0.0, -127 / 128]
    with pytest.raises(FeatureImageError, match="asks for 8-bit rgb images"):
        prepared(colour[..., 0].copy(), form, "image 1")


def test_a_random_projection_is_what_its_seed_says() -> None:
    matrix = random_projection("tests", 3, 8).matrix * np.sqrt(8)
    stream = hashlib.shake_256(b"zkfl.features.projection.v1/tests").digest(3)
    expected = [[1 if byte >> (7 - w) & 1 else -1 for w in range(8)] for byte in stream]
    assert np.allclose(matrix, expected)


def components_of(tmp_path: Path, **tensors: NDArray[Any]) -> tuple[Path, PcaProjection]:
    path = tmp_path / "projection.safetensors"
    path.write_bytes(save(tensors))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return path, PcaProjection(kind="pca", file_sha256=digest)


def test_components_of_a_file_project(lite: FeatureRecipe, tmp_path: Path) -> None:
    rows = np.eye(4, 1280, dtype=np.float32)
    path, kind = components_of(tmp_path, components=rows, mean=np.ones(1280, np.float32))
    projection = load_projection(lite.model_copy(update={"projection": kind}), path)
    assert projection.apply(np.arange(1280.0)[None]).tolist() == [[-1.0, 0.0, 1.0, 2.0]]


def test_components_of_another_shape_or_no_file_are_refused(
    lite: FeatureRecipe, tmp_path: Path
) -> None:
    rows = np.eye(3, 1280, dtype=np.float32)
    path, kind = components_of(tmp_path, components=rows, mean=np.ones(1280, np.float32))
    recipe = lite.model_copy(update={"projection": kind})
    with pytest.raises(WeightsError, match="this recipe needs float32"):
        load_projection(recipe, path)
    with pytest.raises(WeightsError, match="name it with --projection"):
        load_projection(recipe)
