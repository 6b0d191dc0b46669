"""What ``zkfl split`` does."""

from pathlib import Path

from zkfl.cli.output import tell
from zkfl.node.connectors.pseudonyms import load_pseudonyms
from zkfl.node.records.split_files import split_file


def split(  # noqa: PLR0913, PLR0917 - as the command has them
    records: Path, out: Path, label: str, pseudonyms: Path, fraction: float, earlier: Path | None
) -> None:
    """Split a table, and say what went where."""
    key = load_pseudonyms(pseudonyms).split_key()
    counts = split_file(records, out, label, fraction, key, earlier)
    for side in counts:
        tell(
            f"{side.name}: {side.records} records of {side.patients} patients, by label "
            f"{side.by_label}"
        )
    tell(f"wrote {out}", folder=str(out), sides=[vars(side) for side in counts])
