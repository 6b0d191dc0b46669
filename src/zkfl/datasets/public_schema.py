"""The schemas that ship with zkfl, one JSON file a public data set."""

from importlib import resources

from zkfl.datasets.names import require_dataset
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
