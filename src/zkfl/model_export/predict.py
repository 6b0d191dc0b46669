"""Predicting with an exported model on a CSV of raw records."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import pandas as pd
from numpy.typing import NDArray

from zkfl.model_export.check import CheckedModel, read_model
from zkfl.model_export.errors import ModelFileError
from zkfl.model_export.layout import INPUT, OUTPUT, THRESHOLD
from zkfl.node.records.errors import RecordsError
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import ClassLabel
from zkfl.zk_circuits.model_family import FloatArray

_ROWS_AT_ONCE = 256
"""A stranger's graph may take megabytes a record: memory must not grow with the file. A multiple of
what a processor adds at once, so that a record is rounded as it would be among all."""


def predict(model_path: Path, csv_path: Path) -> pd.DataFrame:
    """Give each record of a CSV its probability and label.

    Parameters
    ----------
    model_path
        File written by `export_model`.
    csv_path
        Raw records under the schema inside the model; the label column may be absent
        and is not read.

    Returns
    -------
    pandas.DataFrame
        ``probability`` float64 in ``[0, 1]`` and ``label`` int64 (1 from a probability
        of 0.5), one row a record, in the file's order. Of a model of several classes:
        ``probability_NAME`` of each class, then the likeliest as ``label``, its number, and
        ``class``, its name.

    Raises
    ------
    ModelFileError
        The model file is not one of zkfl's, or does not run.
    RecordsFileError
        The CSV cannot be read as one table.
    RecordsError
        A record breaks the schema, or there is none.
    """
    model = read_model(model_path)
    records = load_records(csv_path, model.schema, min_rows=0, with_label=False)
    if records.empty:
        raise RecordsError(f"{csv_path} holds a header alone: there are no records to score")
    return score(model, records.to_numpy(dtype=np.float32), str(model_path))


def score(model: CheckedModel, raw: NDArray[np.float32], origin: str) -> pd.DataFrame:
    """Give raw columns in schema order, float32 ``(N, C)``, their probabilities and labels.

    Raises
    ------
    ModelFileError
        The model does not run.
    """
    label_of = model.schema.label
    if isinstance(label_of, ClassLabel):
        shares = _run(model.content, raw, origin, len(label_of.classes))
        return _class_table(shares, label_of.classes)
    probability = _run(model.content, raw, origin)
    label = (probability >= THRESHOLD).astype(np.int64)
    return pd.DataFrame({"probability": probability, "label": label})


def _class_table(shares: FloatArray, classes: Sequence[str]) -> pd.DataFrame:
    """Return the probabilities ``(N, C)`` by the classes' names, and the likeliest class."""
    table = pd.DataFrame(shares, columns=[f"probability_{name}" for name in classes])
    likeliest = shares.argmax(axis=1)
    return table.assign(label=likeliest, **{"class": [classes[place] for place in likeliest]})


def _run(content: bytes, raw: NDArray[np.float32], origin: str, *classes: int) -> FloatArray:
    """Return the probabilities ``(N, ...classes)``, computed block by block."""
    starts = range(0, max(1, len(raw)), _ROWS_AT_ONCE)
    blocks = [raw[start : start + _ROWS_AT_ONCE] for start in starts]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        return np.concatenate([_block(session, block, origin, *classes) for block in blocks])
    except ModelFileError:
        raise
    except Exception as error:
        # the runtime's errors share no public base class
        raise ModelFileError(f"{origin} does not run: {error}") from error


def _block(
    session: onnxruntime.InferenceSession, raw: NDArray[np.float32], origin: str, *classes: int
) -> FloatArray:
    (result,) = session.run([OUTPUT], {INPUT: raw})
    probability = np.asarray(result, dtype=np.float64)
    in_range = (probability >= 0) & (probability <= 1)
    if probability.shape != (*raw.shape[:1], *classes) or not in_range.all():
        raise ModelFileError(
            f"{origin} gave values of shape {probability.shape} that are no probabilities of "
            f"{len(raw)} records: it was altered"
        )
    return probability
