"""The part every training circuit shares: inputs, noise, bounds and output.

A model plugs in by subclassing `TrainingStep` with the update of one local step. Nothing
here or in the builder knows logistic regression.
"""

from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from zkfl.zk_circuits.assertions import not_above_zero
from zkfl.zk_circuits.circuit import RunArguments, TensorSpec
from zkfl.zk_circuits.spec import (
    DITHER_BITS,
    MODEL_DROPPED_BITS,
    MODEL_GUARD_BITS,
    PUBLIC_LENGTH,
    CircuitSpec,
)


class ShardTensors(NamedTuple):
    """A data vector without its blinders, as views that cost no rows.

    Attributes
    ----------
    records
        ``[features | mask]``, shape (B, F+1). Keeping the mask beside the features makes
        the bias an ordinary weight: an unused slot is a row of zeros.
    labels
        Shape (B,).
    mask
        Shape (B,).
    """

    records: Tensor
    labels: Tensor
    mask: Tensor


class Parameters(NamedTuple):
    """Parameters with a pending division, so that each use rescales at most once.

    EZKL turns a division by a power of two into a larger scale and rescales at the next
    product; a slice of the divided vector would already cost a rescale of its own.

    Attributes
    ----------
    values
        Shape (P,).
    shift
        The parameters are ``values / 2^shift``.
    """

    values: Tensor
    shift: int

    def part(self, halvings: int = 0) -> Tensor:
        """Return the parameters divided by ``2^halvings``."""
        bits = self.shift + halvings
        return self.values / float(2**bits) if bits else self.values


class TrainingStep(torch.nn.Module, ABC):
    """Data, model, secrets and public scalars in; noised update and zeros out."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__()
        self.spec = spec

    @abstractmethod
    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the change of the parameters in one local step, shape (P,), scale ``s``."""

    def forward(
        self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Compute ``[2^23*delta + noise | blinders]`` and the entries that must be zero."""
        spec = self.spec
        delta = self._delta(self._unpack(data), coarse(model[: spec.parameters]))
        noise = secrets[: spec.parameters]
        # The blinders are full-size field elements: they are copied, never computed on.
        noised = delta * float(2**DITHER_BITS) + noise
        update = torch.cat([noised, secrets[spec.parameters : spec.model_length]])
        # Stops an update larger than agreed, however it was reached.
        excess = torch.matmul(delta.reshape(1, -1), delta.reshape(-1, 1)).reshape(1) - spec.clip**2
        # Stops "noise" that carries another update.
        noise_excess = noise.abs() - public[:1]
        return update, not_above_zero(torch.cat([excess, noise_excess]))

    def _unpack(self, data: Tensor) -> ShardTensors:
        slots, width = self.spec.slots, self.spec.features + 1
        records = data[: slots * width].reshape(slots, width)
        labels = data[slots * width : slots * (width + 1)]
        return ShardTensors(records, labels, records[:, self.spec.features])

    def _delta(self, shard: ShardTensors, model: Tensor) -> Tensor:
        start = Parameters(model, MODEL_GUARD_BITS)
        delta = self.local_step(shard, start)
        for _ in range(self.spec.local_steps - 1):
            moved = start.part() + delta
            delta = delta + self.local_step(shard, Parameters(moved, 0))
        return delta


def coarse(parameters: Tensor) -> Tensor:
    """Return the model's parameters at scale ``s + 12``, rescaled once and for all uses.

    EZKL rescales at the first operation after a division, and a product with the undivided
    parameters would not fit its range checks. Two negations are the cheapest operation that
    leaves the numbers as they are.
    """
    return torch.neg(torch.neg(parameters / float(2**MODEL_DROPPED_BITS)))


def training_inputs(spec: CircuitSpec) -> tuple[TensorSpec, ...]:
    """Return the inputs of every training circuit, in the order of its points."""
    s = spec.scale_bits
    return (
        TensorSpec("data", spec.data_length, s, "rows of features and mask, labels, blinders"),
        TensorSpec("model", spec.model_length, s, "parameters times 2^39, blinders"),
        TensorSpec(
            "secrets", spec.secrets_length, s, "noise times 2^23, the update's and own blinders"
        ),
        TensorSpec("public", PUBLIC_LENGTH, s, "noise bound times 2^23, training context"),
    )


def training_outputs(spec: CircuitSpec) -> tuple[TensorSpec, ...]:
    """Return the outputs of every training circuit, in the order of its points."""
    s = spec.scale_bits
    return (
        TensorSpec("update", spec.model_length, s, "delta plus noise, times 2^23, blinders"),
        TensorSpec("zeros", spec.parameters + 1, s, "0 where the clip and noise bounds hold"),
    )


def training_run_arguments(spec: CircuitSpec) -> RunArguments:
    """Return the EZKL settings of every training circuit."""
    return RunArguments(
        columns=spec.training_columns,
        base=spec.training_base,
        legs=spec.training_legs,
        rebase_multiplier=1,
        lookup_bound=spec.logit_integer,
        integers_unscaled=True,
    )
