"""Where the Solidity sources are, and which files a compilation needs."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from zkfl.chain.errors import ChainError

CONTRACTS_VARIABLE = "ZKFL_CONTRACTS"
_IMPORT = re.compile(r"""^\s*import\s+(?:[^"';]*\sfrom\s+)?["']([^"']+)["']""", re.MULTILINE)


class SourceNotFoundError(ChainError):
    """A folder or an imported file does not exist."""


def contracts_root() -> Path:
    """Return the repository's ``contracts`` folder.

    It is ``ZKFL_CONTRACTS`` where that is set, else the folder beside an editable install.

    Raises
    ------
    SourceNotFoundError
        There is no ``src`` in it.
    """
    chosen = os.environ.get(CONTRACTS_VARIABLE)
    root = Path(chosen) if chosen else Path(__file__).resolve().parents[3] / "contracts"
    if not (root / "src").is_dir():
        raise SourceNotFoundError(
            f"{root} has no folder src: run from a checkout with an editable install, "
            f"or set {CONTRACTS_VARIABLE} to the checkout's contracts folder"
        )
    return root


def packages_folder(root: Path) -> Path:
    """Return the nearest ``node_modules`` at or above a folder.

    Raises
    ------
    SourceNotFoundError
        There is none.
    """
    for folder in (root, *root.resolve().parents):
        if (folder / "node_modules").is_dir():
            return folder / "node_modules"
    raise SourceNotFoundError(f"no node_modules at or above {root}: run npm ci")


def with_imports(sources: Mapping[str, str], root: Path) -> dict[str, str]:
    """Add every file that the sources import, directly or not.

    Parameters
    ----------
    sources
        Text by source unit name; ``src/...`` for files of ``root``.
    root
        The ``contracts`` folder.

    Returns
    -------
    dict of str to str
        Sorted by name. Files of npm packages are named as they are imported, ``@scope/...``.

    Raises
    ------
    SourceNotFoundError
        An import cannot be found.
    """
    found = dict(sources)
    waiting = list(found)
    while waiting:
        importer = waiting.pop()
        for name in _imported_names(importer, found[importer]):
            if name not in found:
                found[name] = _read_source(name, importer, root)
                waiting.append(name)
    return dict(sorted(found.items()))


def project_sources(root: Path, excluded: Iterable[str] = ("generated",)) -> dict[str, str]:
    """Read every ``.sol`` under ``src``, without the named folders."""
    skipped = set(excluded)
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for path in sorted((root / "src").rglob("*.sol"))
        if not skipped & set(path.relative_to(root).parts)
    }


def _imported_names(importer: str, text: str) -> list[str]:
    return [_resolve(importer, name) for name in _IMPORT.findall(text)]


def _resolve(importer: str, name: str) -> str:
    """Resolve as solc does: https://docs.soliditylang.org/en/v0.8.30/path-resolution.html ."""
    if not name.startswith("."):
        return name
    parts = list(PurePosixPath(importer).parent.parts)
    for part in PurePosixPath(name).parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
    return "/".join(parts)


def _read_source(name: str, importer: str, root: Path) -> str:
    path = packages_folder(root) / name if name.startswith("@") else root / name
    try:
        return path.read_text()
    except OSError as error:
        raise SourceNotFoundError(
            f"{importer} imports {name}, which is not at {path}: run npm ci, or correct the import"
        ) from error
