"""``zkfl import`` and ``zkfl split``: from a hospital's files to what its node admits."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from sklearn.datasets import load_breast_cancer

from zkfl.cli.exit_codes import ExitCode
from zkfl.datasets.public_schema import public_schema
from zkfl.node.deidentification import read_report
from zkfl.node.images.image_set import read_image_set
from zkfl.node.records.load import load_records
from zkfl.node.records.patients import require_patients_apart

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def key(run_zkfl: Run, tmp_path: Path) -> Path:
    path = tmp_path / "pseudonyms.key"
    assert run_zkfl("import", "pseudonym-key", path).status == 0
    return path


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("CT_small.dcm", "MR_small.dcm", "liver_1frame.dcm"):
        shutil.copy(str(get_testdata_file(name, download=False)), folder / name)
    return folder


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Write the public records as a hospital's export, two rows a patient."""
    table = load_breast_cancer(as_frame=True)
    names = list(public_schema("wdbc").column_names)
    frame = pd.DataFrame(table.data.to_numpy(), columns=names)
    frame["malignant"] = 1 - table.target
    frame["MRN"] = [f"KIS-{row // 2:05d}" for row in range(len(frame))]
    frame["NAME"] = "Erika Mustermann"
    frame.to_parquet(tmp_path / "export.parquet", index=False)
    return tmp_path / "export.parquet"


def test_foreign_names_move_no_cursor(run_zkfl: Run, key: Path, tmp_path: Path) -> None:
    scans = tmp_path / "scans"
    (scans / "a").mkdir(parents=True)
    name = "\x1b[2J\u202ex.png"
    (scans / "a" / name).write_bytes(b"no image")
    words = ("import", "images", scans, tmp_path / "set", "--pseudonyms", key)
    how = ("--label", "a=0", "--one-image-per-patient")
    for more in ((), ("--all-or-nothing",)):
        done = run_zkfl(*words, *how, *more)
        assert done.status == ExitCode.INPUT
        assert r"\u{1b}[2J\u{202e}x.png" in done.err
        assert not {"\x1b", "\u202e"} & set(done.err)
    Image.new("L", (4, 4)).save(scans / "good.png")
    (tmp_path / "index.csv").write_text(
        f"image,patient,label,\x1b[2J\ngood.png,1,0,x\na/{name},2,0,x\n"
    )
    done = run_zkfl(*words, "--index", tmp_path / "index.csv")
    assert done.status == 0
    assert r"refused a/\u{1b}[2J\u{202e}x.png" in done.err
    assert "dropped (1): named in" in done.out
    assert not {"\x1b", "\u202e"} & {*done.err, *done.out}


def test_dicom_becomes_an_image_set(run_zkfl: Run, scans: Path, key: Path, tmp_path: Path) -> None:
    words = ("import", "dicom", scans, tmp_path / "set", "--pseudonyms", key, "--no-labels")
    done = run_zkfl(
        *words, "--window", "percentile", "--site", "north", "--allow-burned-in", "--json"
    )
    assert done.status == 0
    result = json.loads(done.out)["result"]
    assert (result["report"]["written"], result["report"]["seen"]) == (2, 3)
    assert [refusal["reason"] for refusal in result["refused"]] == ["no_image"]
    images = read_image_set(tmp_path / "set", labelled=False)
    assert images.subgroup_columns == ("site", "age_band", "sex")


def test_what_was_dropped_is_named_in_the_file_alone(
    run_zkfl: Run, scans: Path, key: Path, tmp_path: Path
) -> None:
    words = ("import", "dicom", scans, tmp_path / "set", "--pseudonyms", key, "--no-labels")
    done = run_zkfl(*words, "--window", "percentile")
    assert done.status == 0
    file = tmp_path / "set" / "deidentification.json"
    dropped = [a for a in read_report(file).attributes if a.action == "dropped"]
    text = " ".join(done.out.split())
    assert f"dropped ({len(dropped)}): named in" in text
    assert "PatientID (" in text
    assert "PatientName" not in text
    assert "PatientName" in {attribute.name for attribute in dropped}


def test_an_image_made_from_others_waits_for_a_look(
    run_zkfl: Run, scans: Path, key: Path, tmp_path: Path
) -> None:
    words = ("import", "dicom", scans, tmp_path / "set", "--pseudonyms", key, "--no-labels")
    done = run_zkfl(*words, "--window", "percentile", "--json")
    result = json.loads(done.out)["result"]
    assert result["report"]["written"] == 1
    assert result["report"]["refused"] == {"burned_in_unknown": 1, "no_image": 1}


def test_no_subgroup_need_be_kept(run_zkfl: Run, scans: Path, key: Path, tmp_path: Path) -> None:
    words = ("import", "dicom", scans, tmp_path / "set", "--pseudonyms", key, "--no-labels")
    assert run_zkfl(*words, "--window", "percentile", "--keep", "none").status == 0
    assert read_image_set(tmp_path / "set", labelled=False).subgroup_columns == ()


def test_all_or_nothing_ends_with_a_number(
    run_zkfl: Run, scans: Path, key: Path, tmp_path: Path
) -> None:
    words = ("import", "dicom", scans, tmp_path / "set", "--pseudonyms", key, "--no-labels")
    done = run_zkfl(*words, "--window", "percentile", "--all-or-nothing")
    assert done.status == ExitCode.INPUT
    assert "nothing is written" in done.err
    assert not (tmp_path / "set").exists()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "say one of --labels"),
        (["--no-labels", "--label-tag", "BodyPartExamined"], "say one of --labels"),
        (["--no-labels", "--window", "bright"], "write file, percentile"),
        (["--no-labels", "--keep", "PatientName"], "choose among"),
    ],
)
def test_options_that_do_not_fit(  # noqa: PLR0913, PLR0917 - fixtures
    run_zkfl: Run, scans: Path, key: Path, tmp_path: Path, options: list[str], reason: str
) -> None:
    done = run_zkfl("import", "dicom", scans, tmp_path / "set", "--pseudonyms", key, *options)
    assert done.status == ExitCode.INPUT
    assert reason in done.err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "with --index or --label"),
        (["--label", "a=1"], "say either with --patient-from"),
        (["--label", "a=1", "--patient-from", "(.)", "--one-image-per-patient"], "say either"),
        (["--label", "a=1", "--one-image-per-patient", "--keep", "sex"], "and there is none"),
        (["--index", "x.csv", "--label", "a=1"], "with --index"),
    ],
)
def test_images_need_labels_and_patients(  # noqa: PLR0913, PLR0917 - fixtures
    run_zkfl: Run, scans: Path, key: Path, tmp_path: Path, options: list[str], reason: str
) -> None:
    done = run_zkfl("import", "images", scans, tmp_path / "set", "--pseudonyms", key, *options)
    assert done.status == ExitCode.INPUT
    assert reason in done.err


def test_a_package_that_is_missing_is_named(
    run_zkfl: Run, scans: Path, key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zkfl.extras.find_spec", lambda _module: None)
    words = ("import", "dicom", scans, tmp_path / "set", "--no-labels", "--pseudonyms", key)
    done = run_zkfl(*words)
    assert done.status == ExitCode.CONFIG
    assert "pip install -e '.[imaging]'" in done.err


def test_a_key_that_is_missing_is_told_as_one(run_zkfl: Run, scans: Path, tmp_path: Path) -> None:
    words = ("import", "dicom", scans, tmp_path / "set", "--no-labels")
    done = run_zkfl(*words, "--pseudonyms", tmp_path / "absent.key")
    assert done.status == ExitCode.KEYS


def test_an_export_is_imported_and_split(
    run_zkfl: Run, export: Path, key: Path, tmp_path: Path
) -> None:
    words = ("import", "table", export, tmp_path / "records", "--schema", "wdbc")
    assert run_zkfl(*words, "--patient", "MRN", "--pseudonyms", key).status == 0
    records = tmp_path / "records" / "records.csv"
    done = run_zkfl(
        *("split", records, tmp_path / "split", "--label", "malignant", "--pseudonyms", key),
        "--json",
    )
    assert done.status == 0
    train, test = json.loads(done.out)["result"]["sides"]
    assert train["patients"] + test["patients"] == 285
    schema = public_schema("wdbc")
    paths = [tmp_path / "split" / f"{side}.csv" for side in ("train", "test")]
    sides = [load_records(path, schema) for path in paths]
    both = pd.concat(sides).sort_values(list(schema.column_names), ignore_index=True)
    whole = load_records(records, schema)
    assert both.equals(whole.sort_values(list(schema.column_names), ignore_index=True))
    require_patients_apart(paths)


def test_who_was_tested_on_before_is_never_trained_on(
    run_zkfl: Run, export: Path, key: Path, tmp_path: Path
) -> None:
    words = ("import", "table", export, tmp_path / "records", "--schema", "wdbc")
    run_zkfl(*words, "--patient", "MRN", "--pseudonyms", key)
    records = tmp_path / "records" / "records.csv"
    options = ("--label", "malignant", "--pseudonyms", key)
    run_zkfl("split", records, tmp_path / "first", *options, "--test", "0.1")
    run_zkfl("split", records, tmp_path / "second", *options, "--earlier", tmp_path / "first")
    require_patients_apart([tmp_path / "first" / "test.csv", tmp_path / "second" / "train.csv"])


@pytest.mark.parametrize("label", ["patient_name", "class"])
def test_a_split_needs_its_columns(run_zkfl: Run, key: Path, tmp_path: Path, label: str) -> None:
    (tmp_path / "records.csv").write_text("patient,malignant\np1,0\np2,1\n")
    done = run_zkfl(
        *("split", tmp_path / "records.csv", tmp_path / "split"),
        *("--label", label, "--pseudonyms", key),
    )
    assert done.status == ExitCode.INPUT
    assert "lacks column" in done.err
    assert not (tmp_path / "split").exists()
