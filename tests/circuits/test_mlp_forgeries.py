"""A prover with an MLP of its own under the honest keys gets no proof that verifies.

EZKL fills the cells from whatever graph it is given; what is fixed, copied or looked up is that
of the honest keys. How the contract takes proofs is the same for every family; see
`tests/attacks/`.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor

from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import TINY_MLP, get_instance
from zkfl.zk_circuits.mlp_training.module import Hidden, Layers, MlpStep, RateShifts
from zkfl.zk_circuits.prover import prove
from zkfl.zk_circuits.training_step import Parameters, ShardTensors

if TYPE_CHECKING:
    from conftest import Case, Forge, MakeSrs

Verifies = Callable[[Callable[[], torch.nn.Module]], bool]
DEADLINE = 120.0
HIDDEN = 2


class Control(MlpStep):
    """Forged in the same way, it is the honest proof."""


class ScaledUpdate(MlpStep):
    """Twice the learning rate."""

    def __init__(self) -> None:
        super().__init__(TINY_MLP, HIDDEN)
        self.rate = RateShifts(self.rate.early, self.rate.late - 1)


class ForgedHidden(Hidden):
    """The ReLU's other side: another gate in the same cells."""

    def __init__(self, records: Tensor, layers: Layers) -> None:
        before = torch.matmul(records, layers.first.part())
        sign = torch.sign(before)
        self.doubled = before - before * sign
        self.active = sign + 1.0


class ForgedActive(Hidden):
    """The derivative's other side."""

    def __init__(self, records: Tensor, layers: Layers) -> None:
        before = torch.matmul(records, layers.first.part())
        sign = torch.sign(before)
        self.doubled = before + before * sign
        self.active = sign - 1.0


class ForgedLayer(MlpStep):
    """Takes a hidden layer that was chosen."""

    def __init__(self, layer: type[Hidden]) -> None:
        super().__init__(TINY_MLP, HIDDEN)
        self.layer = layer

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("zkfl.zk_circuits.mlp_training.module.Hidden", self.layer)
            return super().local_step(shard, parameters)


def other_beginning() -> MlpStep:
    choice = TINY_MLP.model.model_copy(update={"seed": 2})
    return MlpStep(TINY_MLP.model_copy(update={"model": choice}), HIDDEN)


@pytest.fixture(scope="module")
def mlp(make_srs: "MakeSrs", cache: Path) -> BuiltCircuit:
    return build_circuit(get_instance("tiny-mlp").training, make_srs(TINY_MLP.logrows), cache)


@pytest.fixture
def case(honest_case: "Callable[..., Case]") -> "Case":
    return honest_case(TINY_MLP)


@pytest.fixture
def verifies(mlp: BuiltCircuit, case: "Case", forged_verifies: "Forge") -> Verifies:
    return lambda graph: forged_verifies(mlp, graph, case.training())


def test_an_honest_proof_is_accepted(mlp: BuiltCircuit, case: "Case") -> None:
    proof = prove(mlp, case.training(), DEADLINE)
    assert proof.points["zeros"] == mlp.manifest.zero_point()


def test_the_control_verifies(verifies: Verifies) -> None:
    assert verifies(lambda: Control(TINY_MLP, HIDDEN))


@pytest.mark.parametrize(
    "graph",
    [
        ScaledUpdate,
        lambda: ForgedLayer(ForgedHidden),
        lambda: ForgedLayer(ForgedActive),
        other_beginning,
    ],
    ids=["scaled update", "another ReLU", "another derivative", "another beginning"],
)
def test_a_forged_step_does_not_verify(
    graph: Callable[[], torch.nn.Module], verifies: Verifies
) -> None:
    assert not verifies(graph)


def test_a_proof_about_another_model_shows_it(
    mlp: BuiltCircuit, case: "Case", honest_case: "Callable[..., Case]"
) -> None:
    other = honest_case(TINY_MLP, 1)
    here = prove(mlp, case.training(), DEADLINE)
    elsewhere = prove(mlp, case.training(model=other.model), DEADLINE)
    assert here.points["model"] != elsewhere.points["model"]
    assert here.points["data"] == elsewhere.points["data"]
