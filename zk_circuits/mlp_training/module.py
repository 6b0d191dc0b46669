"""One hidden layer: forward, backward and step, written out as a graph.

Source of the gradient: Bishop, Pattern Recognition and Machine Learning, section 5.3. Each
rescale costs some fifty rows, more than any other operation, so halves and the learning rate
are carried along as pending divisions, and the output weights multiply sums over the shard, not
its records.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import torch
from torch import Tensor

from zkfl.zk_circuits.decayed_step import DecayedStep
from zkfl.zk_circuits.rectifier import rectified
from zkfl.zk_circuits.spec import MODEL_DROPPED_BITS, MODEL_GUARD_BITS, CircuitSpec, SpecError
from zkfl.zk_circuits.training_step import Parameters, ShardTensors, residuals, saturated

_LEAST_RATE_BITS = 2


class Layers:
    """Both layers' parameters, cut from one vector: features, biases, output, its bias.

    Each is shaped here, before it is divided: EZKL rescales at the first operation after a
    division.
    """

    def __init__(self, spec: CircuitSpec, hidden: int, parameters: Parameters) -> None:
        inputs = spec.features + 1
        self.first = parameters.stretch(0, inputs, hidden)
        self.output = parameters.stretch(inputs * hidden, hidden)
        self.output_row = parameters.stretch(inputs * hidden, 1, hidden)
        self.bias = parameters.stretch((inputs + 1) * hidden, 1)


class Hidden:
    """What the hidden layer makes of records.

    Attributes
    ----------
    doubled
        ``2*relu(u)``, shape (B, H).
    active
        ``1 + sign(u)``, twice the derivative of the ReLU, shape (B, H), scale 0.
    """

    def __init__(self, records: Tensor, layers: Layers) -> None:
        self.doubled, self.active = rectified(torch.matmul(records, layers.first.part()))


def logits(spec: CircuitSpec, hidden: int, records: Tensor, parameters: Parameters) -> Tensor:
    """Return saturated logits, shape (B,)."""
    layers = Layers(spec, hidden, parameters)
    return _logits(spec, Hidden(records, layers), layers)


def _logits(spec: CircuitSpec, layer: Hidden, layers: Layers) -> Tensor:
    # The bias by itself, also in unused slots, whose residuals meet only zeros: with the mask
    # as one more unit, EZKL would take the product apart and rescale both halves of every slot.
    bias = torch.neg(torch.neg(layers.bias.part(halvings=1)))
    return saturated(spec, torch.matmul(layer.doubled, layers.output.part(halvings=2)) + bias)


class MlpStep(DecayedStep):
    """One step of gradient descent on the cross-entropy, with an L2 term on both layers' weights.

    Parameters
    ----------
    spec
        Sizes and constants.
    hidden
        ``H``.

    Raises
    ------
    SpecError
        The learning rate takes more than a shift.
    """

    def __init__(self, spec: CircuitSpec, hidden: int) -> None:
        super().__init__(spec, decayed_parameters(spec.features, hidden))
        self.hidden = hidden
        self.rate = rate_shifts(spec)

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the change of both layers, shape (P,)."""
        layers = Layers(self.spec, self.hidden, parameters)
        layer = Hidden(shard.records, layers)
        residual = residuals(self.spec, _logits(self.spec, layer, layers), shard.labels)
        change = torch.neg(torch.cat([*self._steps(shard, layer, layers, residual)]))
        return self._with_decay(change, shard, parameters)

    def _steps(
        self, shard: ShardTensors, layer: Hidden, layers: Layers, residual: Tensor
    ) -> Iterator[Tensor]:
        """Yield ``lr/B`` times the gradient: first layer and biases, output, its bias."""
        # An unused slot is a zero row of records, so whatever is active there meets only zeros.
        passed = layer.active * residual.reshape(-1, 1)
        early, late = self.rate
        summed = torch.matmul(shard.records.T / float(2**early), passed)
        yield (summed * layers.output_row.part(halvings=1 + late)).reshape(-1)
        yield torch.matmul(layer.doubled.T, residual / float(2 ** (1 + early + late)))
        yield torch.matmul(shard.mask.reshape(1, -1), residual / float(2 ** (early + late)))


class RateShifts(NamedTuple):
    """``lr/B = 2^-(early + late)``, so that it is part of rescales that happen anyway.

    Attributes
    ----------
    early
        With the sum over the shard.
    late
        With the product of that sum and the output's weights.
    """

    early: int
    late: int


def rate_shifts(spec: CircuitSpec) -> RateShifts:
    """Return where an MLP's learning rate goes.

    Raises
    ------
    SpecError
        It is no power of two, or makes a divisor that the range checks do not hold.
    """
    bits = math.log2(spec.slots / spec.learning_rate)
    if not bits.is_integer() or bits < _LEAST_RATE_BITS:
        raise SpecError(
            f"learning_rate {spec.learning_rate} over {spec.slots} slots is no power of two "
            "up to a quarter, as an MLP needs: take one such as 0.5, 1 or 2 for 64 slots"
        )
    early = int(bits) // 2
    late = int(bits) - early
    if spec.scale_bits + MODEL_GUARD_BITS + 1 + late > MODEL_DROPPED_BITS:
        raise SpecError(
            f"learning_rate {spec.learning_rate} over {spec.slots} slots is too small at scale "
            f"{spec.scale_bits}: raise the learning rate"
        )
    return RateShifts(early, late)


def decayed_parameters(features: int, hidden: int) -> list[float]:
    """Return 1 for weights and 0 for biases."""
    return [1.0] * (features * hidden) + [0.0] * hidden + [1.0] * hidden + [0.0]
