"""The folder of a consortium whose parties share one machine: demo, tests, step-by-step runs."""

from dataclasses import dataclass
from pathlib import Path

from zkfl.artifacts import ArtifactStore


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

    def role(self, name: str) -> Path:
        """Return the folder of the office, the aggregator or the guardian."""
        return self.root / "roles" / name
