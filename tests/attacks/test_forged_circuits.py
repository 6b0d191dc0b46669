"""A prover with a circuit of its own, compiled under the honest settings and proving key.

EZKL's prover fills the advice columns from whatever graph it is given; the fixed columns,
the permutation and the lookups are those of the honest keys. A graph that computes
something else either leaves a constraint unsatisfied, so that its proof does not verify, or
does not prove at all.
"""

import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

from zkfl.fixed_point import dyadic
from zkfl.zk_circuits.assertions import not_above_zero
from zkfl.zk_circuits.ezkl_calls import EzklError
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.logistic_training.module import LogisticStep
from zkfl.zk_circuits.spec import DITHER_BITS, CircuitSpec
from zkfl.zk_circuits.training_step import Parameters, ShardTensors, coarse

if TYPE_CHECKING:
    from conftest import Arena, Forge

Refused = Callable[[str], AbstractContextManager[Any]]
Outputs = tuple[Tensor, Tensor]

NOISE_BOUND = 1 << 23
FAR_TOO_LOUD = 10 << DITHER_BITS


class HonestGraph(LogisticStep):
    """The control: forged in the same way, it is the honest proof."""


class ZerosTimesZero(LogisticStep):
    """Multiplies what should be zero by zero."""

    def forward(self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor) -> Outputs:
        update, zeros = super().forward(data, model, secrets, public)
        return update, zeros * 0.0


class ZerosMinusThemselves(LogisticStep):
    def forward(self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor) -> Outputs:
        update, zeros = super().forward(data, model, secrets, public)
        return update, zeros - zeros


class ZerosFromSecrets(LogisticStep):
    """Outputs entries that the prover chose, and chose to be zero."""

    def forward(self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor) -> Outputs:
        update, _ = super().forward(data, model, secrets, public)
        chosen = secrets[TINY.model_length :]
        return update, torch.cat([chosen, public[:1] - public[:1]])


class OtherNoiseChecked(LogisticStep):
    """Checks four harmless numbers in the place of the noise that it adds."""

    def forward(self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor) -> Outputs:
        delta = self._delta(self._unpack(data), coarse(model[: TINY.parameters]), None)
        noise, checked = secrets[: TINY.parameters], secrets[TINY.model_length :]
        noised = delta * float(2**DITHER_BITS) + noise
        update = torch.cat([noised, secrets[TINY.parameters : TINY.model_length]])
        squared = torch.matmul(delta.reshape(1, -1), delta.reshape(-1, 1)).reshape(1)
        excess = torch.cat([squared - TINY.clip**2, checked.abs() - public[:1]])
        return update, not_above_zero(excess)


class FourfoldLearningRate(LogisticStep):
    """The same layout with another constant: a scaled update."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__(spec)
        self.step = dyadic(4 * spec.learning_rate / spec.slots, spec.scale_bits)


class LittleDecay(LogisticStep):
    """An eighth of the L2 term."""

    def __init__(self, spec: CircuitSpec) -> None:
        super().__init__(spec)
        self.decay = dyadic(spec.l2 / 8, spec.scale_bits)


class AddedLabels(LogisticStep):
    """Adds labels where it should subtract them: other gates in the same cells."""

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        residual = torch.sigmoid(self._logits(shard, parameters)) + shard.labels
        gradient = torch.matmul(shard.records.T, residual)
        gradient = self._with_decay(gradient, shard, parameters)
        return gradient / float(2**self.step.shift) * -(self.step.mantissa / self.spec.one)


class AnotherTable(LogisticStep):
    """Replaces the sigmoid, and so the table that its lookups are proven against."""

    def local_step(self, shard: ShardTensors, parameters: Parameters) -> Tensor:
        residual = torch.tanh(self._logits(shard, parameters)) - shard.labels
        gradient = torch.matmul(shard.records.T, residual)
        gradient = self._with_decay(gradient, shard, parameters)
        return gradient / float(2**self.step.shift) * -(self.step.mantissa / self.spec.one)


LOUD = [ZerosTimesZero, ZerosMinusThemselves, ZerosFromSecrets, OtherNoiseChecked]
STEPS = [FourfoldLearningRate, LittleDecay, AddedLabels, AnotherTable]


def refused_or_unproven(arena: "Arena", refused: Refused, prove: Callable[[], bytes]) -> None:
    """The forger gets no proof at all, or one that the chain refuses."""
    try:
        proof = prove()
    except (EzklError, subprocess.SubprocessError):
        return
    with refused("InvalidProof"):
        arena.router.require_valid(arena.chain.config().training_circuit, proof)
    with refused("InvalidProof"):
        arena.send("ada", proof)


def test_the_control_is_taken(arena: "Arena", forge: "Forge") -> None:
    proof = forge(lambda: HonestGraph(TINY), arena.training_inputs("ada"))
    arena.send("ada", proof)
    assert arena.chain.participation(1, arena.nodes["ada"].address).submitted


@pytest.mark.parametrize("graph", LOUD)
def test_noise_over_the_bound_with_forged_zeros(
    graph: type[LogisticStep], arena: "Arena", forge: "Forge", refused: Refused
) -> None:
    secrets = [FAR_TOO_LOUD, *arena.secrets("ada")[1 : TINY.model_length], 0, 0, 0, 0]
    inputs = arena.training_inputs("ada", secrets=secrets)
    proof = forge(lambda: graph(TINY), inputs)
    arena.require_links(proof, "ada")
    with refused("InvalidProof"):
        arena.send("ada", proof)


@pytest.mark.parametrize("graph", STEPS)
def test_another_step(
    graph: type[LogisticStep], arena: "Arena", forge: "Forge", refused: Refused
) -> None:
    inputs = arena.training_inputs("ada")
    refused_or_unproven(arena, refused, lambda: forge(lambda: graph(TINY), inputs))


def test_the_public_noise_bound_is_not_the_graphs_to_change(
    arena: "Arena", forge: "Forge", refused: Refused
) -> None:
    """A wide bound in the public column is sound, and is not what the contract asks for."""
    context = arena.chain.training_context(arena.nodes["ada"].address, 1)
    secrets = [FAR_TOO_LOUD, *arena.secrets("ada")[1:]]
    inputs = arena.training_inputs(
        "ada", secrets=secrets, public=pack_public(FAR_TOO_LOUD, context)
    )
    proof = forge(lambda: HonestGraph(TINY), inputs)
    with refused("PublicScalarsMismatch"):
        arena.send("ada", proof)
