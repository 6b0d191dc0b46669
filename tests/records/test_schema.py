import json
import re
from pathlib import Path
from typing import Any

import pytest

from zkfl.node.records.errors import SchemaError
from zkfl.node.records.schema import RecordSchema, load_schema, parse_schema


def test_features_follow_the_columns(schema: RecordSchema) -> None:
    assert schema.feature_names == (
        "size",
        "pressure",
        "pressure_missing",
        "sex",
        "pain_some",
        "pain_strong",
    )


def test_the_canonical_text_reads_back_with_the_same_digest(schema: RecordSchema) -> None:
    again = parse_schema(schema.to_json())
    assert again == schema
    assert again.digest() == schema.digest()


def test_another_constant_is_another_digest(schema_dict: dict[str, Any]) -> None:
    before = parse_schema(json.dumps(schema_dict)).digest()
    schema_dict["columns"][0]["centre"] = 51
    assert parse_schema(json.dumps(schema_dict)).digest() != before


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("surprise",), 1, "at surprise: Extra inputs are not permitted (got '1')"),
        (("columns", 0, "surprise"), 1, "Extra inputs are not permitted"),
        (("columns", 0, "kind"), "text", "at columns.0"),
        (("columns", 0, "scale"), 0, "greater than 0"),
        (("columns", 0, "scale"), "10", "valid number"),
        (("columns", 0, "centre"), 101, "centre 101.0 must lie in a range of some width"),
        (("columns", 0, "missing_code"), 0, "missing_code needs missing to be centre"),
        (("columns", 0, "missing_indicator"), True, "missing_indicator is always 0"),
        (("columns", 0, "name"), "Size mm", "match pattern"),
        (("columns", 1, "name"), "size", "a column or feature name occurs twice"),
        (("columns", 2, "name"), "pressure_missing", "a column or feature name occurs twice"),
        (("columns", 3, "one_hot"), ["some", "awful"], "['awful']"),
        (("columns", 3, "categories"), {"some": 1, "strong": 1}, "two categories share a code"),
        (("label", "name"), "sex", "a column or feature name occurs twice"),
        (("min_rows",), 6, "min_rows 6 is above max_rows 5"),
        (("columns",), [], "at columns"),
    ],
)
def test_a_contradictory_schema_is_refused(
    schema_dict: dict[str, Any], path: tuple[str | int, ...], value: object, message: str
) -> None:
    place: Any = schema_dict
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(SchemaError, match=re.escape(message)):
        parse_schema(json.dumps(schema_dict))


def test_a_missing_key_is_refused(schema_dict: dict[str, Any]) -> None:
    del schema_dict["columns"][0]["unit"]
    with pytest.raises(SchemaError, match=re.escape("columns.0.numeric.unit: Field required")):
        parse_schema(json.dumps(schema_dict))


def test_a_repeated_key_is_refused() -> None:
    with pytest.raises(SchemaError, match="a key occurs twice"):
        parse_schema('{"name": "a", "name": "b"}')


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "[]", '{"min_rows": NaN}'])
def test_what_is_no_schema_at_all_is_refused(text: str) -> None:
    with pytest.raises(SchemaError, match="is not a valid schema"):
        parse_schema(text)


def test_a_file_is_held_to_the_agreed_digest(schema: RecordSchema, tmp_path: Path) -> None:
    path = tmp_path / "schema.json"
    path.write_text(schema.to_json())
    assert load_schema(path, schema.digest()) == schema
    with pytest.raises(SchemaError, match="the consortium agreed on 00"):
        load_schema(path, "00")


def test_an_absent_or_oversize_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="cannot be read as a schema"):
        load_schema(tmp_path / "none.json")
    large = tmp_path / "large.json"
    large.write_bytes(b" " * ((1 << 20) + 1))
    with pytest.raises(SchemaError, match="not a schema file"):
        load_schema(large)
