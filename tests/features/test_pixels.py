"""Pixels of images become records that are the same everywhere, under constants all know."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from zkfl.features.errors import FeatureImageError, RecipeError
from zkfl.features.pixel_recipe import PixelRecipe
from zkfl.features.pixel_schema import schema_of_pixels
from zkfl.features.pixels import PixelReader, fit_constants
from zkfl.node.records.errors import SchemaError
from zkfl.node.records.schema import Label, RecordSchema, parse_schema
from zkfl.node.records.standardise import encode

RECIPE = PixelRecipe(name="small", side=4)
Scans = list[NDArray[np.uint8]]


@pytest.fixture
def pilot() -> Scans:
    """Images that differ in brightness; no more than are asked for."""
    draw = np.random.default_rng(8)
    lows = (0, 60, 120, 180) * 4
    return [draw.integers(low, low + 60, (20, 24), dtype=np.uint8) for low in lows]


@pytest.fixture
def schema(pilot: Scans) -> RecordSchema:
    constants = fit_constants(PixelReader(RECIPE).features(pilot))
    return schema_of_pixels(
        RECIPE,
        constants,
        name="small",
        label=Label(name="ill", positive="ill", negative="well"),
        description="scans",
        source="here",
        constants_source="drawn in a test",
    )


def test_pixels_stand_row_by_row() -> None:
    picture = np.arange(16, dtype=np.uint8).reshape(4, 4)
    assert PixelReader(RECIPE).features([picture]).tolist() == [list(range(16))]


def test_a_picture_of_one_grey_stays_that_grey(scans: Scans) -> None:
    grey = np.full((37, 51), 90, dtype=np.uint8)
    rows = PixelReader(RECIPE).features([grey, *scans])
    assert set(rows[0]) == {90.0}
    assert rows.shape == (1 + len(scans), 16)
    assert (rows == np.round(rows)).all()


def test_no_images_make_no_rows() -> None:
    assert PixelReader(RECIPE).features([]).shape == (0, 16)


def test_progress_is_told_image_by_image(scans: Scans) -> None:
    told: list[int] = []
    PixelReader(RECIPE).features(scans, told.append)
    assert told == [1, 2, 3]


@pytest.mark.parametrize(
    "change",
    [
        lambda scan: np.stack([scan] * 3, axis=2),
        lambda scan: scan.astype(np.uint16),
        lambda scan: scan[:0],
    ],
    ids=["colour", "16 bits", "empty"],
)
def test_what_is_no_grey_image_is_refused(
    scans: Scans, change: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
) -> None:
    with pytest.raises(FeatureImageError, match=r"image 2 has shape .* import it in that mode"):
        PixelReader(RECIPE).features([scans[0], change(scans[1])])


def test_pilot_images_have_mean_zero_and_deviation_one(pilot: Scans, schema: RecordSchema) -> None:
    rows = PixelReader(RECIPE).features(pilot)
    features = encode(pd.DataFrame(rows, columns=list(schema.column_names)), schema)
    assert np.abs(features.mean(axis=0)).max() < 0.1
    assert np.abs(features.std(axis=0) - 1).max() < 0.02


def test_images_that_hardly_differ_give_no_constants() -> None:
    draw = np.random.default_rng(8)
    same = draw.integers(90, 92, (16, 4, 4), dtype=np.uint8)
    with pytest.raises(RecipeError, match=r"pixel \d+ of the pilot images deviates by 0\."):
        fit_constants(PixelReader(RECIPE).features(same))


def test_constants_of_few_images_would_show_them(pilot: Scans) -> None:
    """Of two pictures, mean plus and minus deviation are the two; a copy is no further one."""
    rows = PixelReader(RECIPE).features([pilot[0], pilot[1]])
    shown = np.sort([rows.mean(axis=0) - rows.std(axis=0), rows.mean(axis=0) + rows.std(axis=0)], 0)
    assert np.allclose(shown, np.sort(rows, axis=0))
    for few, number in ((pilot[:2], 2), (pilot[:15], 15), (pilot[:15] * 2, 15), ([], 0)):
        with pytest.raises(RecipeError, match=f"has {number} different images, .* at least 16"):
            fit_constants(PixelReader(RECIPE).features(few))


def test_the_recipe_is_part_of_the_schema_and_its_digest(schema: RecordSchema) -> None:
    assert parse_schema(schema.to_json()) == schema
    other = RECIPE.model_copy(update={"name": "other"})
    assert schema.model_copy(update={"image_features": other}).digest() != schema.digest()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"side":4', '"side":5', "makes the columns pixel_0000 to pixel_0024"),
        ('"side":4', '"side":65', "less than or equal to 64"),
        ('"bilinear"', '"nearest"', "'bilinear'"),
        ('"mode":"grey"', '"mode":"rgb"', "'grey'"),
        ("pixel-recipe.v1", "pixel-recipe.v2", "does not match any of the expected tags"),
        ('"side":4', '"side":4,"weights_sha256":"ab"', "Extra inputs are not permitted"),
    ],
)
def test_a_schema_with_another_recipe_is_refused(
    schema: RecordSchema, old: str, new: str, problem: str
) -> None:
    text = schema.to_json()
    assert text.count(old) == 1
    with pytest.raises(SchemaError, match=problem):
        parse_schema(text.replace(old, new))
