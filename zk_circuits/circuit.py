"""What the builder needs to know of a circuit, and nothing about what it computes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from zkfl.zk_circuits.spec import CircuitSpec


@dataclass(frozen=True)
class TensorSpec:
    """One committed vector.

    Attributes
    ----------
    name
        Name in the graph and in proofs.
    length
        Entries.
    scale
        Fraction bits that EZKL keeps for it. The true scale of updates and noise is 23 more,
        that of the model 39; the circuit divides that away.
    meaning
        What the entries are, for the manifest.
    """

    name: str
    length: int
    scale: int
    meaning: str


@dataclass(frozen=True)
class RunArguments:
    """The EZKL settings that differ between circuits.

    Attributes
    ----------
    columns
        Inner columns.
    base, legs
        Digits of range checks; checked values stay below ``base^legs``.
    rebase_multiplier
        A product is rescaled once its scale passes this many times ``scale_bits``.
    lookup_bound
        Lookup tables cover ``[-lookup_bound, lookup_bound]``.
    integers_unscaled
        Constants that are integers have scale 0, so a product with one is exact and takes no
        rescale.
    scale
        Fraction bits that EZKL gives inputs and constants; None for those of the spec.
    """

    columns: int
    base: int
    legs: int
    rebase_multiplier: int
    lookup_bound: int
    integers_unscaled: bool = False
    scale: int | None = None


@dataclass(frozen=True)
class CircuitDefinition:
    """A statement that can be built into a proving key and a verifier.

    Attributes
    ----------
    kind
        ``admission`` or the name of a training circuit.
    spec
        The consortium's sizes and constants.
    statement
        One sentence: what a valid proof shows.
    inputs, outputs
        In graph order, which is the order of points in a proof.
    run_arguments
        EZKL settings.
    module
        Makes the graph.
    settings_path
        The committed settings; None lets the builder generate them (benchmarks only).
    """

    kind: str
    spec: CircuitSpec
    statement: str
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    run_arguments: RunArguments
    module: Callable[[], torch.nn.Module]
    settings_path: Path | None

    @property
    def name(self) -> str:
        """Kind and instance, for example ``admission-wdbc``."""
        return f"{self.kind}-{self.spec.name}"

    @property
    def input_scale(self) -> int:
        """Fraction bits that EZKL gives inputs and constants."""
        scale = self.run_arguments.scale
        return self.spec.scale_bits if scale is None else scale

    @property
    def commitments(self) -> int:
        """Points at the start of a proof."""
        return len(self.inputs) + len(self.outputs)
