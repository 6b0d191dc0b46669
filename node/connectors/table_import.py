"""CSV and Parquet exports as records: declared names, checked cells, pseudonyms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.connectors.pseudonyms import Pseudonyms
from zkfl.node.connectors.record_tables import PatientRecords, write_records
from zkfl.node.deidentification import Action, DeidentificationReport, Tally
from zkfl.node.records.files import MAX_FILE_BYTES, RawTable, read_table
from zkfl.node.records.load import check_table
from zkfl.node.records.schema import RecordSchema
from zkfl.node.records.texts import name_text


@dataclass(frozen=True)
class TableLayout:
    """Where an export has what the schema asks for.

    Attributes
    ----------
    patient : str or None
        Column of the hospital's identifiers; None if each row is another patient's.
    columns : Mapping[str, str]
        The export's name by the schema's, where they differ.
    """

    patient: str | None
    columns: Mapping[str, str] = field(default_factory=dict)

    def source_of(self, name: str) -> str:
        """Return the export's name of a column of the schema."""
        return self.columns.get(name, name)


def parse_columns(pairs: Sequence[str], schema: RecordSchema) -> dict[str, str]:
    """Return the names of ``schema's=export's`` texts.

    Raises
    ------
    ConnectorError
        A text is no such pair, names no column of the schema, or one twice.
    """
    names: dict[str, str] = {}
    for pair in pairs:
        name, _, source = pair.partition("=")
        if name not in {*schema.column_names, schema.label.name} or not source or name in names:
            raise ConnectorError(
                f"column {pair!r}: write a column of schema {schema.name!r} once, and behind = "
                "its name in the export, as age=PATAGE"
            )
        names[name] = source
    return names


def import_table(
    path: Path, schema: RecordSchema, layout: TableLayout, pseudonyms: Pseudonyms, out: Path
) -> DeidentificationReport:
    """Bring an export into a new folder as ``records.csv`` under the schema.

    Columns that the schema does not know are dropped, and named in the report.

    Parameters
    ----------
    path
        CSV or Parquet.
    schema
        The consortium's.
    layout, pseudonyms
        Where the columns are, and who the patients become.
    out
        The new folder.

    Raises
    ------
    RecordsFileError, RecordsError
        The file is no clean table, lacks a column, or a cell breaks the schema.
    ConnectorError
        A row has no usable patient.
    """
    wanted = {layout.source_of(name): name for name in (*schema.column_names, schema.label.name)}
    patient = [layout.patient] if layout.patient else []
    _require_different(wanted, layout, schema)
    table = read_table(path, (*wanted, *patient), schema.max_rows, MAX_FILE_BYTES)
    columns = {wanted[name]: cells for name, cells in table.columns.items() if name in wanted}
    frame = check_table(path, RawTable(tuple(columns), columns, table.rows), schema)
    records = PatientRecords(frame, _patients(path, table, layout.patient, pseudonyms))
    report = _report(table, wanted, layout.patient, records)
    write_records(out, records, schema, report)
    return report


def _require_different(
    wanted: Mapping[str, str], layout: TableLayout, schema: RecordSchema
) -> None:
    if len(wanted) != len(schema.columns) + 1 or layout.patient in wanted:
        raise ConnectorError("one column of the export cannot be two of the schema, or the patient")


def _patients(
    path: Path, table: RawTable, name: str | None, pseudonyms: Pseudonyms
) -> list[str] | None:
    if name is None:
        return None
    if name not in table.columns:
        raise ConnectorError(f"{path} has no column {name!r}, which is to name the patient")
    return [
        _patient(path, row, cell, pseudonyms) for row, cell in enumerate(table.columns[name], 1)
    ]


def _patient(path: Path, row: int, cell: object, pseudonyms: Pseudonyms) -> str:
    try:
        return pseudonyms.of_patient(name_text(cell))
    except RefusedFileError as error:
        raise ConnectorError(f"{path}, row {row}: {error}") from error


def _report(
    table: RawTable, wanted: Mapping[str, str], patient: str | None, records: PatientRecords
) -> DeidentificationReport:
    tally = Tally("table", seen=table.rows)
    for name in table.header:
        tally.met(f"column {name}", _action(name, wanted, patient))
    return tally.report(len(records.frame), records.different_patients)


def _action(name: str, wanted: Mapping[str, str], patient: str | None) -> Action:
    if name == patient:
        return "pseudonymised"
    return "kept" if name in wanted else "dropped"
