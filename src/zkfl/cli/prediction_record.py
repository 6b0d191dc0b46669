"""The one record that a proven prediction is about, as a file holds it."""

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from zkfl.cli.features_steps import Files
from zkfl.cli.image_scores import image_records
from zkfl.cli.image_suffixes import holds_images
from zkfl.inference.errors import InferenceError
from zkfl.model_export import CheckedModel
from zkfl.model_release import feature_bounds
from zkfl.node.connectors.dicom_pixels import parse_window
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.standardise import preprocess, quantise
from zkfl.zk_circuits.spec import CircuitSpec


@dataclass(frozen=True)
class Record:
    """One record of a file, from 1; of a model of images also how images become records."""

    file: Path
    row: int | None
    window: str = "file"
    files: Files = field(default_factory=lambda: Files(None, None))


def record_features(
    record: Record, schema: RecordSchema, spec: CircuitSpec, model: CheckedModel | None = None
) -> list[int]:
    """Return a record's features at the circuit's scale, as they are for training.

    Parameters
    ----------
    record
        Of which file, and which row.
    schema, spec
        Of the consortium.
    model
        Whose recipe makes features of images; None where none are to be made.

    Raises
    ------
    InferenceError
        The file holds more than one record and no row is named, or not so many.
    RecordsError, RecordsFileError, FeatureError
        The file is not what the schema declares.
    """
    table = _table(record, schema, model)
    rows = len(table)
    row = record.row or 1
    if (record.row is None and rows != 1) or row > rows:
        raise InferenceError(
            f"{record.file} has {rows} records: name the one that it is about, from 1 (--row)"
        )
    bounds = feature_bounds(spec)
    features = quantise(preprocess(table.iloc[row - 1 : row], schema, bounds), bounds)
    return [int(value) for value in features[0]]


def _table(record: Record, schema: RecordSchema, model: CheckedModel | None) -> pd.DataFrame:
    """Return the raw columns of a file of records, or of the images that a model takes."""
    if not holds_images(record.file):
        return load_records(record.file, schema, min_rows=0, with_label=False)
    if model is None:
        raise InferenceError(
            f"{record.file} holds images, whose features can differ in the last decimal from one "
            "machine to another: compare the record's opening (--opening) alone"
        )
    window = parse_window(record.window)
    _, features = image_records(model, record.file, window, record.files)
    return pd.DataFrame(features, columns=list(schema.column_names))
