"""The part every training circuit shares: inputs, noise, bounds and output.

A family of models plugs in by subclassing `TrainingStep` with the update of one local step,
and by its entry in `zkfl.zk_circuits.families`. Nothing here or in the builder knows which
families there are.
"""

import math
from abc import ABC, abstractmethod
from typing import NamedTuple

import torch
from torch import Tensor

from zkfl.fixed_point import Dyadic, dyadic
from zkfl.zk_circuits.assertions import not_above_zero
from zkfl.zk_circuits.circuit import RunArguments, TensorSpec
from zkfl.zk_circuits.initial_parameters import initial_parameters
from zkfl.zk_circuits.spec import (
    DITHER_BITS,
    MODEL_DROPPED_BITS,
    MODEL_GUARD_BITS,
    PUBLIC_LENGTH,
    RATE_LENGTH,
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
        Shape (B,), or (B, C) of C classes.
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

    def stretch(self, start: int, *shape: int) -> "Parameters":
        """Return consecutive parameters from ``start`` on, in a shape."""
        stop = start + math.prod(shape)
        return Parameters(self.values[start:stop].reshape(shape), self.shift)


class TrainingStep(torch.nn.Module, ABC):
    """Data, model, secrets and public scalars in; noised update and zeros out.

    Where a round has a rate, it is the last entry of the secrets, and comes out as it went in: a
    vector of its own, whose point is that of this one number alone.
    """

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__()
        self.spec = spec
        self.pull = _fraction(spec.proximal * spec.learning_rate / spec.slots, spec)
        self.inertia = _fraction(spec.momentum, spec)

    @abstractmethod
    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the change of the parameters in one local step, shape (P,), scale ``s``.

        Parameters
        ----------
        shard
            Records, labels, mask.
        parameters
            With the initial ones.
        """

    def forward(
        self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor
    ) -> tuple[Tensor, ...]:
        """Compute ``[2^23*delta + noise | blinders]``, what must be zero, and the rate if any."""
        spec = self.spec
        rate = secrets[spec.secrets_length - 1 :] if spec.rate_bits else None
        delta = self._delta(self._unpack(data), coarse(model[: spec.parameters]), rate)
        noise = secrets[: spec.parameters]
        # The blinders are full-size field elements: they are copied, never computed on.
        noised = delta * float(2**DITHER_BITS) + noise
        update = torch.cat([noised, secrets[spec.parameters : spec.model_length]])
        # Stops an update larger than agreed, however it was reached.
        excess = torch.matmul(delta.reshape(1, -1), delta.reshape(-1, 1)).reshape(1) - spec.clip**2
        # Stops "noise" that carries another update.
        noise_excess = noise.abs() - public[:1]
        zeros = not_above_zero(torch.cat([excess, noise_excess]))
        return (update, zeros) if rate is None else (update, zeros, rate)

    def _unpack(self, data: Tensor) -> ShardTensors:
        slots, width = self.spec.slots, self.spec.features + 1
        records = data[: slots * width].reshape(slots, width)
        labels = label_part(self.spec, data)
        return ShardTensors(records, labels, records[:, self.spec.features])

    def _delta(self, shard: ShardTensors, model: Tensor, rate: Tensor | None) -> Tensor:
        start = whole_parameters(self.spec, model)
        delta = velocity = self._rated(self.local_step(shard, start), rate)
        for _ in range(self.spec.local_steps - 1):
            moved = start.part() + delta
            change = self.local_step(shard, Parameters(moved, 0))
            change = self._rated(self._with_pull(change, shard, delta), rate)
            velocity = self._with_momentum(change, velocity)
            delta = delta + velocity
        return delta

    def _rated(self, change: Tensor, rate: Tensor | None) -> Tensor:
        """Return ``change * rate / 2^rate_bits``, the learning rate's terms all together."""
        if rate is None:
            return change
        return change * (rate * float(2 ** (self.spec.scale_bits - self.spec.rate_bits)))

    def _with_pull(self, change: Tensor, shard: ShardTensors, delta: Tensor) -> Tensor:
        """Add FedProx' term, ``-lr/B * mu * count * delta``: Li et al. 2020, arXiv 1812.06127."""
        if self.pull is None:
            return change
        return change + delta * self._times(shard.mask.sum(), self.pull)

    def _with_momentum(self, change: Tensor, velocity: Tensor) -> Tensor:
        """Add a part of the step before; it begins anew in every round."""
        if self.inertia is None:
            return change
        return change - self._times(velocity, self.inertia)

    def _times(self, values: Tensor, constant: Dyadic) -> Tensor:
        """Return ``-constant * values``; negative, or EZKL would make a scale of it."""
        shifted = values / float(2**constant.shift) if constant.shift else values
        return shifted * -(constant.mantissa / self.spec.one)


def label_part(spec: CircuitSpec, data: Tensor) -> Tensor:
    """Return the labels of a data vector, shape (B,), or (B, C) of C classes."""
    start = spec.slots * (spec.features + 1)
    labels = data[start : start + spec.slots * spec.label_columns]
    return labels if spec.label_columns == 1 else labels.reshape(spec.slots, spec.label_columns)


def _fraction(value: float, spec: CircuitSpec) -> Dyadic | None:
    return dyadic(value, spec.scale_bits) if value else None


def whole_parameters(spec: CircuitSpec, model: Tensor) -> Parameters:
    """Return the parameters to compute with: the model on chain is the change from the first.

    Parameters
    ----------
    spec
        Sizes and the choice of model.
    model
        As `coarse` returns it, shape (P,).
    """
    initial = initial_parameters(spec.model, spec.features)
    if initial.any():
        model = model + torch.tensor(initial.tolist(), dtype=torch.float32)
    return Parameters(model, MODEL_GUARD_BITS)


def saturated(spec: CircuitSpec, halves: Tensor) -> Tensor:
    """Return logits saturated at the bound from half logits: ``|z/2 + h| - |z/2 - h|``.

    Two absolute values take half the rows of a clamp. Without saturation an honest prover
    would leave the sigmoid's table and never finish.
    """
    bound = spec.logit_bound / 2
    return (halves + bound).abs() - (halves - bound).abs()


def residuals(spec: CircuitSpec, logits: Tensor, labels: Tensor) -> Tensor:
    """Return each record's ``weight(label) * (sigmoid(logit) - label)``, shape (B,)."""
    residual = torch.sigmoid(logits) - labels
    low, high = spec.class_weights
    if low == high:
        return residual
    # A label is 0 or 1, so its weight is exact.
    return residual * (labels * (high - low) + low)


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
    outputs = (
        TensorSpec("update", spec.model_length, s, "delta plus noise, times 2^23, blinders"),
        TensorSpec("zeros", spec.parameters + 1, s, "0 where the clip and noise bounds hold"),
    )
    if not spec.rate_bits:
        return outputs
    return (
        *outputs,
        TensorSpec("rate", RATE_LENGTH, s, f"the step's factor, over {spec.full_rate}"),
    )


def training_run_arguments(spec: CircuitSpec) -> RunArguments:
    """Return the EZKL settings of every training circuit."""
    return RunArguments(
        columns=spec.training_columns,
        base=spec.training_base,
        legs=spec.training_legs,
        rebase_multiplier=1,
        lookup_bound=spec.lookup_integer,
        integers_unscaled=True,
    )
