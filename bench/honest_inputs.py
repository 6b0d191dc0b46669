"""Random inputs that every circuit accepts."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from zkfl.field import random_elements
from zkfl.zk_circuits import admission, evaluation, inference
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.evaluation.reference import confusion_counts
from zkfl.zk_circuits.inference.layout import fresh_blinders, pack_record
from zkfl.zk_circuits.inference.reference import inferred_logit
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
        "update": _model(spec, rng),
        "rest": _model(spec, rng),
        "bound": [SMALLEST_NOISE_BOUND],
        "record": pack_record(spec, _features(spec, rng, 1)[0], fresh_blinders()),
    }
    vectors["public"] = pack_public(_stated(definition, vectors), 1)
    return {tensor.name: vectors[tensor.name] for tensor in definition.inputs}


def _stated(definition: CircuitDefinition, vectors: Mapping[str, list[int]]) -> int:
    """Return the first public scalar: records, counts, a logit, or a bound on noise."""
    spec = definition.spec
    if definition.kind == admission.KIND:
        return spec.slots
    if definition.kind == evaluation.KIND:
        return confusion_counts(spec, vectors["data"], vectors["model"]).packed()
    if definition.kind == inference.KIND:
        return inferred_logit(spec, vectors["record"], vectors["model"])
    return 0


def _data(spec: CircuitSpec, rng: np.random.Generator) -> list[int]:
    features = _features(spec, rng, spec.slots)
    labels = rng.integers(0, max(2, spec.label_columns), spec.slots)
    return pack_data(spec, features, labels, random_elements(spec.data_blinders))


def _features(spec: CircuitSpec, rng: np.random.Generator, records: int) -> NDArray[np.int64]:
    limit = int(spec.norm_bound * spec.one / np.sqrt(spec.features))
    return rng.integers(-limit, limit + 1, (records, spec.features))


def _model(spec: CircuitSpec, rng: np.random.Generator) -> list[int]:
    parameters = [int(v) for v in rng.integers(-_WEIGHT_RANGE, _WEIGHT_RANGE, spec.parameters)]
    return pack_model(spec, parameters, random_elements(spec.update_blinders))
