"""The schemas that ship with zkfl, one JSON file a public data set."""

from importlib import resources
from pathlib import Path

from zkfl.datasets.names import DATASETS, require_dataset
from zkfl.features.recipe import FeatureRecipe, PcaProjection
from zkfl.node.records.schema import RecordSchema, parse_schema


def schema_text(name: str) -> str:
    """Return the JSON text of a shipped schema.

    Raises
    ------
    DatasetError
        No schema of that name ships with zkfl.
    """
    require_dataset(name)
    file = resources.files("zkfl.datasets").joinpath("schemas").joinpath(f"{name}.json")
    return file.read_text(encoding="utf-8")


def public_schema(name: str) -> RecordSchema:
    """Return a shipped schema.

    Raises
    ------
    DatasetError
        No schema of that name ships with zkfl.
    """
    return parse_schema(schema_text(name), f"schema {name}")


def shipped_projection(recipe: FeatureRecipe) -> Path | None:
    """Return the projection's file of a shipped schema with this recipe; None for any other.

    Whoever reads it holds it to the hash in the recipe.
    """
    for name in DATASETS:
        shipped = public_schema(name).image_features
        if shipped == recipe and isinstance(recipe.projection, PcaProjection):
            return Path(__file__).parent / "schemas" / f"{name}-projection.safetensors"
    return None
