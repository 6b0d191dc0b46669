import json
from pathlib import Path

import pytest

from zkfl.node.records.schema import RecordSchema, parse_schema


def small_schema_dict() -> dict[str, object]:
    return {
        "name": "small",
        "version": 1,
        "description": "two measurements, a finding and a code",
        "source": "made for tests",
        "constants_source": "made for tests",
        "min_rows": 2,
        "max_rows": 5,
        "extra_columns": "reject",
        "label": {"name": "ill", "positive": "ill", "negative": "well"},
        "columns": [
            {
                "kind": "numeric",
                "name": "size",
                "unit": "mm",
                "meaning": "size",
                "min": 0,
                "max": 100,
                "centre": 50,
                "scale": 10,
                "missing": "reject",
            },
            {
                "kind": "numeric",
                "name": "pressure",
                "unit": "mm Hg",
                "meaning": "pressure",
                "min": 50,
                "max": 250,
                "centre": 130,
                "scale": 20,
                "missing": "centre",
                "missing_code": 0,
                "missing_indicator": True,
            },
            {
                "kind": "binary",
                "name": "sex",
                "unit": "1 male",
                "meaning": "sex",
                "missing": "reject",
            },
            {
                "kind": "category",
                "name": "pain",
                "unit": "code",
                "meaning": "pain",
                "categories": {"none": 0, "some": 1, "strong": 2},
                "one_hot": ["some", "strong"],
                "missing": "centre",
            },
        ],
    }


@pytest.fixture
def schema_dict() -> dict[str, object]:
    return small_schema_dict()


@pytest.fixture
def schema(schema_dict: dict[str, object]) -> RecordSchema:
    return parse_schema(json.dumps(schema_dict))


@pytest.fixture
def records_csv(tmp_path: Path) -> Path:
    path = tmp_path / "records.csv"
    path.write_text("size,pressure,sex,pain,ill\n10,120,1,0,1\n60.5,0,0,2,0\n70,?,1,,1\n")
    return path
