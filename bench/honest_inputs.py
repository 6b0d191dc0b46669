"""Random inputs that every circuit accepts."""

import numpy as np

from zkfl.field import random_elements
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public, pack_secrets
from zkfl.zk_circuits.spec import SMALLEST_NOISE_BOUND, CircuitSpec

_WEIGHT_RANGE = 1 << 24


def honest_inputs(definition: CircuitDefinition, seed: int = 0) -> dict[str, list[int]]:
    """Return the input vectors of a full shard and a random model."""
    spec, rng = definition.spec, np.random.default_rng(seed)
    vectors = {
        "data": _data(spec, rng),
        "model": _model(spec, rng),
        "secrets": pack_secrets(
            spec,
            [0] * spec.parameters,
            random_elements(spec.update_blinders),
            random_elements(spec.own_blinders),
        ),
        "public": pack_public(spec.slots if definition.kind == "admission" else 0, 1),
        "update": _model(spec, rng),
        "rest": _model(spec, rng),
        "bound": [SMALLEST_NOISE_BOUND],
    }
    return {tensor.name: vectors[tensor.name] for tensor in definition.inputs}


def _data(spec: CircuitSpec, rng: np.random.Generator) -> list[int]:
    limit = int(spec.norm_bound * spec.one / np.sqrt(spec.features))
    features = rng.integers(-limit, limit + 1, (spec.slots, spec.features))
    labels = rng.integers(0, 2, spec.slots)
    return pack_data(spec, features, labels, random_elements(spec.data_blinders))


def _model(spec: CircuitSpec, rng: np.random.Generator) -> list[int]:
    parameters = [int(v) for v in rng.integers(-_WEIGHT_RANGE, _WEIGHT_RANGE, spec.parameters)]
    return pack_model(spec, parameters, random_elements(spec.update_blinders))
