"""The folder of a consortium whose parties share one machine: demo, tests, step-by-step runs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zkfl.artifacts import ArtifactStore

ROLES = ("office", "aggregator", "guardian")
"""Parties that are no hospitals, by the names of their folders."""


@dataclass(frozen=True)
class Workspace:
    """Where each party of a consortium keeps its files.

    Attributes
    ----------
    root
        Holds ``consortium.json``, ``deployment.json``, ``council.json``, ``store/``,
        ``sites/<name>/`` a hospital, ``office/`` and ``aggregator/``.
    """

    root: Path

    @property
    def consortium(self) -> Path:
        """The public agreements."""
        return self.root / "consortium.json"

    @property
    def schema(self) -> Path:
        """The schema of the records, where none that comes with zkfl is meant."""
        return self.root / "schema.json"

    @property
    def deployment(self) -> Path:
        """Where the consortium lives on chain."""
        return self.root / "deployment.json"

    @property
    def council(self) -> Path:
        """The contract that governs it, once its office has handed over."""
        return self.root / "council.json"

    @property
    def anchors(self) -> Path:
        """Where hashes of the consortium's audit bundles are kept on other chains."""
        return self.root / "anchors.json"

    @property
    def cards(self) -> Path:
        """Cards of parties: those made here, and those that others sent."""
        return self.root / "cards"

    def has_parties(self) -> bool:
        """Tell whether parties were made here, be it only in part."""
        return any((self.root / name).exists() for name in ("consortium.json", "roles", "sites"))

    @property
    def store(self) -> ArtifactStore:
        """Artefacts by hash."""
        return ArtifactStore(self.root / "store")

    def site(self, name: str) -> Path:
        """Return a hospital's folder."""
        return self.root / "sites" / name

    def present(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of some hospitals whose folders are here."""
        return tuple(name for name in names if self.site(name).exists())

    def any_party(self) -> Path | None:
        """Return the folder of some party that is here, None if there is none."""
        found = [*(self.root / "roles").glob("*"), *(self.root / "sites").glob("*")]
        return next((folder for folder in sorted(found) if folder.is_dir()), None)

    def role(self, name: str) -> Path:
        """Return the folder of the office, the aggregator or the guardian."""
        return self.root / "roles" / name
