"""Bounds of a training proof, broken: the zeros are not committed to by ``U``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.field import to_field
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.ezkl_calls import EzklError
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.prover import StatementError, prove
from zkfl.zk_circuits.spec import CircuitSpec
from zkfl.zk_circuits.training_circuit import define

if TYPE_CHECKING:
    from conftest import Case, Run

DEADLINE = 120.0


@pytest.mark.parametrize("sign", [1, -1])
def test_noise_at_its_bound_is_proved(sign: int, training: BuiltCircuit, case: "Case") -> None:
    secrets = [to_field(sign * case.noise_bound), *case.secrets[1:]]
    proof = prove(training, case.training(secrets=secrets), DEADLINE)
    assert proof.points["zeros"] == training.manifest.zero_point()


@pytest.mark.parametrize("sign", [1, -1])
def test_noise_one_unit_over_its_bound_proves_only_other_zeros(
    sign: int, training: BuiltCircuit, case: "Case"
) -> None:
    secrets = [to_field(sign * (case.noise_bound + 1)), *case.secrets[1:]]
    vectors = case.training(secrets=secrets)
    with pytest.raises(StatementError, match=r"entries \[1\] of the zeros"):
        prove(training, vectors, DEADLINE)
    proof = prove(training, vectors, DEADLINE, require_zeros=False)
    assert proof.points["zeros"] != training.manifest.zero_point()


def test_noise_of_field_size_has_no_witness(training: BuiltCircuit, case: "Case") -> None:
    secrets = [1 << 200, *case.secrets[1:]]
    with pytest.raises(EzklError, match="failed to compute the witness"):
        prove(training, case.training(secrets=secrets), DEADLINE)


def test_an_update_over_the_clip_has_another_first_zero(
    runner: Callable[..., "Run"],
    honest_case: Callable[[CircuitSpec], "Case"],
    tmp_path: Path,
) -> None:
    spec = CircuitSpec.model_validate(TINY.model_dump() | {"clip": 2**-4, "learning_rate": 4.0})
    zeros = runner(define(spec, committed=False), tmp_path)(honest_case(spec).training())["zeros"]
    assert zeros[0] != 0
    assert not any(zeros[1:])
