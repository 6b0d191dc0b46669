"""Circuits of training for more or fewer records than those of the instances that can be chosen."""

from dataclasses import dataclass, replace
from typing import Self

from zkfl.zk_circuits import training_circuit
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.spec import CircuitSpec


@dataclass(frozen=True)
class Batch:
    """An instance with another number of slots.

    Attributes
    ----------
    instance
        Whose constants these are.
    slots
        Records of one step.
    logrows
        The least that the circuit fits into; found by trying, a test says whether it holds.
    """

    instance: str
    slots: int
    logrows: int

    @property
    def name(self) -> str:
        """Name of the circuits, which nobody can choose."""
        return f"{self.instance}-by-{self.slots}"

    def spec(self) -> CircuitSpec:
        """Return the instance's specification with these slots."""
        changes = {"name": self.name, "slots": self.slots, "logrows": self.logrows}
        return CircuitSpec.model_validate(get_instance(self.instance).spec.model_dump() | changes)

    def with_logrows(self, logrows: int) -> Self:
        """Return the same batch in fewer or more rows."""
        return replace(self, logrows=logrows)

    def training(self) -> CircuitDefinition:
        """Return the circuit; its settings are generated where it is built."""
        return training_circuit.define(self.spec(), committed=False)


_SIZES = (
    *(Batch("heart", slots, 14) for slots in (8, 16, 32)),
    *(Batch("wdbc", slots, 14) for slots in (8, 16, 32)),
    Batch("wdbc", 128, 15),
    Batch("wdbc", 256, 16),
    *(Batch("tcga-brca", slots, 14) for slots in (8, 16, 32)),
    Batch("busi", 8, 14),
    Batch("busi", 16, 15),
    Batch("busi", 32, 15),
    *(Batch("wdbc-mlp", slots, 14) for slots in (8, 16)),
    Batch("wdbc-mlp", 32, 15),
)
BATCHES = {batch.name: batch for batch in _SIZES}
