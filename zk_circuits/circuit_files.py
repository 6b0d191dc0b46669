"""The files of one built circuit."""

from dataclasses import dataclass
from pathlib import Path

from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.manifest import Manifest


@dataclass(frozen=True)
class CircuitFiles:
    """Paths inside a build folder, and the SRS it was built on."""

    folder: Path
    srs: Path

    @property
    def onnx(self) -> Path:
        """The exported graph."""
        return self.folder / "network.onnx"

    @property
    def settings(self) -> Path:
        """EZKL's settings."""
        return self.folder / "settings.json"

    @property
    def compiled(self) -> Path:
        """EZKL's compiled graph."""
        return self.folder / "circuit.ezkl"

    @property
    def verifying_key(self) -> Path:
        """The verifying key."""
        return self.folder / "verifying.key"

    @property
    def proving_key(self) -> Path:
        """The proving key; the largest file by far."""
        return self.folder / "proving.key"

    @property
    def verifier(self) -> Path:
        """The generated Solidity verifier."""
        return self.folder / "Halo2Verifier.sol"

    @property
    def manifest(self) -> Path:
        """The manifest as canonical JSON."""
        return self.folder / "manifest.json"


@dataclass(frozen=True)
class BuiltCircuit:
    """A circuit that can prove."""

    definition: CircuitDefinition
    files: CircuitFiles
    manifest: Manifest
