"""A hospital's folder of images becomes pixel records, a real proof on them, and scores."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from zkfl.cache import cache_folder
from zkfl.cli.exit_codes import ExitCode
from zkfl.datasets.fit import require_features
from zkfl.field import random_elements
from zkfl.model_export import export_model
from zkfl.model_release import feature_bounds
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema, load_schema
from zkfl.node.records.standardise import preprocess, quantise
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.instances import TINY_CNN, get_instance
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public, pack_secrets
from zkfl.zk_circuits.prover import prove
from zkfl.zk_circuits.training_reference import training_update

Run = Callable[..., SimpleNamespace]
IMAGES = 16
DEADLINE = 600.0
WORDS = ("--name", "small", "--label", "ill", "--positive", "ill", "--negative", "well")
MORE = ("--description", "scans", "--source", "here", "--pilot", "drawn in a test")


@pytest.fixture
def image_set(run_zkfl: Run, tmp_path: Path) -> Path:
    """Import a folder of PNG files, half of them ill and brighter."""
    rng = np.random.default_rng(4)
    for number in range(IMAGES):
        folder = tmp_path / "scans" / ("ill" if number % 2 else "well")
        folder.mkdir(parents=True, exist_ok=True)
        low = 100 if number % 2 else 0
        pixels = rng.integers(low, low + 150, (20, 30), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    key = tmp_path / "pseudonyms.key"
    assert run_zkfl("import", "pseudonym-key", key).status == 0
    words = ("--label", "well=0", "--label", "ill=1", "--one-image-per-patient")
    source, target = tmp_path / "scans", tmp_path / "set"
    done = run_zkfl("import", "images", source, target, "--pseudonyms", key, *words)
    assert done.status == 0, done.err
    return target


@pytest.fixture
def schema_file(run_zkfl: Run, image_set: Path, tmp_path: Path) -> Path:
    path = tmp_path / "schema.json"
    done = run_zkfl("features", "pixels", image_set, path, *WORDS, *MORE, "--side", 4, "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)["result"]["schema"] == load_schema(path).digest()
    return path


@pytest.fixture
def records(run_zkfl: Run, image_set: Path, schema_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "records.csv"
    done = run_zkfl("features", "run", image_set, path, "--schema", schema_file)
    assert done.status == 0, done.err
    return path


def data_vector(records: Path, schema: RecordSchema) -> list[int]:
    bounds = feature_bounds(TINY_CNN)
    table = load_records(records, schema, min_rows=1).iloc[: TINY_CNN.slots]
    integers = quantise(preprocess(table, schema, bounds), bounds)
    labels = table[schema.label.name].to_numpy(dtype=np.int64)
    return pack_data(TINY_CNN, integers, labels, random_elements(TINY_CNN.data_blinders))


def test_a_step_on_imported_images_is_proven(records: Path, schema_file: Path) -> None:
    schema = load_schema(schema_file)
    require_features(schema, TINY_CNN)
    spec, training = TINY_CNN, get_instance("tiny-cnn").training
    blinders = random_elements(spec.update_blinders)
    vectors = {
        "data": data_vector(records, schema),
        "model": pack_model(spec, [0] * spec.parameters, [0] * spec.update_blinders),
        "secrets": pack_secrets(
            spec, [0] * spec.parameters, blinders, random_elements(spec.own_blinders)
        ),
        "public": pack_public(1 << 23, 7),
    }
    srs = cached_demo_srs(spec.logrows).path
    built = build_circuit(training, srs, cache_folder() / "circuits")
    proof = prove(built, vectors, DEADLINE)
    update, zeros = training_update(spec, **vectors)
    assert proof.outputs == {"update": update, "zeros": zeros}
    assert not any(zeros)
    assert any(update[: spec.parameters])


def test_images_and_their_records_get_the_same_scores(
    run_zkfl: Run, image_set: Path, schema_file: Path, records: Path, tmp_path: Path
) -> None:
    schema = load_schema(schema_file)
    rng = np.random.default_rng(2)
    parameters = [int(v) for v in rng.integers(-(2**47), 2**47, TINY_CNN.parameters)]
    model = tmp_path / "model.onnx"
    bounds = feature_bounds(TINY_CNN)
    export_model(TINY_CNN.model, parameters, schema, bounds, {"round": "1"}, model)
    by_images = run_zkfl("model", "predict", model, image_set)
    by_records = run_zkfl("model", "predict", model, records)
    assert (by_images.status, by_records.status) == (0, 0), by_images.err
    assert scored(by_images) == scored(by_records)
    assert len(set(scored(by_images))) > 1


def scored(done: SimpleNamespace) -> list[str]:
    return [row["probability"] for row in csv.DictReader(io.StringIO(done.out))]


def test_weights_do_not_go_with_pixels(
    run_zkfl: Run, image_set: Path, schema_file: Path, tmp_path: Path
) -> None:
    options = ("--schema", schema_file, "--weights", schema_file)
    done = run_zkfl("features", "run", image_set, tmp_path / "records.csv", *options)
    assert done.status == ExitCode.INPUT
    assert "of pixels, which have no weights and no projection" in done.err
    assert not (tmp_path / "records.csv").exists()


@pytest.mark.parametrize(
    ("side", "problem"), [(3, "greater than or equal to 4"), (65, "less than or equal to 64")]
)
def test_a_size_that_no_picture_has_is_refused(
    run_zkfl: Run, image_set: Path, tmp_path: Path, side: int, problem: str
) -> None:
    path = tmp_path / "other.json"
    done = run_zkfl("features", "pixels", image_set, path, *WORDS, *MORE, "--side", side)
    assert done.status == ExitCode.INPUT
    assert problem in done.err
    assert not path.exists()


def test_many_images_of_few_patients_give_no_schema(
    run_zkfl: Run, image_set: Path, tmp_path: Path
) -> None:
    """What is fitted goes to everybody: it must not be a few patients' pictures."""
    index, path = image_set / "index.csv", tmp_path / "other.json"
    heading, *rows = index.read_text().splitlines()
    patients = [row.split(",")[1] for row in rows]
    assert len(set(patients)) == IMAGES
    index.write_text("\n".join([heading, *rows]).replace(patients[1], patients[0]) + "\n")
    done = run_zkfl("features", "pixels", image_set, path, *WORDS, *MORE, "--side", 4)
    assert done.status == ExitCode.INPUT
    assert "has 15 patients" in done.err
    assert not path.exists()


def test_no_schema_is_overwritten(run_zkfl: Run, image_set: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text("mine")
    done = run_zkfl("features", "pixels", image_set, path, *WORDS, *MORE)
    assert (done.status, path.read_text()) == (ExitCode.INPUT, "mine")
    assert "exists: name a new file" in done.err
