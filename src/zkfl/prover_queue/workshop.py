"""A worker's circuits: built here, from this machine's own sources and SRS."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from zkfl.cache import cache_folder
from zkfl.curve import ProgressCallback
from zkfl.srs.checked import checked_srs
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.shelf import definition_named

Busy = Callable[[str], AbstractContextManager[ProgressCallback]]
"""Shows that something takes long."""


@dataclass
class Workshop:
    """Circuits on one SRS, each built or read once a process.

    Attributes
    ----------
    srs
        An SRS file; None for the insecure demo SRS, on which no consortium but a demo stands.
    busy
        Shows progress of checking or making an SRS.
    """

    srs: Path | None
    busy: Busy
    _circuits: dict[str, BuiltCircuit] = field(default_factory=dict)

    def circuit(self, name: str) -> BuiltCircuit:
        """Return a circuit of this machine.

        Raises
        ------
        UnknownInstanceError
            There is none of this name.
        BuildError, SrsError, EzklError
            It cannot be built.
        """
        if name not in self._circuits:
            self._circuits[name] = self._built(name)
        return self._circuits[name]

    def _built(self, name: str) -> BuiltCircuit:
        definition = definition_named(name)
        with self.busy("checking the SRS") as report:
            logrows = definition.spec.logrows
            srs = checked_srs(self.srs, report) if self.srs else cached_demo_srs(logrows, report)
        return build_circuit(definition, srs.path, cache_folder() / "circuits")
