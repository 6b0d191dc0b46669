"""What the commands of ``zkfl import`` do that make records."""

from collections.abc import Sequence
from pathlib import Path

from zkfl.cli.import_steps import show_outcome
from zkfl.datasets.names import DATASETS
from zkfl.datasets.public_schema import public_schema
from zkfl.node.connectors import fhir_import, table_import
from zkfl.node.connectors.fhir_mapping import read_mapping
from zkfl.node.connectors.importing import Outcome
from zkfl.node.connectors.pseudonyms import load_pseudonyms
from zkfl.node.records.schema import RecordSchema, load_schema


def import_table(  # noqa: PLR0913, PLR0917 - as the command has them
    file: Path,
    out: Path,
    schema: str,
    pseudonyms: Path,
    patient: str | None,
    columns: Sequence[str],
) -> None:
    """Import an export."""
    chosen = _schema(schema)
    layout = table_import.TableLayout(patient, table_import.parse_columns(columns, chosen))
    report = table_import.import_table(file, chosen, layout, load_pseudonyms(pseudonyms), out)
    show_outcome(Outcome(report), out)


def import_fhir(source: Path, out: Path, schema: str, mapping: Path, pseudonyms: Path) -> None:
    """Import bundles."""
    chosen = _schema(schema)
    declared, key = read_mapping(mapping, chosen), load_pseudonyms(pseudonyms)
    show_outcome(fhir_import.import_fhir(source, chosen, declared, key, out), out)


def _schema(name: str) -> RecordSchema:
    return public_schema(name) if name in DATASETS else load_schema(Path(name))
