"""What the shell offers for a word that is half typed: names of hospitals and of circuits.

Nothing slow is imported: the shell waits for the answer.
"""

import json
import re
from pathlib import Path

import typer

from zkfl.public_file import PublicFileError, read_public_file

_MAX_FILE_BYTES = 65_536
_SITE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_CIRCUITS = Path(__file__).parents[1] / "zk_circuits"


def hospital_names(context: typer.Context, incomplete: str) -> list[str]:
    """Return the hospitals of the consortium whose folder was named before, by their beginning."""
    # while --site still lacks its value, the parser has sorted no words into parameters
    folder = context.params.get("folder") or next(iter(context.args), None)
    names = _hospitals(Path(folder)) if folder else []
    return [name for name in names if name.startswith(incomplete)]


def circuit_names(incomplete: str) -> list[str]:
    """Return the circuits that a consortium can choose, by their beginning."""
    found = _CIRCUITS.glob("*/settings/*.json")
    names = (f"{path.parents[1].name.replace('_', '-')}-{path.stem}" for path in found)
    return sorted(name for name in names if name.startswith(incomplete))


def training_circuit_names(incomplete: str) -> list[str]:
    """Return the training circuits among them."""
    return [name for name in circuit_names(incomplete) if "-training-" in name]


def _hospitals(folder: Path) -> list[str]:
    """Read names without the checks of the file's owner; what is no name is left out."""
    try:
        agreed = json.loads(read_public_file(folder / "consortium.json", _MAX_FILE_BYTES))
        names = agreed["hospitals"]
    except (PublicFileError, ValueError, LookupError, TypeError):
        return []
    listed = names if isinstance(names, list) else []
    return [name for name in listed if isinstance(name, str) and _SITE_NAME.fullmatch(name)]
