"""Ultrasound images: pinned bytes, near-duplicates on one side, features of the shipped recipe."""

import hashlib
import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zkfl.datasets import busi, busi_source
from zkfl.datasets.busi import load_busi, pilot_groups
from zkfl.datasets.busi_source import FILE, read_busi
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import Federation, write_site_csv
from zkfl.datasets.fit import require_fit
from zkfl.datasets.public_schema import public_schema, shipped_projection
from zkfl.features.recipe import PcaProjection
from zkfl.node.records.load import load_records
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.instances import get_instance

BOUNDS = FeatureBounds(4.0, 4.0)
IMAGES, GROUPS, PILOT = 96, 72, 12


def content_of(**changes: object) -> bytes:
    draw = np.random.default_rng(11)
    arrays = {
        "images": draw.integers(0, 256, (IMAGES, 128, 128), dtype=np.uint8),
        "labels": (np.arange(IMAGES) % 3).astype(np.uint8),
        "dup_group": (np.arange(IMAGES) % GROUPS).astype(np.int32),
    }
    # one image twice, with labels that contradict each other
    arrays["images"][5] = arrays["images"][4]
    file = io.BytesIO()
    np.savez(file, **(arrays | changes))
    return file.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of the same form in place of the images, which are not in the repository."""
    folder = tmp_path_factory.mktemp("busi")
    (folder / FILE).write_bytes(content_of())
    return folder


@pytest.fixture(autouse=True)
def _accepted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256((folder / FILE).read_bytes()).hexdigest()
    monkeypatch.setattr(busi_source, "FILE_SHA256", digest)
    monkeypatch.setattr(busi, "PILOT_GROUPS", PILOT)
    monkeypatch.delenv("ZKFL_DATA_DIR", raising=False)


@pytest.fixture
def federation(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Federation:
    cache = tmp_path_factory.getbasetemp() / "busi-cache"
    monkeypatch.setenv("ZKFL_CACHE", str(cache))
    return load_busi(BOUNDS, 3, data_dir=folder)


def rows_of(frame: pd.DataFrame, federation: Federation) -> set[bytes]:
    columns = list(federation.schema.column_names)
    return {row.tobytes() for row in frame[columns].to_numpy(dtype=np.float64)}


def test_images_that_contradict_each_other_are_left_out(folder: Path) -> None:
    images = read_busi(folder)
    assert images.pixels.shape == (IMAGES - 2, 128, 128)
    assert images.malignant.tolist()[:4] == [0, 0, 1, 0]


def test_near_duplicates_are_on_one_side(federation: Federation, folder: Path) -> None:
    images = read_busi(folder)
    records = busi.busi_records(federation.schema, images)
    group_of = dict(zip(map(bytes, _keys(records, federation)), images.groups, strict=True))
    parts = [federation.test_records, *(site.records for site in federation.hospitals)]
    sides = [{int(group_of[key]) for key in rows_of(part, federation)} for part in parts]
    assert sum(map(len, sides)) == len(set.union(*sides))
    assert not set.union(*sides) & pilot_groups(images)
    assert len(set.union(*sides)) + PILOT == len(np.unique(images.groups))


def _keys(records: pd.DataFrame, federation: Federation) -> list[bytes]:
    columns = list(federation.schema.column_names)
    return [row.tobytes() for row in records[columns].to_numpy(dtype=np.float64)]


def test_a_seed_gives_the_same_hospitals_again(federation: Federation, folder: Path) -> None:
    again, other = (load_busi(BOUNDS, 3, seed, folder) for seed in (0, 1))
    assert again.test_records.equals(federation.test_records)
    assert not other.test_records.equals(federation.test_records)


def test_a_hospitals_file_is_what_its_node_takes(federation: Federation, tmp_path: Path) -> None:
    site = federation.hospitals[-1]
    path = write_site_csv(site, tmp_path / "records.csv")
    loaded = load_records(path, federation.schema, min_rows=1)
    assert loaded["malignant"].tolist() == site.labels.tolist()
    assert site.features.shape == (len(site.labels), 64)


def test_three_classes_are_of_the_same_records(federation: Federation, folder: Path) -> None:
    three = load_busi(BOUNDS, 3, data_dir=folder, name="busi-3")
    assert three.schema.image_features == federation.schema.image_features
    assert set(three.test_labels.tolist()) == {0, 1, 2}
    pairs = zip(three.hospitals, federation.hospitals, strict=True)
    for here, there in [*pairs]:
        np.testing.assert_array_equal(here.features, there.features)
        np.testing.assert_array_equal(here.labels == three.schema.positive_class, there.labels)
    require_fit(three, get_instance("busi-3").spec)


def test_the_shipped_projection_is_the_recipes() -> None:
    recipe = public_schema("busi").image_features
    assert recipe is not None
    assert isinstance(recipe.projection, PcaProjection)
    file = shipped_projection(recipe)
    assert file is not None
    assert hashlib.sha256(file.read_bytes()).hexdigest() == recipe.projection.file_sha256
    assert shipped_projection(recipe.model_copy(update={"name": "other"})) is None


def test_an_absent_or_altered_file_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="the ultrasound images are not here"):
        read_busi()
    with pytest.raises(DatasetError, match="by --data-dir or ZKFL_DATA_DIR"):
        read_busi(tmp_path)
    (tmp_path / FILE).write_bytes((folder / FILE).read_bytes()[:-1] + b"x")
    with pytest.raises(DatasetError, match="was altered or is another version"):
        read_busi(tmp_path)


def test_a_pinned_file_that_holds_objects_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = content_of(labels=np.array([object()]))
    (tmp_path / FILE).write_bytes(content)
    monkeypatch.setattr(busi_source, "FILE_SHA256", hashlib.sha256(content).hexdigest())
    with pytest.raises(DatasetError, match="no file of images"):
        read_busi(tmp_path)
