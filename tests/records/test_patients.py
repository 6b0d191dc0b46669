"""Files that share a patient are refused wherever a column says whose records they are."""

import json
from pathlib import Path

import pandas as pd
import pytest

from zkfl.node.records.errors import RecordsError, SchemaError
from zkfl.node.records.load import load_records
from zkfl.node.records.patients import patients_of, require_patients_apart
from zkfl.node.records.schema import RecordSchema, parse_schema


def table(path: Path, *patients: object) -> Path:
    frame = pd.DataFrame({"patient": list(patients), "size": [1.0] * len(patients)})
    if path.suffix == ".csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path, index=False)
    return path


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    path = tmp_path / "bare.csv"
    path.write_text("size\n1\n")
    return path


def test_files_of_different_patients(tmp_path: Path) -> None:
    first = table(tmp_path / "a.csv", "p1", "p1", "p2")
    require_patients_apart([first, table(tmp_path / "b.parquet", "p3", "p4")])
    assert patients_of(first) == {"p1", "p2"}


def test_a_shared_patient_is_refused(tmp_path: Path) -> None:
    paths = [table(tmp_path / "a.csv", "p1", "p2"), table(tmp_path / "b.csv", "p3")]
    with pytest.raises(RecordsError, match=r"c.parquet and .*b.csv share 1 patient"):
        require_patients_apart([*paths, table(tmp_path / "c.parquet", "p3", "p4")])


def test_numbers_and_their_texts_are_one_patient(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="share 1 patient"):
        require_patients_apart([table(tmp_path / "a.csv", 17), table(tmp_path / "b.parquet", 17)])


def test_capitals_alone_tell_nobody_apart(tmp_path: Path) -> None:
    lower, upper = table(tmp_path / "a.csv", "p1", "p2"), table(tmp_path / "b.csv", "P1", "p3")
    with pytest.raises(RecordsError, match="share 1 patient"):
        require_patients_apart([lower, upper])
    with pytest.raises(RecordsError, match="differ in capitals only"):
        patients_of(table(tmp_path / "c.csv", "p1", "p2", "P1"))


def test_files_without_the_column_are_not_compared(bare: Path) -> None:
    require_patients_apart([bare, bare])


def test_a_file_that_does_not_say_whose_records_it_holds(tmp_path: Path, bare: Path) -> None:
    with pytest.raises(RecordsError, match="nobody can tell"):
        require_patients_apart([table(tmp_path / "a.csv", "p1"), bare])


@pytest.mark.parametrize("patient", ["", "Doe, Jane", "=cmd()", "x" * 65, "Müller"])
def test_a_cell_that_is_no_pseudonym(tmp_path: Path, patient: str) -> None:
    with pytest.raises(RecordsError, match="row 2, column 'patient'") as refused:
        require_patients_apart([table(tmp_path / "a.csv", "p1", patient)])
    assert not patient or patient not in str(refused.value)


@pytest.mark.parametrize("patient", [17.0, True, None])
def test_a_value_that_is_no_pseudonym(tmp_path: Path, patient: object) -> None:
    with pytest.raises(RecordsError, match="column 'patient'"):
        patients_of(table(tmp_path / "a.parquet", patient))


def test_the_column_is_read_beside_any_schema_and_never_learnt_from(
    tmp_path: Path, schema: RecordSchema
) -> None:
    path = tmp_path / "given.csv"
    path.write_text("patient,size,pressure,sex,pain,ill\np1,10,120,1,0,1\np2,20,120,0,0,0\n")
    assert list(load_records(path, schema).columns) == ["size", "pressure", "sex", "pain", "ill"]


@pytest.mark.parametrize("place", ["label", "column"])
def test_no_schema_has_a_column_of_that_name(schema_dict: dict[str, object], place: str) -> None:
    text = json.dumps(schema_dict)
    name = '"ill"' if place == "label" else '"size"'
    with pytest.raises(SchemaError, match="never learnt from"):
        parse_schema(text.replace(f'"name": {name}', '"name": "patient"'))
