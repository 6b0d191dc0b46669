"""A recipe is one canonical text; its digest moves with everything in it."""

import json
from pathlib import Path

import pytest

from zkfl.features.errors import RecipeError
from zkfl.features.recipe import FeatureRecipe, load_recipe, parse_recipe
from zkfl.features.schema import schema_of_images
from zkfl.node.records.errors import SchemaError
from zkfl.node.records.schema import Label, RecordSchema, parse_schema

SHA = "ab" * 32
MUTATIONS: dict[str, dict[str, object]] = {
    "backbone": {"backbone": "resnet18"},
    "weights": {"weights_sha256": SHA},
    "size": {"image": {"mode": "grey", "size": 64, "centre": [127.0] * 3, "scale": [128.0] * 3}},
    "projection": {"projection": {"kind": "random", "seed": "another"}},
    "file": {"projection": {"kind": "pca", "file_sha256": SHA}},
    "scale": {"scale": [0.5] * 4},
    "decimals": {"decimals": 3},
}
HOSTILE: dict[str, tuple[dict[str, object], str]] = {
    "a constant less": ({"centre": [0.0]}, "1 centres and 4 scales"),
    "no scale": ({"scale": [0.0] * 4}, "greater than 0"),
    "an infinite constant": ({"centre": [1e999] * 4}, "finite"),
    "a hash of another form": ({"weights_sha256": "AB" * 32}, "pattern"),
    "an unknown backbone": ({"backbone": "vgg"}, "efficientnet-lite0"),
    "an odd size": ({"image": {"mode": "grey", "size": 33, "centre": [0.0] * 3,
                               "scale": [1.0] * 3}}, "multiple of 32"),
    "an unknown key": ({"code": "print()"}, "Extra inputs"),
}  # fmt: skip


@pytest.fixture
def schema(lite: FeatureRecipe) -> RecordSchema:
    label = Label(name="malignant", positive="malignant", negative="other")
    return schema_of_images(lite, name="small", label=label, description="scans", source="here")


def changed(recipe: FeatureRecipe, changes: dict[str, object]) -> str:
    return json.dumps(json.loads(recipe.to_json()) | changes)


def test_a_recipe_is_read_as_it_was_written(lite: FeatureRecipe, tmp_path: Path) -> None:
    path = tmp_path / "recipe.json"
    path.write_text(lite.to_json())
    assert load_recipe(path) == lite


@pytest.mark.parametrize("name", MUTATIONS)
def test_everything_in_it_moves_the_digest(name: str, lite: FeatureRecipe) -> None:
    other = parse_recipe(changed(lite, MUTATIONS[name]), "changed")
    assert other.digest() != lite.digest()


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_recipe_is_refused(name: str, lite: FeatureRecipe) -> None:
    changes, reason = HOSTILE[name]
    with pytest.raises(RecipeError, match=reason):
        parse_recipe(changed(lite, changes), "changed")


def test_a_text_or_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="is no feature recipe"):
        parse_recipe("[" * 5000, "deep")
    with pytest.raises(RecipeError, match="cannot be read"):
        load_recipe(tmp_path / "none")


def test_the_recipe_is_part_of_the_schemas_digest(
    schema: RecordSchema, lite: FeatureRecipe
) -> None:
    other = schema.model_copy(
        update={"image_features": lite.model_copy(update={"weights_sha256": SHA})}
    )
    assert other.digest() != schema.digest()
    assert parse_schema(schema.to_json()) == schema


def test_a_schema_without_images_says_nothing_of_recipes(schema: RecordSchema) -> None:
    plain = schema.model_copy(update={"image_features": None})
    assert "image_features" not in json.loads(plain.to_json())


def test_a_schema_with_other_columns_than_its_recipe_is_refused(schema: RecordSchema) -> None:
    content = json.loads(schema.to_json())
    content["columns"] = content["columns"][:-1]
    with pytest.raises(SchemaError, match="makes the columns feature_0000 to feature_0003"):
        parse_schema(json.dumps(content))
