"""Another model plugs in without a change to the builder or the shared step."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from zkfl.field import to_signed
from zkfl.fixed_point import rescale
from zkfl.zk_circuits.instances import TINY, get_instance
from zkfl.zk_circuits.integer_parts import coarse_model
from zkfl.zk_circuits.layout import unpack_data, unpack_model
from zkfl.zk_circuits.spec import DITHER_BITS, MODEL_GUARD_BITS, CircuitSpec, SpecError
from zkfl.zk_circuits.training_step import Parameters, ShardTensors, TrainingStep

if TYPE_CHECKING:
    from conftest import Case, Run


class LeastSquaresStep(TrainingStep):
    """``-X^T(Xw - y) / 4``."""

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> torch.Tensor:
        predictions = torch.matmul(shard.records, parameters.part())
        return torch.matmul(shard.records.T, predictions - shard.labels) * -0.25


def test_a_least_squares_step_equals_its_reference(
    runner: Callable[..., "Run"],
    honest_case: Callable[[CircuitSpec], "Case"],
    tmp_path: Path,
) -> None:
    definition = dataclasses.replace(
        get_instance("tiny").training, module=lambda: LeastSquaresStep(TINY), settings_path=None
    )
    # The sigmoid's table is gone, so the settings differ and are generated.
    case = honest_case(TINY)
    outputs = runner(definition, tmp_path)(case.training())
    shard = unpack_data(TINY, case.data)
    records = np.concatenate([shard.features, shard.mask[:, None]], axis=1)
    model = coarse_model(unpack_model(TINY, case.model))
    residual = rescale(records @ model, TINY.scale_bits + MODEL_GUARD_BITS) - shard.labels
    delta = rescale(rescale(records.T @ residual, TINY.scale_bits) * -256, TINY.scale_bits)
    noise = [to_signed(value) for value in case.secrets[: TINY.parameters]]
    update = [to_signed(value) for value in outputs["update"][: TINY.parameters]]
    assert update == list((delta << DITHER_BITS) + noise)


def test_a_logistic_step_needs_a_parameter_a_feature_and_one_more() -> None:
    with pytest.raises(SpecError, match="has 4 parameters, the spec says 5"):
        CircuitSpec.model_validate(TINY.model_dump() | {"parameters": 5})
