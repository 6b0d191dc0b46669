"""Circuits of another width than the records are refused before anything is made."""

import pytest

from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.fit import require_features, require_fit
from zkfl.datasets.public_schema import public_schema
from zkfl.model_release import feature_bounds
from zkfl.zk_circuits.instances import BUSI, CNN, HEART, WDBC, WDBC_MLP


def test_records_fit_every_model_of_their_width() -> None:
    federation = load_federation("wdbc", feature_bounds(WDBC))
    require_fit(federation, WDBC)
    require_fit(federation, WDBC_MLP)


def test_circuits_of_another_width_are_refused() -> None:
    federation = load_federation("wdbc", feature_bounds(WDBC))
    with pytest.raises(DatasetError, match="wdbc has 30 features, the circuits 'heart' take 15"):
        require_fit(federation, HEART)


def test_features_of_a_backbone_are_no_pixels() -> None:
    features = public_schema("busi")
    require_features(features, BUSI)
    with pytest.raises(DatasetError, match="'cnn' needs pixels"):
        require_features(features, CNN)


def test_as_many_pixels_are_taken() -> None:
    pixels = public_schema("busi").model_copy(update={"image_features": None})
    require_features(pixels, CNN)
