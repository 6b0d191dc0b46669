"""Pictures of 8x8: the images, groups and sites of `busi`, with pixels as records."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from zkfl.datasets import busi, busi_pixels
from zkfl.datasets.busi_pixels import pixel_records
from zkfl.datasets.busi_source import BusiImages
from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.federation import write_site_csv
from zkfl.datasets.fit import require_features
from zkfl.datasets.names import usual_circuits
from zkfl.datasets.public_schema import public_schema
from zkfl.features.pixel_recipe import PixelRecipe
from zkfl.model_release import feature_bounds
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema
from zkfl.zk_circuits.instances import CNN, TINY_CNN, get_instance


@pytest.fixture
def schema() -> RecordSchema:
    return public_schema("busi-pixels")


@pytest.fixture
def images() -> BusiImages:
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (6, 128, 128), dtype=np.uint8)
    return BusiImages(pixels, np.arange(6) % 2, 2 * (np.arange(6) % 2), np.arange(6))


def test_its_circuits_are_a_convolution_of_its_pictures(schema: RecordSchema) -> None:
    spec = get_instance(usual_circuits("busi-pixels")).spec
    assert spec == CNN
    require_features(schema, spec)
    assert isinstance(schema.image_features, PixelRecipe)
    assert schema.image_features.outputs == spec.features


def test_circuits_of_another_size_are_refused(schema: RecordSchema) -> None:
    with pytest.raises(DatasetError, match="busi_pixels has 64 features, the circuits 'tiny-cnn'"):
        require_features(schema, TINY_CNN)


def test_a_record_holds_the_means_of_its_squares(schema: RecordSchema, images: BusiImages) -> None:
    table = pixel_records(schema, images)
    levels = table[list(schema.column_names)].to_numpy().reshape(6, 8, 8)
    # bilinear weights reach into neighbours, so means of 16x16 squares are near and not equal
    means = images.pixels.reshape(6, 8, 16, 8, 16).mean(axis=(2, 4))
    assert np.abs(levels - means).max() < 16
    assert table["malignant"].tolist() == images.malignant.tolist()


def test_a_node_takes_the_records(schema: RecordSchema, images: BusiImages, tmp_path: Path) -> None:
    table = pixel_records(schema, images)
    table.to_csv(tmp_path / "records.csv", index=False)
    loaded = load_records(tmp_path / "records.csv", schema, min_rows=1)
    pd.testing.assert_frame_equal(
        loaded[list(schema.column_names)], table[list(schema.column_names)]
    )


def test_a_schema_of_a_backbone_makes_no_pixels(images: BusiImages) -> None:
    with pytest.raises(DatasetError, match="busi is not of pixels"):
        pixel_records(public_schema("busi"), images)


def test_images_are_dealt_to_the_sites_as_for_the_backbone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(6)
    pixels = rng.integers(0, 256, (96, 128, 128), dtype=np.uint8)
    malignant = np.arange(96) % 2
    images = BusiImages(pixels, malignant, 2 * malignant, np.arange(96))
    monkeypatch.setattr(busi_pixels, "read_busi", lambda _: images)
    monkeypatch.setattr(busi, "PILOT_GROUPS", 4)
    federation = load_federation("busi-pixels", feature_bounds(CNN), 3)
    site = federation.hospitals[0]
    path = write_site_csv(site, tmp_path / "records.csv")
    loaded = load_records(path, federation.schema, min_rows=1)
    assert loaded["malignant"].tolist() == site.labels.tolist()
    records = pixel_records(federation.schema, images)
    dealt = busi.dealt_images(
        busi.BusiRecords(federation.schema, images, records), feature_bounds(CNN), 3, 0
    )
    assert dealt.test_records.equals(federation.test_records)
    held_out = set(map(tuple, federation.test_features.tolist()))
    trained = {row for h in federation.hospitals for row in map(tuple, h.features.tolist())}
    assert not held_out & trained
