import hashlib
import re
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import onnxruntime
import pandas as pd
import pytest
from numpy.typing import NDArray

from zkfl.datasets.federation import Federation
from zkfl.evaluation.training import model_from_chain, probabilities
from zkfl.field import to_field
from zkfl.folders import FolderError
from zkfl.model_export import ModelExportError, export_model, predict, read_model
from zkfl.model_export.predict import score
from zkfl.node.records.errors import RecordsError
from zkfl.node.records.standardise import FeatureBounds
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.model_choice import LOGISTIC

BOUNDS = FeatureBounds(4, 4)


def given_by(parameters: list[int], federation: Federation) -> NDArray[np.float64]:
    spec = get_instance(federation.name).spec
    model = model_from_chain(parameters, spec)
    return probabilities(model, federation.test_features, spec.model)


def test_the_file_predicts_what_the_chain_model_predicts(
    federation: Federation, parameters: list[int], model_path: Path, csv_path: Path
) -> None:
    expected = given_by(parameters, federation)
    result = predict(model_path, csv_path)
    np.testing.assert_allclose(result["probability"], expected, atol=1e-5)
    assert result["label"].tolist() == (result["probability"] >= 0.5).astype(int).tolist()
    assert list(result.columns) == ["probability", "label"]


class RecordingSession(onnxruntime.InferenceSession):
    """The runtime, which keeps how many records it was given at once."""

    rows: ClassVar[list[int]] = []

    def run(self, names: Any, feed: Any, options: Any = None) -> Any:  # noqa: ANN401
        self.rows.append(len(feed["raw"]))
        return super().run(names, feed, options)


@pytest.mark.parametrize(
    ("count", "blocks"), [(1, [1]), (256, [256]), (257, [256, 1]), (600, [256, 256, 88])]
)
def test_many_records_are_scored_in_blocks_with_the_same_results(
    federation: Federation,
    model_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    count: int,
    blocks: list[int],
) -> None:
    names = list(federation.schema.column_names)
    few = federation.test_records[names].to_numpy(np.float32)
    raw = np.resize(few, (count, few.shape[1]))
    session = onnxruntime.InferenceSession(model_path.read_bytes())
    [at_once] = session.run(["probability"], {"raw": raw})
    monkeypatch.setattr(onnxruntime, "InferenceSession", RecordingSession)
    monkeypatch.setattr(RecordingSession, "rows", [])
    given = score(read_model(model_path), raw, "model")["probability"]
    # to the last digit on a machine, but how a runtime shares out rows is its own business
    np.testing.assert_allclose(given, at_once, rtol=0, atol=1e-6)
    assert RecordingSession.rows == blocks


def test_the_label_column_may_be_absent(
    federation: Federation, model_path: Path, csv_path: Path, tmp_path: Path
) -> None:
    csv = tmp_path / "unlabelled.csv"
    federation.test_records.drop(columns=federation.schema.label.name).to_csv(csv, index=False)
    pd.testing.assert_frame_equal(predict(model_path, csv), predict(model_path, csv_path))


def test_codes_for_missing_work_in_the_bare_graph(federation: Federation, model_path: Path) -> None:
    schema = federation.schema
    raw = federation.test_records[list(schema.column_names)].to_numpy(np.float32)
    coded = raw.copy()
    for place, column in enumerate(schema.columns):
        code = getattr(column, "missing_code", None)
        if code is not None:
            coded[np.isnan(coded[:, place]), place] = code
    session = onnxruntime.InferenceSession(model_path.read_bytes())
    results = [session.run(["probability"], {"raw": values})[0] for values in (raw, coded)]
    np.testing.assert_array_equal(*results)


def test_the_file_says_what_it_is(federation: Federation, model_path: Path) -> None:
    model = read_model(model_path)
    assert model.schema == federation.schema
    assert model.provenance == {"chain": "31337", "round": "10"}


def test_the_same_model_gives_the_same_bytes(
    federation: Federation, parameters: list[int], model_path: Path, tmp_path: Path
) -> None:
    again = export_model(
        LOGISTIC,
        parameters,
        federation.schema,
        BOUNDS,
        {"round": "10", "chain": "31337"},
        tmp_path / "again.onnx",
    )
    digests = {hashlib.sha256(p.read_bytes()).hexdigest() for p in (again, model_path)}
    assert len(digests) == 1


@pytest.mark.parametrize("value", [0, 2**49])
def test_weights_that_equal_constants_of_the_schema_change_no_graph(
    federation: Federation, parameters: list[int], csv_path: Path, tmp_path: Path, value: int
) -> None:
    equal = [value] * len(parameters)
    path = export_model(LOGISTIC, equal, federation.schema, BOUNDS, {}, tmp_path / "model.onnx")
    expected = given_by(equal, federation)
    np.testing.assert_allclose(predict(path, csv_path)["probability"], expected, atol=1e-5)


@pytest.mark.parametrize("bounds", [FeatureBounds(0.1, 1 / 3), FeatureBounds(8, 0.7)])
def test_bounds_that_float32_rounds_are_read_back(
    federation: Federation, parameters: list[int], tmp_path: Path, bounds: FeatureBounds
) -> None:
    path = export_model(
        LOGISTIC, parameters, federation.schema, bounds, {}, tmp_path / "model.onnx"
    )
    assert read_model(path).content == path.read_bytes()


def test_a_record_that_breaks_the_schema_is_named(
    federation: Federation, model_path: Path, tmp_path: Path
) -> None:
    records = federation.test_records.copy()
    column = federation.schema.column_names[0]
    records.loc[3, column] = 1e6
    csv = tmp_path / "bad.csv"
    records.to_csv(csv, index=False)
    with pytest.raises(RecordsError, match=f"row 4, column '{column}': 1e\\+06 is outside"):
        predict(model_path, csv)


def test_parameters_of_another_model_are_refused(
    federation: Federation, parameters: list[int], tmp_path: Path
) -> None:
    expected = len(parameters)
    with pytest.raises(ModelExportError, match=f"{expected - 1} parameters .* expected {expected}"):
        export_model(LOGISTIC, parameters[:-1], federation.schema, BOUNDS, {}, tmp_path / "m.onnx")


def test_field_elements_are_not_taken_for_signed_integers(
    federation: Federation, parameters: list[int], tmp_path: Path
) -> None:
    unsigned = [*parameters[:-1], to_field(-5)]
    with pytest.raises(ModelExportError, match=re.escape("pass signed integers (zkfl.field")):
        export_model(LOGISTIC, unsigned, federation.schema, BOUNDS, {}, tmp_path / "m.onnx")


def test_a_folder_that_cannot_be_made_is_named(
    federation: Federation, parameters: list[int], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "models" / "model.onnx"
    with pytest.raises(FolderError, match=f"the folder {path.parent} cannot be made"):
        export_model(LOGISTIC, parameters, federation.schema, BOUNDS, {}, path)
