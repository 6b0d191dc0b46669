"""The integer run is the circuit's reference, summed up by the contract's weights."""

import re

import numpy as np
import pytest

from zkfl.chain.protocol import weight
from zkfl.evaluation.baselines import Selection
from zkfl.studies.errors import StudyError
from zkfl.studies.verified_run import in_floats, uniform_secrets, verified_models
from zkfl.zk_circuits.layout import pack_model, pack_public, unpack_data, unpack_model
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_reference import training_update

BOUND = 1 << 26
Vectors = list[list[list[int]]]
Schedule = list[list[Selection]]


def test_every_model_is_the_weighted_sum_of_proven_updates(
    spec: CircuitSpec, vectors: Vectors, schedule: Schedule
) -> None:
    secrets = uniform_secrets(spec, BOUND, seed=5)
    models = verified_models(spec, vectors, schedule, secrets, BOUND)
    expected = [0] * spec.parameters
    for number, choices in enumerate(schedule, start=1):
        start, public = pack_model(spec, expected), pack_public(BOUND, 0)
        for place, (shard, share) in enumerate(choices):
            data = vectors[place][shard]
            update, zeros = training_update(spec, data, start, secrets(number, place), public)
            assert not any(zeros)
            factor = weight(share, spec.slots, unpack_data(spec, data).count)
            own = unpack_model(spec, update)
            expected = [a + factor * b for a, b in zip(expected, own, strict=True)]
        assert models[number] == expected


def test_noise_is_within_the_bound_and_the_same_for_a_seed(spec: CircuitSpec) -> None:
    drawn, again, other = (uniform_secrets(spec, BOUND, seed)(1, 0) for seed in (5, 5, 6))
    assert drawn == again != other
    noise = unpack_model(spec, drawn[: spec.model_length])
    assert 0 < max(map(abs, noise)) <= BOUND


def test_a_step_beyond_the_clip_has_no_proof(
    spec: CircuitSpec, vectors: Vectors, schedule: Schedule
) -> None:
    narrow = spec.model_copy(update={"clip": 2.0**-5})
    secrets = uniform_secrets(spec, 0, seed=5)
    with pytest.raises(StudyError, match=re.escape("beyond its clip of 0.03125")):
        verified_models(narrow, vectors, schedule, secrets, BOUND)


def test_noise_beyond_the_bound_has_no_proof(
    spec: CircuitSpec, vectors: Vectors, schedule: Schedule
) -> None:
    secrets = uniform_secrets(spec, BOUND, seed=5)
    with pytest.raises(StudyError, match=f"noise beyond {1 << 23} has no proof"):
        verified_models(spec, vectors, schedule, secrets, 1 << 23)


def test_floats_are_the_integers_at_the_models_scale(spec: CircuitSpec) -> None:
    model = [1 << spec.model_scale_bits, -(1 << (spec.model_scale_bits - 1)), 0, 3]
    np.testing.assert_array_equal(in_floats([model], spec)[0][:3], [1.0, -0.5, 0.0])
