"""One convolution, ReLU, average pooling and a dense output: forward, backward and step.

Source of the gradient: Goodfellow et al., Deep Learning, section 9.5. A convolution is written
as a product with the patches of the images (im2col), which are constant selections and take
no rows. Each rescale takes some fifty rows, so halves are carried along as pending divisions,
and the output's weights multiply sums over the shard, not its records.
"""

import torch
from torch import Tensor

from zkfl.fixed_point import dyadic
from zkfl.zk_circuits.convolutional_training.patches import patch_places
from zkfl.zk_circuits.decayed_step import DecayedStep
from zkfl.zk_circuits.model_choice import POOL, ConvolutionalChoice
from zkfl.zk_circuits.rectifier import rectified
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import Parameters, ShardTensors, residuals, saturated

_POOLED = POOL * POOL


class Layers:
    """Both layers' parameters, cut from one vector.

    Each is shaped here, before it is divided: EZKL rescales at the first operation after a
    division.
    """

    def __init__(self, choice: ConvolutionalChoice, parameters: Parameters) -> None:
        filters, cells, taps = choice.filters, choice.cells, choice.taps
        dense = taps * filters
        self.filters = parameters.stretch(0, taps, filters)
        self.output = parameters.stretch(dense, filters * cells)
        self.output_columns = parameters.stretch(dense, filters, cells, 1)
        self.bias = parameters.stretch(dense + filters * cells, 1)


class Maps:
    """What the filters make of records.

    Attributes
    ----------
    patches
        ``[pixels | mask]`` at every position, shape (cells, 4B, 10).
    active
        Twice the derivative of the ReLU there, shape (cells, B, 4, filters), scale 0.
    pooled
        Eight times the pooled maps, shape (B, filters * cells).
    """

    def __init__(self, choice: ConvolutionalChoice, records: Tensor, layers: Layers) -> None:
        slots, shape = records.shape[0], (choice.cells, -1, _POOLED, choice.filters)
        places = torch.from_numpy(patch_places(choice.side).ravel())
        seen = torch.index_select(records, 1, places)
        seen = seen.reshape(slots, choice.cells, _POOLED, choice.taps).permute(1, 0, 2, 3)
        self.patches = seen.reshape(choice.cells, slots * _POOLED, choice.taps)
        flat = seen.reshape(choice.cells * slots * _POOLED, choice.taps)
        maps = rectified(torch.matmul(flat, layers.filters.part()))
        self.active = maps.active.reshape(shape)
        pooled = maps.doubled.reshape(shape).sum(2)
        self.pooled = pooled.permute(1, 2, 0).reshape(slots, choice.filters * choice.cells)


def logits(
    spec: CircuitSpec, choice: ConvolutionalChoice, records: Tensor, parameters: Parameters
) -> Tensor:
    """Return saturated logits, shape (B,)."""
    layers = Layers(choice, parameters)
    return _logits(spec, Maps(choice, records, layers), layers)


def _logits(spec: CircuitSpec, maps: Maps, layers: Layers) -> Tensor:
    # The bias also stands in unused slots, whose residuals meet only zeros.
    bias = torch.neg(torch.neg(layers.bias.part(halvings=1)))
    return saturated(spec, torch.matmul(maps.pooled, layers.output.part(halvings=4)) + bias)


class ConvolutionalStep(DecayedStep):
    """One step of gradient descent on the cross-entropy, with an L2 term on all weights.

    Parameters
    ----------
    spec
        Sizes and constants.
    choice
        The model.
    """

    def __init__(self, spec: CircuitSpec, choice: ConvolutionalChoice) -> None:
        super().__init__(spec, decayed_parameters(choice))
        self.choice = choice
        self.step = dyadic(spec.learning_rate / spec.slots, spec.scale_bits)

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the change of both layers, shape (P,)."""
        # Learning rate and batch size come last: a unit won in an earlier rescale is
        # divided by them.
        change = self._times(self._gradient(shard, parameters), self.step)
        return self._with_decay(change, shard, parameters)

    def _gradient(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        layers = Layers(self.choice, parameters)
        maps = Maps(self.choice, shard.records, layers)
        residual = residuals(self.spec, _logits(self.spec, maps, layers), shard.labels)
        output = torch.matmul(maps.pooled.T, residual / 8.0)
        bias = torch.matmul(shard.mask.reshape(1, -1), residual)
        return torch.cat([self._filters(maps, layers, residual), output, bias])

    def _filters(self, maps: Maps, layers: Layers, residual: Tensor) -> Tensor:
        # An unused slot's patches are zeros, mask included, so whatever is active there
        # meets only zeros.
        choice = self.choice
        passed = maps.active * residual.reshape(1, -1, 1, 1)
        passed = passed.reshape(choice.cells, -1, choice.filters)
        summed = torch.matmul(maps.patches.permute(0, 2, 1), passed)
        # Twice the derivative and a fourth of the pooled cell: an eighth.
        columns = layers.output_columns.part(halvings=3)
        by_filter = torch.matmul(summed.permute(2, 1, 0), columns)
        return by_filter.reshape(choice.filters, choice.taps).T.reshape(-1)


def decayed_parameters(choice: ConvolutionalChoice) -> list[float]:
    """Return 1 for weights and 0 for biases."""
    first = [1.0] * ((choice.taps - 1) * choice.filters) + [0.0] * choice.filters
    return first + [1.0] * (choice.filters * choice.cells) + [0.0]
