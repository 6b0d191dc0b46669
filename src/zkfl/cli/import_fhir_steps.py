"""What ``zkfl import fhir`` does."""

from pathlib import Path

from zkfl.cli.import_record_steps import named_schema
from zkfl.cli.import_steps import show_outcome
from zkfl.node.connectors import fhir_import
from zkfl.node.connectors.fhir_mapping import read_mapping
from zkfl.node.connectors.pseudonyms import load_pseudonyms


def import_fhir(source: Path, out: Path, schema: str, mapping: Path, pseudonyms: Path) -> None:
    """Import bundles."""
    chosen = named_schema(schema)
    declared, key = read_mapping(mapping, chosen), load_pseudonyms(pseudonyms)
    show_outcome(fhir_import.import_fhir(source, chosen, declared, key, out), out)
