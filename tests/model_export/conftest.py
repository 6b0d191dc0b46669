from pathlib import Path

import numpy as np
import pytest

from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.federation import Federation
from zkfl.model_export import export_model
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.model_choice import LOGISTIC

BOUNDS = FeatureBounds(4, 4)
PROVENANCE = {"chain": "31337", "round": "10"}


@pytest.fixture(scope="session", params=["wdbc", "heart"])
def federation(request: pytest.FixtureRequest) -> Federation:
    return load_federation(request.param, BOUNDS)


@pytest.fixture(scope="session")
def parameters(federation: Federation) -> list[int]:
    count = len(federation.feature_names) + 1
    return [int(v) for v in np.random.default_rng(7).normal(size=count) * 2**49]


@pytest.fixture(scope="session")
def model_path(
    federation: Federation, parameters: list[int], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    path = tmp_path_factory.mktemp("exported") / "model.onnx"
    return export_model(LOGISTIC, parameters, federation.schema, BOUNDS, PROVENANCE, path)


@pytest.fixture(scope="session")
def csv_path(federation: Federation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records") / "test.csv"
    federation.test_records.to_csv(path, index=False)
    return path
