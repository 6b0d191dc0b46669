"""A round's public rate multiplies the step exactly, and the proof opens with its commitment."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from zkfl.field import SCALAR_MODULUS
from zkfl.fixed_point import rescale
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.ezkl_calls import commit
from zkfl.zk_circuits.instances import (
    TINY,
    TINY_CNN,
    TINY_MLP,
    TINY_RATE,
    TINY_SOFTMAX,
    get_instance,
)
from zkfl.zk_circuits.integer_parts import coarse_model
from zkfl.zk_circuits.layout import LayoutError, pack_secrets, rate_of, unpack_data, unpack_model
from zkfl.zk_circuits.logistic_training.module import LogisticStep
from zkfl.zk_circuits.logistic_training.slack import rescale_slack
from zkfl.zk_circuits.prover import prove
from zkfl.zk_circuits.softmax_training import slack as softmax
from zkfl.zk_circuits.spec import CircuitSpec, SpecError
from zkfl.zk_circuits.training_circuit import define
from zkfl.zk_circuits.training_reference import local_delta, training_update
from zkfl.zk_circuits.training_step import Parameters, ShardTensors

if TYPE_CHECKING:
    from conftest import Case, Forge, MakeSrs, Run

DEADLINE = 120.0
FULL = TINY_RATE.full_rate
OPTIONS: list[tuple[CircuitSpec, dict[str, Any]]] = [
    (TINY, {"rate_bits": 4}),
    (TINY, {"rate_bits": 3, "local_steps": 3, "momentum": 0.5, "proximal": 0.25}),
    (TINY_MLP, {"rate_bits": 7}),
    (TINY_CNN, {"rate_bits": 10}),
    (TINY_SOFTMAX, {"rate_bits": 10}),
    (TINY_SOFTMAX, {"rate_bits": 10, "l2": 0.0, "learning_rate": 0.0625}),
]


def with_rate(secrets: Sequence[int], rate: int) -> list[int]:
    return [*secrets[:-1], rate]


@pytest.fixture(scope="module")
def case(honest_case: Callable[[CircuitSpec], "Case"]) -> "Case":
    return honest_case(TINY_RATE)


@pytest.fixture(scope="module")
def built(make_srs: "MakeSrs", cache: Path) -> BuiltCircuit:
    return build_circuit(get_instance("tiny-rate").training, make_srs(TINY_RATE.logrows), cache)


@pytest.fixture(scope="module")
def run(runner: Callable[..., "Run"], tmp_path_factory: pytest.TempPathFactory) -> "Run":
    return runner(get_instance("tiny-rate").training, tmp_path_factory.mktemp("rate"))


@given(seed=st.integers(0, 2**16), rate=st.sampled_from([1, 2, 3, FULL // 2, FULL - 1, FULL]))
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_reference_equals_the_witness(
    seed: int, rate: int, run: "Run", honest_case: Callable[..., "Case"]
) -> None:
    case = honest_case(TINY_RATE, seed)
    vectors = case.training(secrets=with_rate(case.secrets, rate))
    update, zeros = training_update(TINY_RATE, **vectors)
    assert run(vectors) == {"update": update, "zeros": zeros, "rate": [rate]}


@pytest.mark.parametrize(("base", "changes"), OPTIONS, ids=str)
def test_every_family_takes_a_rate(
    base: CircuitSpec,
    changes: dict[str, Any],
    runner: Callable[..., "Run"],
    honest_case: Callable[[CircuitSpec], "Case"],
    tmp_path: Path,
) -> None:
    spec = CircuitSpec.model_validate(base.model_dump() | changes)
    run, case = runner(define(spec, committed=False), tmp_path), honest_case(spec)
    for rate in (1, spec.full_rate // 2, spec.full_rate):
        vectors = case.training(secrets=with_rate(case.secrets, rate))
        update, zeros = training_update(spec, **vectors)
        assert run(vectors) == {"update": update, "zeros": zeros, "rate": [rate]}


def test_a_rate_divides_the_step_of_the_circuit_without_one(case: "Case") -> None:
    shard = unpack_data(TINY_RATE, case.data)
    model = coarse_model(unpack_model(TINY_RATE, case.model))
    step = local_delta(TINY, shard, model)
    assert np.any(step)
    for bits in range(TINY_RATE.rate_bits + 1):
        rated = local_delta(TINY_RATE, shard, model, rate=FULL >> bits)
        assert np.array_equal(rated, rescale(step, bits) if bits else step)
    assert np.array_equal(local_delta(TINY_RATE, shard, model), step)


def test_the_proof_opens_with_the_rate_behind_all_other_points(
    built: BuiltCircuit, case: "Case"
) -> None:
    inputs = case.training(secrets=with_rate(case.secrets, FULL // 4))
    proof = prove(built, inputs, DEADLINE)
    places = ["data", "model", "secrets", "public", "update", "zeros", "rate"]
    assert list(proof.points) == places
    assert commit(built.files, [FULL // 4]) == [proof.points["rate"]]
    assert proof.outputs["update"] == training_update(TINY_RATE, **inputs)[0]
    assert built.manifest.statement.endswith("multiplied by the round's public rate.")


class Control(LogisticStep):
    """Forged in the same way, it is the honest proof."""


class Unrated(LogisticStep):
    """States the rate, and makes the whole step: a used slot's mask is in the rate's place.

    So no value leaves its table, where a prover never ends.
    """

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        self.one = shard.mask[:1]
        return super().local_step(shard, parameters)

    def _rated(self, change: Tensor, rate: Tensor | None) -> Tensor:
        assert rate is not None
        return super()._rated(change, self.one)


class OtherRate(LogisticStep):
    """Steps by the rate of the secrets, and states one that a constraint never saw."""

    def forward(
        self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor
    ) -> tuple[Tensor, ...]:
        update, zeros, rate = super().forward(data, model, secrets, public)
        return update, zeros, rate + rate


def test_a_forged_graph_makes_the_whole_step_at_a_lower_rate(
    case: "Case", runner: Callable[..., "Run"], tmp_path: Path
) -> None:
    definition = get_instance("tiny-rate").training
    forged = replace(definition, module=lambda: Unrated(TINY_RATE))
    outputs = runner(forged, tmp_path)(case.training(secrets=with_rate(case.secrets, FULL // 2)))
    update, zeros = training_update(TINY_RATE, **case.training())
    assert rate_of(TINY_RATE, case.secrets) == FULL
    assert outputs == {"update": update, "zeros": zeros, "rate": [FULL // 2]}


@pytest.mark.parametrize(
    ("graph", "valid"), [(Control, True), (Unrated, False), (OtherRate, False)]
)
def test_a_graph_that_states_another_rate_than_it_uses_has_no_proof(
    graph: type[LogisticStep],
    valid: bool,  # noqa: FBT001 - a parameter of the test
    built: BuiltCircuit,
    case: "Case",
    forged_verifies: "Forge",
) -> None:
    vectors = case.training(secrets=with_rate(case.secrets, FULL // 2))

    def made() -> torch.nn.Module:
        return graph(TINY_RATE)

    assert forged_verifies(built, made, vectors) is valid


def test_the_slack_has_a_rescale_more() -> None:
    assert rescale_slack(TINY, 2.0) < rescale_slack(TINY_RATE, 2.0) <= rescale_slack(TINY, 2.0) + 2
    rated = CircuitSpec.model_validate(TINY_SOFTMAX.model_dump() | {"rate_bits": 10})
    plain = softmax.rescale_slack(TINY_SOFTMAX, 2.0)
    assert plain < softmax.rescale_slack(rated, 2.0) <= plain + 2


@pytest.mark.parametrize("rate", [0, -1, FULL + 1, SCALAR_MODULUS + 1])
def test_a_rate_out_of_range_is_not_packed(rate: int) -> None:
    blinders = ([1] * TINY.update_blinders, [1] * TINY.own_blinders)
    with pytest.raises(LayoutError, match=f"rate {rate} is not from 1 to 1024"):
        pack_secrets(TINY_RATE, [0] * TINY.parameters, *blinders, rate)


def test_circuits_without_a_rate_take_none() -> None:
    blinders = ([1] * TINY.update_blinders, [1] * TINY.own_blinders)
    with pytest.raises(LayoutError, match=r"rate 5 is given to circuits \(tiny\) that take none"):
        pack_secrets(TINY, [0] * TINY.parameters, *blinders, 5)
    secrets = pack_secrets(TINY, [0] * TINY.parameters, *blinders)
    assert (len(secrets), rate_of(TINY, secrets)) == (TINY.secrets_length, 1)


def test_a_rate_finer_than_the_numbers_is_refused() -> None:
    with pytest.raises(SpecError, match="rate_bits 11 is more than scale_bits 10"):
        CircuitSpec.model_validate(TINY.model_dump() | {"rate_bits": 11})


def test_specs_without_a_rate_keep_their_bytes() -> None:
    assert "rate_bits" not in TINY.model_dump()
    assert "rate_bits" not in repr(TINY)
    assert TINY_RATE.model_dump()["rate_bits"] == TINY_RATE.rate_bits
