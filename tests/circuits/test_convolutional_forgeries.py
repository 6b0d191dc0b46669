"""A prover with a convolutional net of its own under the honest keys gets no valid proof.

How the contract takes proofs is the same for every family; see `tests/attacks/`.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torch import Tensor

from zkfl.field import to_field
from zkfl.fixed_point import IntArray, dyadic
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.convolutional_training import module
from zkfl.zk_circuits.convolutional_training.module import ConvolutionalStep
from zkfl.zk_circuits.convolutional_training.patches import patch_places
from zkfl.zk_circuits.instances import TINY_CNN, get_instance
from zkfl.zk_circuits.model_choice import ConvolutionalChoice
from zkfl.zk_circuits.onnx_export import export_onnx
from zkfl.zk_circuits.prover import StatementError, prove
from zkfl.zk_circuits.rectifier import Rectified

if TYPE_CHECKING:
    from conftest import Case, Forge, MakeSrs

Graph = Callable[[], torch.nn.Module]
DEADLINE = 240.0


def honest_graph(*, seed: int = 1) -> ConvolutionalStep:
    choice = ConvolutionalChoice(side=4, filters=2, seed=seed)
    return ConvolutionalStep(TINY_CNN.model_copy(update={"model": choice}), choice)


def scaled_update() -> ConvolutionalStep:
    graph = honest_graph()
    graph.step = dyadic(4 * TINY_CNN.learning_rate / TINY_CNN.slots, TINY_CNN.scale_bits)
    return graph


class Replaced(ConvolutionalStep):
    """The honest graph but for one of the functions that it is made with."""

    def __init__(self, name: str, forged: object) -> None:
        assert isinstance(TINY_CNN.model, ConvolutionalChoice)
        super().__init__(TINY_CNN, TINY_CNN.model)
        self.name, self.forged = name, forged

    def forward(
        self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor
    ) -> tuple[Tensor, Tensor]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, self.name, self.forged)
            return super().forward(data, model, secrets, public)


def negated_maps(values: Tensor) -> Rectified:
    """The same cells, another gate: what the ReLU should have dropped."""
    sign = torch.sign(values)
    return Rectified(values - values * sign, sign + 1.0)


def more_active(values: Tensor) -> Rectified:
    """The same cells, another constant: a larger derivative."""
    sign = torch.sign(values)
    return Rectified(values + values * sign, sign + 2.0)


def mirrored_places(side: int) -> IntArray:
    """The same cells, other copies: the image upside down."""
    places = patch_places(side)
    rows, columns = np.divmod(places[..., :-1], side)
    mirrored = (side - 1 - rows) * side + columns
    return np.concatenate([mirrored, places[..., -1:]], axis=-1)


FORGERIES: dict[str, Graph] = {
    "scaled update": scaled_update,
    "another beginning": lambda: honest_graph(seed=2),
    "negated maps": lambda: Replaced("rectified", negated_maps),
    "another derivative": lambda: Replaced("rectified", more_active),
    "another image": lambda: Replaced("patch_places", mirrored_places),
}


@pytest.fixture(scope="module")
def built(make_srs: "MakeSrs", cache: Path) -> BuiltCircuit:
    return build_circuit(get_instance("tiny-cnn").training, make_srs(TINY_CNN.logrows), cache)


@pytest.fixture
def case(honest_case: "Callable[..., Case]") -> "Case":
    return honest_case(TINY_CNN)


def test_an_honest_proof_is_accepted(built: BuiltCircuit, case: "Case") -> None:
    proof = prove(built, case.training(), DEADLINE)
    assert proof.points["zeros"] == built.manifest.zero_point()


def test_the_control_verifies(built: BuiltCircuit, case: "Case", forged_verifies: "Forge") -> None:
    assert forged_verifies(built, honest_graph, case.training())


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_step_does_not_verify(
    name: str, built: BuiltCircuit, case: "Case", forged_verifies: "Forge"
) -> None:
    assert not forged_verifies(built, FORGERIES[name], case.training())


def test_forgeries_are_other_graphs(built: BuiltCircuit) -> None:
    def written(graph: Graph) -> bytes:
        return export_onnx(replace(built.definition, module=graph))

    honest = export_onnx(built.definition)
    assert written(honest_graph) == honest
    assert all(written(graph) != honest for graph in FORGERIES.values())


def test_noise_one_unit_over_its_bound_proves_only_other_zeros(
    built: BuiltCircuit, case: "Case"
) -> None:
    secrets = [to_field(case.noise_bound + 1), *case.secrets[1:]]
    with pytest.raises(StatementError, match=r"entries \[1\] of the zeros"):
        prove(built, case.training(secrets=secrets), DEADLINE)


@pytest.mark.parametrize("name", ["data", "model"])
def test_a_proof_about_other_vectors_shows_it(
    name: str, built: BuiltCircuit, case: "Case", honest_case: "Callable[..., Case]"
) -> None:
    """The contract compares these points with the admitted shard's and the round's model."""
    other = getattr(honest_case(TINY_CNN, 1), name)
    here = prove(built, case.training(), DEADLINE).points
    elsewhere = prove(built, case.training(**{name: other}), DEADLINE).points
    assert here[name] != elsewhere[name]
    [kept] = {"data", "model"} - {name}
    assert here[kept] == elsewhere[kept]
