"""A prover who cheats about classes gets no proof that verifies, or one that shows it.

Labels that are no class are for the admission circuit to refuse, a step that is not the gradient
for the training circuit's keys.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor

from zkfl.field import to_field, to_signed
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import TINY_SOFTMAX, get_instance
from zkfl.zk_circuits.layout import unpack_data
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import StatementError, prove
from zkfl.zk_circuits.softmax_training.module import SoftmaxStep
from zkfl.zk_circuits.training_step import Parameters, ShardTensors

if TYPE_CHECKING:
    from conftest import Case, Forge, MakeSrs

Verifies = Callable[[Callable[[], torch.nn.Module]], bool]
DEADLINE = 120.0
SPEC = TINY_SOFTMAX
ONE = SPEC.one
LABELS = SPEC.slots * (SPEC.features + 1)
CLASSES = SPEC.label_columns
UNUSED = LABELS + (SPEC.slots - 1) * CLASSES
FIRST = "zkfl.zk_circuits.softmax_training.module."


@pytest.fixture(scope="module")
def training(make_srs: "MakeSrs", cache: Path) -> BuiltCircuit:
    return build_circuit(get_instance(SPEC.name).training, make_srs(SPEC.logrows), cache)


@pytest.fixture(scope="module")
def admission(make_srs: "MakeSrs", cache: Path) -> BuiltCircuit:
    return build_circuit(get_instance(SPEC.name).admission, make_srs(SPEC.logrows), cache)


@pytest.fixture
def case(honest_case: "Callable[..., Case]") -> "Case":
    """Logits so near to each other that no forgery leaves a table, where a prover never ends."""
    case = honest_case(SPEC)
    small = [to_field(to_signed(value) // 32) for value in case.model[: SPEC.parameters]]
    return replace(case, model=[*small, *case.model[SPEC.parameters :]])


@pytest.fixture
def verifies(training: BuiltCircuit, case: "Case", forged_verifies: "Forge") -> Verifies:
    return lambda graph: forged_verifies(training, graph, case.training())


def test_an_honest_step_is_proved(training: BuiltCircuit, case: "Case") -> None:
    proof = prove(training, case.training(), DEADLINE)
    assert proof.points["zeros"] == training.manifest.zero_point()
    assert valid_proofs(training, [proof.data]) == [True]


class Replaced(SoftmaxStep):
    """The honest step with another part of its forward pass."""

    def __init__(self, **parts: Callable[..., Tensor]) -> None:
        super().__init__(SPEC)
        self.parts = parts

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        with pytest.MonkeyPatch.context() as patch:
            for name, part in self.parts.items():
                patch.setattr(FIRST + name, part)
            return super().local_step(shard, parameters)


class AnotherClass(SoftmaxStep):
    """Takes every record for one of the next class."""

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        moved = torch.cat([shard.labels[:, 1:], shard.labels[:, :1]], dim=1)
        return super().local_step(shard._replace(labels=moved), parameters)


def below_smallest(_spec: object, logits: Tensor) -> Tensor:
    """The smallest logit in the place of the largest, by the same operations."""
    smallest = logits[:, :1]
    for place in range(1, CLASSES):
        other = logits[:, place : place + 1]
        smallest = other - torch.relu(other - smallest)
    return torch.relu(logits - smallest + SPEC.logit_bound) - SPEC.logit_bound


def inverted(below: Tensor) -> Tensor:
    """The sum over an exponential in the place of the reverse."""
    return torch.exp(torch.log(torch.exp(below).sum(1, keepdim=True)) - below)


def test_the_control_verifies(verifies: Verifies) -> None:
    assert verifies(Replaced)


@pytest.mark.parametrize(
    "graph",
    [
        lambda: Replaced(below_largest=below_smallest),
        lambda: Replaced(class_probabilities=inverted),
        lambda: AnotherClass(SPEC),
    ],
    ids=["the smallest", "inverted", "another class"],
)
def test_a_forged_step_does_not_verify(
    graph: Callable[[], torch.nn.Module], verifies: Verifies
) -> None:
    assert not verifies(graph)


def set_label(place: int, *values: int) -> Callable[[list[int]], None]:
    def change(data: list[int]) -> None:
        data[place : place + len(values)] = [to_field(value) for value in values]

    return change


@pytest.mark.parametrize(
    "change",
    [
        set_label(LABELS, ONE, ONE, 0),
        set_label(LABELS, 0, 0, 0),
        set_label(LABELS, ONE // 2, ONE // 2, 0),
        set_label(LABELS, 2 * ONE, -ONE, 0),
        set_label(LABELS, ONE - 1, 1, 0),
        set_label(UNUSED, ONE, 0, 0),
        set_label(UNUSED, ONE, -ONE, 0),
    ],
    ids=["two", "none", "halves", "sum", "a unit", "unused", "unused sum"],
)
def test_a_label_that_is_not_one_class_has_other_zeros(
    change: Callable[[list[int]], None], admission: BuiltCircuit, case: "Case"
) -> None:
    data = list(case.data)
    change(data)
    with pytest.raises(StatementError, match="of the zeros are not zero"):
        prove(admission, case.admission(data=data), DEADLINE)
    proof = prove(admission, case.admission(data=data), DEADLINE, require_zeros=False)
    assert proof.points["zeros"] != admission.manifest.zero_point()


def test_an_honest_shard_is_admitted(admission: BuiltCircuit, case: "Case") -> None:
    labels = unpack_data(SPEC, case.data).labels
    assert np.count_nonzero(labels) == case.count
    proof = prove(admission, case.admission(), DEADLINE)
    assert proof.points["zeros"] == admission.manifest.zero_point()
