"""Writing an import of records: a table under the schema and its report, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from zkfl.atomic_file import write_atomically
from zkfl.new_folder import new_folder
from zkfl.node.connectors.errors import ConnectorError
from zkfl.node.deidentification import DeidentificationReport
from zkfl.node.images.image_set import REPORT
from zkfl.node.records.load import load_records
from zkfl.node.records.schema import PATIENT_COLUMN, RecordSchema

RECORDS = "records.csv"


@dataclass(frozen=True)
class PatientRecords:
    """Checked records and whose they are.

    Attributes
    ----------
    frame : pandas.DataFrame
        What `check_table` returned.
    patients : Sequence[str] or None
        Pseudonym of each row, if the source says whose it is.
    """

    frame: pd.DataFrame
    patients: Sequence[str] | None

    @property
    def different_patients(self) -> int:
        """How many patients there are; without pseudonyms, each record counts as one."""
        return len(self.frame) if self.patients is None else len(set(self.patients))


def write_records(
    out: Path, records: PatientRecords, schema: RecordSchema, report: DeidentificationReport
) -> None:
    """Write ``records.csv`` and ``deidentification.json`` into a new folder.

    Raises
    ------
    FolderError
        The folder is in use.
    ConnectorError
        What was written does not load as what it was.
    """
    frame = records.frame
    if records.patients is not None:
        frame = frame.assign(**{PATIENT_COLUMN: list(records.patients)})
        frame = frame[[PATIENT_COLUMN, *records.frame.columns]]
    with new_folder(out) as folder:
        text = frame.to_csv(index=False, lineterminator="\n")
        write_atomically(folder / RECORDS, text.encode())
        write_atomically(folder / REPORT, report.to_json().encode())
        if not load_records(folder / RECORDS, schema).equals(records.frame):
            raise ConnectorError(f"{out} does not read as it was written: nothing is kept")
