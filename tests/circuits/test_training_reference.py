"""The NumPy reference equals an honest witness bit for bit, extremes included."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zkfl.field import random_elements
from zkfl.zk_circuits.instances import TINY, TINY_MLP, Instance, get_instance
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public, pack_secrets
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_circuit import define
from zkfl.zk_circuits.training_reference import training_update

if TYPE_CHECKING:
    from conftest import Case, Run, Vectors

LARGEST_NOISE = 2**26
LARGEST_PARAMETER = 2**54


def edged(bound: int) -> st.SearchStrategy[int]:
    """Integers within a bound, its edges and zero far more often than chance has them."""
    edges = st.sampled_from([-bound, -bound + 1, -1, 0, 1, bound - 1, bound])
    return st.one_of(edges, st.integers(-bound, bound))


@st.composite
def training_vectors(draw: st.DrawFn, spec: CircuitSpec = TINY) -> "Vectors":
    count = draw(st.integers(1, spec.slots))
    feature = edged(spec.feature_integer)
    rows = draw(
        st.lists(
            st.lists(feature, min_size=spec.features, max_size=spec.features),
            min_size=count,
            max_size=count,
        )
    )
    labels = draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
    bound = draw(st.integers(0, LARGEST_NOISE))
    sized = {"min_size": spec.parameters, "max_size": spec.parameters}
    noise = draw(st.lists(edged(max(bound, 1)), **sized))
    parameters = draw(st.lists(st.one_of(edged(2**51), edged(LARGEST_PARAMETER)), **sized))
    return {
        "data": pack_data(spec, np.array(rows), labels, random_elements(spec.data_blinders)),
        "model": pack_model(spec, parameters, random_elements(spec.update_blinders)),
        "secrets": pack_secrets(
            spec,
            noise,
            random_elements(spec.update_blinders),
            random_elements(spec.own_blinders),
        ),
        "public": pack_public(bound, 1),
    }


@given(vectors=training_vectors())
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_reference_equals_the_witness(vectors: "Vectors", run_training: "Run") -> None:
    update, zeros = training_update(TINY, **vectors)
    assert run_training(vectors) == {"update": update, "zeros": zeros}


@pytest.fixture(scope="module")
def run_mlp(runner: Callable[..., "Run"], tmp_path_factory: pytest.TempPathFactory) -> "Run":
    return runner(get_instance("tiny-mlp").training, tmp_path_factory.mktemp("mlp"))


@given(vectors=training_vectors(TINY_MLP))
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_an_mlps_reference_equals_the_witness(vectors: "Vectors", run_mlp: "Run") -> None:
    update, zeros = training_update(TINY_MLP, **vectors)
    assert run_mlp(vectors) == {"update": update, "zeros": zeros}


@pytest.mark.parametrize(
    "changes",
    [
        {"local_steps": 2},
        {"l2": 0.0},
        {"l2": 0.5},
        {"l2": 2**-6},
        {"learning_rate": 0.3},
        {"learning_rate": 4.0},
        {"scale_bits": 9, "logit_bound": 1.5},
    ],
    ids=str,
)
def test_reference_equals_the_witness_under_other_constants(
    changes: dict[str, float],
    runner: Callable[..., "Run"],
    honest_case: Callable[[CircuitSpec], "Case"],
    tmp_path: Path,
) -> None:
    spec = CircuitSpec.model_validate(TINY.model_dump() | changes)
    run = runner(define(spec, committed=False), tmp_path)
    for seed in range(3):
        vectors = honest_case(spec, seed).training()
        update, zeros = training_update(spec, **vectors)
        assert run(vectors) == {"update": update, "zeros": zeros}


def test_reference_equals_the_witness_on_a_full_size_shard(
    runner: Callable[..., "Run"],
    honest_case: Callable[[CircuitSpec], "Case"],
    wdbc: Instance,
    tmp_path: Path,
) -> None:
    case = honest_case(wdbc.spec)
    update, zeros = training_update(wdbc.spec, **case.training())
    run = runner(wdbc.training, tmp_path)
    assert run(case.training()) == {"update": update, "zeros": zeros}
    assert not any(zeros)
