"""Whether records that models are tested on are among those that train."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from zkfl.node.held_out_home import HeldOutRecordsError
from zkfl.node.records.load import load_records
from zkfl.node.records.patients import require_patients_apart
from zkfl.node.records.schema import RecordSchema


def require_held_out(test: Path, training: Sequence[Path], schema: RecordSchema) -> None:
    """Refuse test records that train, and training records of patients who are tested on.

    Records are compared cell by cell, and not by their features: bounds make many different
    patients one. Patients are compared where the files name them.

    Parameters
    ----------
    test
        The hospital's test records.
    training
        Records that train; files of several versions may share patients.
    schema
        Of both.

    Raises
    ------
    HeldOutRecordsError
        Some records are on both sides.
    RecordsError
        Some patients are, or one file names its patients and another does not.
    SchemaError, RecordsFileError
        A file is no clean table of the schema.
    """
    trained = {row for path in training for row in _raw_rows(path, schema)}
    tested = _raw_rows(test, schema)
    both = sum(row in trained for row in tested)
    if both:
        raise HeldOutRecordsError(
            f"{both} of {len(tested)} test records are among the records that train: a model "
            f"that saw them looks better than it is; take them out of {test}, or, where that was "
            "committed to, out of the records that train"
        )
    for path in training:
        require_patients_apart([test, path])


def _raw_rows(path: Path, schema: RecordSchema) -> list[bytes]:
    cells = load_records(path, schema, min_rows=1)[list(schema.column_names)]
    return [row.tobytes() for row in cells.to_numpy(dtype=np.float64)]
