"""FHIR bundles as records under a schema."""

from collections.abc import Sequence
from pathlib import Path

from zkfl.node.connectors.errors import ConnectorError, RefusedFileError
from zkfl.node.connectors.fhir_bundle import PatientFacts, identifier_of, read_bundles
from zkfl.node.connectors.fhir_mapping import FhirMapping
from zkfl.node.connectors.fhir_values import value_of
from zkfl.node.connectors.found_files import files_below
from zkfl.node.connectors.importing import Outcome, Refusal
from zkfl.node.connectors.pseudonyms import Pseudonyms
from zkfl.node.connectors.record_tables import RECORDS, PatientRecords, write_records
from zkfl.node.deidentification import Tally
from zkfl.node.records.files import RawTable
from zkfl.node.records.load import check_table
from zkfl.node.records.schema import RecordSchema


def import_fhir(
    source: Path,
    schema: RecordSchema,
    mapping: FhirMapping,
    pseudonyms: Pseudonyms,
    out: Path,
) -> Outcome:
    """Bring a bundle, or all of a folder, into a new folder as ``records.csv``, a row a patient.

    Parameters
    ----------
    source
        A JSON file, or a folder of them.
    schema, mapping
        What is wanted, and where it is.
    pseudonyms
        Of the site.
    out
        The new folder.

    Raises
    ------
    ConnectorError
        A file is no bundle, or no patient could be taken.
    RecordsError
        A value breaks the schema, or records are too few.
    """
    tally = Tally("fhir")
    paths = files_below(source) if source.is_dir() else [source]
    rows: dict[str, list[str]] = {}
    refusals: list[Refusal] = []
    for number, facts in enumerate(read_bundles(paths, tally), start=1):
        try:
            _add_row(rows, facts, mapping, pseudonyms)
        except RefusedFileError as error:
            tally.refused(error.reason)
            refusals.append(Refusal(f"patient {number}", error.reason, str(error)))
    _require_any(rows, refusals)
    table = _table(rows, mapping)
    # rows are named by their number in what is written
    frame = check_table(out / RECORDS, table, schema)
    report = tally.report(len(rows), len(rows))
    write_records(out, PatientRecords(frame, list(rows)), schema, report)
    return Outcome(report, refusals)


def _add_row(
    rows: dict[str, list[str]], facts: PatientFacts, mapping: FhirMapping, pseudonyms: Pseudonyms
) -> None:
    patient = pseudonyms.of_patient(identifier_of(facts.patient, mapping.patient_system))
    if patient in rows:
        raise RefusedFileError("repeated_patient", "another patient resource has its identifier")
    rows[patient] = [_cell(facts, name, mapping) for name in mapping.columns]


def _cell(facts: PatientFacts, name: str, mapping: FhirMapping) -> str:
    try:
        return value_of(facts, mapping.columns[name])
    except RefusedFileError as error:
        raise RefusedFileError(error.reason, f"column {name}: {error}") from error


def _require_any(rows: dict[str, list[str]], refusals: Sequence[Refusal]) -> None:
    if not rows:
        why = f", the first: {refusals[0].message}" if refusals else ""
        raise ConnectorError(f"no patient was taken of {len(refusals)}{why}")


def _table(rows: dict[str, list[str]], mapping: FhirMapping) -> RawTable:
    names = tuple(mapping.columns)
    cells = zip(*rows.values(), strict=True)
    return RawTable(names, dict(zip(names, cells, strict=True)), len(rows))
