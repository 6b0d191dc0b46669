"""The circuits by name, and their builds in this machine's cache."""

from pathlib import Path

from pydantic import ValidationError

from zkfl.cache import cache_folder
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.instances import UnknownInstanceError, get_instance, instance_names
from zkfl.zk_circuits.manifest import Manifest


def definitions() -> dict[str, CircuitDefinition]:
    """Return the circuits of every instance by name."""
    parts = [part for name in instance_names() for part in vars(get_instance(name)).values()]
    return {part.name: part for part in parts if isinstance(part, CircuitDefinition)}


def definition_named(name: str) -> CircuitDefinition:
    """Return a circuit.

    Raises
    ------
    UnknownInstanceError
        There is none of this name.
    """
    known = definitions()
    if name not in known:
        raise UnknownInstanceError(f"there is no circuit {name!r}; there are {', '.join(known)}")
    return known[name]


def builds_of(name: str) -> list[Manifest]:
    """Return the manifests of a circuit's builds in the cache, the newest first.

    Builds of another version of zkfl, whose manifests have another form, are left out.
    """
    digits = "[0-9a-f]" * 16
    found = (cache_folder() / "circuits").glob(f"{name}-{digits}/manifest.json")
    newest = sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
    return [manifest for path in newest if (manifest := _readable(path)) is not None]


def _readable(path: Path) -> Manifest | None:
    try:
        return Manifest.load(path)
    except ValidationError:
        return None
