"""The statements of ``wdbc`` as one writes them first, under EZKL's own defaults: the baseline.

Clamps, comparisons and ReLUs instead of absolute values and a cosine, the mask as a factor
of its own, the bias apart, a constant wherever the formula has one. Scale and visibility
are zkfl's, since without them the statement would be another, and Freivalds' check of
products stays off, since with it the proof would show nothing.
"""

from dataclasses import replace

import torch
from torch import Tensor

from zkfl.zk_circuits.circuit import CircuitDefinition, RunArguments, TensorSpec
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_step import Parameters, ShardTensors, TrainingStep

NAME = "first-attempt"
_TRAINING_LOGROWS, _ADMISSION_LOGROWS = 15, 17
"""The least that they fit into; a consortium would need the larger for both."""
_COLUMNS, _BASE, _LEGS = 2, 16_384, 3
"""EZKL 23.0.5's defaults, but for one digit more: two cannot hold the clamped logits."""


class FirstTraining(TrainingStep):
    """``-lr/B * (X^T((sigmoid(clamp(Xw+b)) - y) * mask) + l2*count*w)``, clipped and noised."""

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        """Return the change of weights and bias, shape (F+1,)."""
        spec = self.spec
        features, values = shard.records[:, : spec.features], parameters.part(spec.parameters)
        weights, bias = values[: spec.features], values[spec.features :]
        logits = torch.matmul(features, weights) + bias
        logits = torch.clamp(logits, -spec.logit_bound, spec.logit_bound)
        residual = (torch.sigmoid(logits) - shard.labels) * shard.mask
        gradient = torch.matmul(features.T, residual) + spec.l2 * shard.mask.sum() * weights
        return -spec.learning_rate / spec.slots * torch.cat([gradient, residual.sum().reshape(1)])

    def forward(
        self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Compute ``[delta + noise | blinders]`` and the entries that must be zero."""
        spec = self.spec
        delta = self._delta(self._unpack(data), model[: spec.parameters])
        noise = secrets[: spec.parameters]
        update = torch.cat([delta + noise, secrets[spec.parameters : spec.model_length]])
        excess = torch.relu((delta * delta).sum().reshape(1) - spec.clip**2)
        return update, torch.cat([excess, torch.relu(noise.abs() - public[:1])])


class FirstAdmission(torch.nn.Module):
    """The rules of form for a shard: each as the difference from what it should be."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__()
        self.spec = spec

    def forward(self, data: Tensor, public: Tensor) -> Tensor:
        """Return the zeros."""
        spec = self.spec
        width = spec.features + 1
        records = data[: spec.slots * width].reshape(spec.slots, width)
        features, mask = records[:, : spec.features], records[:, spec.features]
        labels = data[spec.slots * width : spec.slots * (width + 1)]
        outside = features - torch.clamp(features, -spec.feature_bound, spec.feature_bound)
        norms = torch.einsum("ij,ij->i", features, features)
        checks = [
            outside.reshape(-1),
            torch.relu(norms - spec.norm_bound**2),
            mask - (mask > 0.5).float(),  # noqa: PLR2004 - between the two classes
            labels - (labels > 0.5).float(),  # noqa: PLR2004 - the same
            labels * (1.0 - mask),
            norms * (1.0 - mask),
            (mask.sum() - public[0] * float(spec.one)).reshape(1),
        ]
        return torch.cat(checks)


def first_training() -> CircuitDefinition:
    """Describe the training circuit's baseline."""
    ours = get_instance("wdbc").training
    spec = _spec(ours.spec, _TRAINING_LOGROWS)
    return replace(
        ours,
        kind="baseline-training",
        spec=spec,
        run_arguments=_arguments(spec.logit_integer),
        module=lambda: FirstTraining(spec),
        settings_path=None,
    )


def first_admission() -> CircuitDefinition:
    """Describe the admission circuit's baseline."""
    ours = get_instance("wdbc").admission
    spec = _spec(ours.spec, _ADMISSION_LOGROWS)
    zeros = spec.slots * spec.features + 5 * spec.slots + 1
    return replace(
        ours,
        kind="baseline-admission",
        spec=spec,
        outputs=(TensorSpec("zeros", zeros, spec.scale_bits, "0 where every rule of form holds"),),
        run_arguments=_arguments(spec.feature_table),
        module=lambda: FirstAdmission(spec),
        settings_path=None,
    )


def _spec(spec: CircuitSpec, logrows: int) -> CircuitSpec:
    return CircuitSpec.model_validate(spec.model_dump() | {"name": NAME, "logrows": logrows})


def _arguments(lookup_bound: int) -> RunArguments:
    return RunArguments(_COLUMNS, _BASE, _LEGS, rebase_multiplier=1, lookup_bound=lookup_bound)
