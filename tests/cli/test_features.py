"""``zkfl features`` and ``zkfl model predict``: from an image set to records and to scores."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.features_steps import Files, Wanted, fit, write_schema
from zkfl.cli.prediction_record import Record, record_features
from zkfl.features.recipe import load_recipe
from zkfl.inference.errors import InferenceError
from zkfl.model_export import export_model, read_model
from zkfl.node.deidentification import Tally
from zkfl.node.images.writer import new_image_set
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import Label, load_schema
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.model_choice import LOGISTIC

Run = Callable[..., SimpleNamespace]
IMAGES = 6


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An image set of grey images, two of a patient."""
    folder = tmp_path_factory.mktemp("sets") / "scans"
    draw = np.random.default_rng(9)
    with new_image_set(folder, ["site"]) as writer:
        for n in range(IMAGES):
            pixels = draw.integers(0, 256, (40, 40), dtype=np.uint8)
            writer.add(pixels, f"p{n // 2}", n % 2, {"site": "north"})
        tally = Tally("images", seen=IMAGES)
        writer.finish(tally.report(writer.images, writer.patients))
    return folder


@pytest.fixture(scope="module")
def agreed(scans: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a recipe of principal components, its projection and its schema."""
    folder = tmp_path_factory.mktemp("agreed") / "recipe"
    wanted = Wanted("ours", "efficientnet-lite0", "grey", 32, 3, None, "drawn in a test")
    fit(scans, folder, wanted, None)
    label = Label(name="malignant", positive="malignant", negative="other")
    recipe, schema = folder / "recipe.json", folder / "schema.json"
    write_schema(recipe, schema, "ours", label, "scans", "here")
    return folder


@pytest.fixture
def given(agreed: Path) -> tuple[object, ...]:
    """What makes records by the agreed recipe."""
    return ("--schema", agreed / "schema.json", "--projection", agreed / "projection.safetensors")


@pytest.fixture(scope="module")
def model(agreed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    schema = load_schema(agreed / "schema.json")
    path = tmp_path_factory.mktemp("model") / "model.onnx"
    parameters = [(n + 1) << 48 for n in range(4)]
    return export_model(LOGISTIC, parameters, schema, FeatureBounds(4, 4), {"round": "1"}, path)


def test_a_recipe_and_its_schema_are_written(run_zkfl: Run, scans: Path, tmp_path: Path) -> None:
    folder = tmp_path / "recipe"
    options = ("--name", "ours", "--size", 32, "--outputs", 3, "--source", "drawn in a test")
    done = run_zkfl("features", "recipe", scans, folder, *options, "--random", "seed", "--json")
    assert done.status == 0, done.err
    recipe = load_recipe(folder / "recipe.json")
    assert json.loads(done.out)["result"]["recipe"] == recipe.digest()
    assert not (folder / "projection.safetensors").exists()
    names = ("label", "positive", "negative", "description", "source")
    words = [word for name in names for word in (f"--{name}", "malignant")]
    schema = folder / "schema.json"
    done = run_zkfl("features", "schema", folder / "recipe.json", schema, "--name", "ours", *words)
    assert done.status == 0, done.err
    assert load_schema(schema).image_features == recipe
    again = run_zkfl("features", "recipe", scans, folder, *options)
    assert (again.status, again.out) == (ExitCode.INPUT, "")


def test_a_size_that_no_backbone_takes_is_refused(
    run_zkfl: Run, scans: Path, tmp_path: Path
) -> None:
    options = ("--name", "ours", "--size", 33, "--source", "drawn in a test")
    done = run_zkfl("features", "recipe", scans, tmp_path / "recipe", *options)
    assert done.status == ExitCode.INPUT
    assert "multiple of 32" in done.err


def test_backbones_are_listed(run_zkfl: Run) -> None:
    done = run_zkfl("features", "backbones")
    assert done.status == 0
    assert "resnet50              2048 numbers an image, weights from --weights FILE" in done.out


def test_records_of_an_image_set_fit_the_schema(
    run_zkfl: Run, scans: Path, agreed: Path, given: tuple[object, ...], tmp_path: Path
) -> None:
    done = run_zkfl("features", "run", scans, tmp_path / "records.csv", *given, "--json")
    assert done.status == 0, done.err
    schema = load_schema(agreed / "schema.json")
    assert schema.image_features is not None
    facts = json.loads(done.out)["result"]
    assert (facts["records"], facts["recipe"]) == (IMAGES, schema.image_features.digest())
    table = load_records(tmp_path / "records.csv", schema, min_rows=1)
    assert table["malignant"].tolist() == [row % 2 for row in range(IMAGES)]
    # the pilot images are these very ones
    assert np.abs(table[list(schema.column_names)].mean().to_numpy()).max() < 1e-3


def test_nothing_is_overwritten(
    run_zkfl: Run, scans: Path, given: tuple[object, ...], tmp_path: Path
) -> None:
    (tmp_path / "records.csv").write_text("mine")
    done = run_zkfl("features", "run", scans, tmp_path / "records.csv", *given)
    assert (done.status, (tmp_path / "records.csv").read_text()) == (ExitCode.INPUT, "mine")
    assert "exists: name a new file" in done.err


def test_another_projection_is_refused_and_nothing_written(
    run_zkfl: Run, scans: Path, agreed: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.safetensors"
    content = bytearray((agreed / "projection.safetensors").read_bytes())
    content[-1] ^= 1
    other.write_bytes(bytes(content))
    options = ("--schema", agreed / "schema.json", "--projection", other)
    done = run_zkfl("features", "run", scans, tmp_path / "records.csv", *options)
    assert done.status == ExitCode.INPUT
    assert "the recipe names" in done.err
    assert not (tmp_path / "records.csv").exists()


def test_a_schema_of_tables_has_no_recipe(run_zkfl: Run, scans: Path, tmp_path: Path) -> None:
    done = run_zkfl("features", "run", scans, tmp_path / "records.csv", "--dataset", "wdbc")
    assert done.status == ExitCode.INPUT
    assert "holds no recipe" in done.err


def test_one_schema_must_be_named(run_zkfl: Run, scans: Path, tmp_path: Path) -> None:
    done = run_zkfl("features", "run", scans, tmp_path / "records.csv")
    assert done.status == ExitCode.INPUT
    assert "--schema, or a --dataset" in done.err


def scored(done: SimpleNamespace) -> list[float]:
    assert done.status == 0, done.err
    return [float(row["probability"]) for row in csv.DictReader(io.StringIO(done.out))]


def test_images_and_their_records_get_the_same_scores(  # noqa: PLR0913, PLR0917 - fixtures
    run_zkfl: Run,
    scans: Path,
    given: tuple[object, ...],
    agreed: Path,
    model: Path,
    tmp_path: Path,
) -> None:
    records = tmp_path / "records.csv"
    assert run_zkfl("features", "run", scans, records, *given, "--no-labels").status == 0
    projection = ("--projection", agreed / "projection.safetensors")
    by_records = scored(run_zkfl("model", "predict", model, records))
    by_images = scored(run_zkfl("model", "predict", model, scans, *projection))
    assert by_images == by_records
    assert len(set(by_images)) == IMAGES
    first = min(scans.glob("*.png"))
    names = [row["image"] for row in csv.DictReader((scans / "index.csv").open())]
    [alone] = scored(run_zkfl("model", "predict", model, first, *projection))
    assert alone == pytest.approx(by_images[names.index(first.name)], abs=1e-3)


def test_a_proof_is_about_the_record_that_trains(  # noqa: PLR0913, PLR0917 - fixtures
    run_zkfl: Run,
    scans: Path,
    given: tuple[object, ...],
    agreed: Path,
    model: Path,
    tmp_path: Path,
) -> None:
    records, checked = tmp_path / "records.csv", read_model(model)
    assert run_zkfl("features", "run", scans, records, *given, "--no-labels").status == 0
    files = Files(None, agreed / "projection.safetensors")
    for row in (1, IMAGES):
        image = Record(scans, row, files=files)
        from_image = record_features(image, checked.schema, TINY, checked)
        assert from_image == record_features(Record(records, row), checked.schema, TINY)
        assert any(from_image)
    with pytest.raises(InferenceError, match=r"compare the record's opening"):
        record_features(Record(scans, 1), checked.schema, TINY)
    with pytest.raises(InferenceError, match=f"has {IMAGES} records"):
        record_features(Record(records, IMAGES + 1), checked.schema, TINY)


def write_dicom(path: Path) -> None:
    """Write a grey image of 8 bits as DICOM."""
    pixels = np.arange(1024, dtype=np.uint16).astype(np.uint8).reshape(32, 32)
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
    dataset.Modality, dataset.BurnedInAnnotation = "CT", "NO"
    dataset.Rows, dataset.Columns, dataset.SamplesPerPixel = 32, 32, 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 8, 8, 7
    dataset.PixelRepresentation = 0
    dataset.WindowCenter, dataset.WindowWidth = "128", "256"
    dataset.PixelData = pixels.tobytes()
    dataset.save_as(path, enforce_file_format=True)


def test_frames_of_a_dicom_file_are_scored(
    run_zkfl: Run, agreed: Path, model: Path, tmp_path: Path
) -> None:
    write_dicom(tmp_path / "scan.dcm")
    projection = ("--projection", agreed / "projection.safetensors")
    done = run_zkfl("model", "predict", model, tmp_path / "scan.dcm", *projection)
    assert len(scored(done)) == 1
    assert "scan.dcm" in done.out


def test_weights_of_another_backbone_are_refused(
    run_zkfl: Run, scans: Path, agreed: Path, model: Path, tmp_path: Path
) -> None:
    (tmp_path / "other").write_bytes(b"other weights")
    files = ("--projection", agreed / "projection.safetensors", "--weights", tmp_path / "other")
    done = run_zkfl("model", "predict", model, scans, *files)
    assert done.status == ExitCode.INPUT
    assert "with other weights the features mean something else" in done.err


def test_a_colour_image_is_refused(
    run_zkfl: Run, agreed: Path, model: Path, tmp_path: Path
) -> None:
    Image.new("RGB", (40, 40), (200, 10, 10)).save(tmp_path / "colour.png")
    projection = ("--projection", agreed / "projection.safetensors")
    done = run_zkfl("model", "predict", model, tmp_path / "colour.png", *projection)
    assert done.status == ExitCode.INPUT
    assert "asks for 8-bit grey images" in done.err
