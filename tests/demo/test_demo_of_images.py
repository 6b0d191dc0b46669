"""A demo on pictures: a convolution is trained, every step and every shard with a real proof.

The pictures are drawn here, since the real ones are not in the repository. The proofs are those
of the committed circuits ``cnn``: 2^17 rows, half a minute each.
"""

from pathlib import Path

import numpy as np
import pytest

from zkfl.datasets import busi, busi_pixels
from zkfl.datasets.busi_source import BusiImages
from zkfl.demo.console import Console
from zkfl.demo.run import run_demo
from zkfl.demo.settings import DemoSettings
from zkfl.demo.workers import bytes_each
from zkfl.node.home import NodeHome
from zkfl.studies.proven_run import require_equal_models
from zkfl.workspace import Workspace
from zkfl.zk_circuits.instances import CNN

IMAGES, PILOT_GROUPS = 92, 4


def drawn_images() -> BusiImages:
    """Draw dark pictures with a spot, a brighter one where the label is 1."""
    rng = np.random.default_rng(12)
    malignant = np.arange(IMAGES, dtype=np.int64) % 2
    pixels = rng.integers(0, 100, (IMAGES, 128, 128), dtype=np.uint8)
    for picture, label in zip(pixels, malignant, strict=True):
        picture[40:80, 48:88] += np.uint8(60 + 80 * label)
    return BusiImages(pixels, malignant, 2 * malignant, np.arange(IMAGES, dtype=np.int64))


def demo_settings(folder: Path) -> DemoSettings:
    return DemoSettings(
        dataset="busi-pixels",
        hospitals=3,
        rounds=1,
        seed=0,
        scheme="bfv",
        weight_rule="records",
        workers=None,
        folder=folder,
    )


def test_a_data_set_of_pictures_has_circuits_of_its_own(tmp_path: Path) -> None:
    assert demo_settings(tmp_path).instance == "cnn"


def test_large_circuits_get_memory_for_their_rows() -> None:
    # bench/README.md: a training proof of cnn takes 1.93 GB
    assert bytes_each(CNN.logrows) >= 1_930_000_000
    assert bytes_each(12) == bytes_each(16) == bytes_each(CNN.logrows) // 2


@pytest.mark.slow
def test_a_round_on_pictures_ends_in_the_model_that_integers_give(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(busi_pixels, "read_busi", lambda _: drawn_images())
    monkeypatch.setattr(busi, "PILOT_GROUPS", PILOT_GROUPS)
    settings = demo_settings(tmp_path / "run")
    result = run_demo(settings, Console())
    homes = [
        NodeHome(Workspace(settings.folder).site(hospital.name))
        for hospital in result.federation.hospitals
    ]
    require_equal_models(CNN, homes, result.schedule, result.models)
    assert result.models[1] != result.models[0]
    shards = sum(-(-len(hospital.labels) // CNN.slots) for hospital in result.federation.hospitals)
    assert result.proofs == shards + settings.hospitals
    verified, plain = result.comparison.verified[-1].auc, result.comparison.fedavg[-1].auc
    assert verified is not None
    assert plain is not None
    assert verified == pytest.approx(plain, abs=0.02)
