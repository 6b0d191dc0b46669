"""Circuits of another width than the records are refused before anything is made."""

import pytest

from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.errors import DatasetError
from zkfl.datasets.fit import require_fit
from zkfl.model_release import feature_bounds
from zkfl.zk_circuits.instances import HEART, WDBC, WDBC_MLP


def test_records_fit_every_model_of_their_width() -> None:
    federation = load_federation("wdbc", feature_bounds(WDBC))
    require_fit(federation, WDBC)
    require_fit(federation, WDBC_MLP)


def test_circuits_of_another_width_are_refused() -> None:
    federation = load_federation("wdbc", feature_bounds(WDBC))
    with pytest.raises(DatasetError, match="wdbc has 30 features, the circuits 'heart' take 15"):
        require_fit(federation, HEART)
