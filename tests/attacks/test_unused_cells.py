"""Cells past a vector's end are the prover's: harmless where they matter, refused elsewhere.

A hospital lengthens a tensor in a graph of its own and proves under the honest key. The
constraints do not see the new cells, the commitment does.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

import pytest
import torch
from torch import Tensor

from zkfl.chain.states import BlameReason, FailureReason
from zkfl.commitments import masked_commitment
from zkfl.curve import G1Point
from zkfl.field import random_elements
from zkfl.vector_opening import VectorOpeningError, open_vector
from zkfl.zk_circuits.instances import TINY
from zkfl.zk_circuits.logistic_training.module import LogisticStep
from zkfl.zk_circuits.prover import read_points

if TYPE_CHECKING:
    from conftest import Arena, Forge

Refused = Callable[[str], AbstractContextManager[Any]]
Outputs = tuple[Tensor, Tensor]


class LongUpdate(LogisticStep):
    """Appends its own blinders to the update."""

    def forward(self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor) -> Outputs:
        update, zeros = super().forward(data, model, secrets, public)
        return torch.cat([update, secrets[TINY.model_length :]]), zeros


class LongZeros(LogisticStep):
    """Appends an entry to the zeros."""

    def forward(self, data: Tensor, model: Tensor, secrets: Tensor, public: Tensor) -> Outputs:
        update, zeros = super().forward(data, model, secrets, public)
        return update, torch.cat([zeros, secrets[TINY.model_length : TINY.model_length + 1]])


class ReadsAll(LogisticStep):
    """Takes inputs longer than agreed, and uses them as agreed."""


def test_a_longer_update_proves_but_opens_nothing(arena: "Arena", forge: "Forge") -> None:
    """The proof is sound and the round closes; its maker cannot reveal, and is excluded."""
    inputs = arena.training_inputs("bay")
    proof = forge(lambda: LongUpdate(TINY), inputs, update=TINY.own_blinders)
    arena.submit_all(but="bay")
    node = arena.nodes["bay"]
    arena.submit_by_hand("bay", proof=proof)

    committed = arena.chain.participation(1, node.address).update
    honest = arena.honest_update("bay")
    assert committed != arena.committer.commit(honest)
    tail = arena.secrets("bay")[TINY.model_length :]
    assert committed == arena.committer.commit(honest + tail)

    arena.coordinator.close_round(1)
    arena.coordinator.announce_sum(1)
    arena.nodes["ada"].open_sum(1)
    masked, zero = arena.masked("bay"), arena.committer.zero
    part = arena.chain.participation(1, node.address)
    claimed = masked_commitment(part.update, part.weight, part.mask, zero)
    with pytest.raises(VectorOpeningError, match="does not open"):
        open_vector(arena.committer.srs, claimed, masked)
    for name in ("ada", "cay"):
        arena.nodes[name].reveal(1)
    arena.push()
    arena.require_excluded("bay", reason=BlameReason.UPDATE_NOT_REVEALED)
    arena.require_failed(FailureReason.UPDATES_NOT_REVEALED)


def test_a_longer_zeros_column_is_refused(arena: "Arena", forge: "Forge", refused: Refused) -> None:
    proof = forge(lambda: LongZeros(TINY), arena.training_inputs("ada"), zeros=1)
    with refused("ZeroCommitmentMismatch"):
        arena.send("ada", proof)


@pytest.mark.parametrize(
    ("tensor", "error"),
    [
        ("public", "PublicScalarsMismatch"),
        ("model", "ModelCommitmentMismatch"),
        ("data", "DataCommitmentMismatch"),
    ],
)
def test_a_longer_input_is_refused_by_its_link(
    tensor: str, error: str, arena: "Arena", forge: "Forge", refused: Refused
) -> None:
    inputs = arena.training_inputs("ada")
    inputs[tensor] = inputs[tensor] + random_elements(2)
    proof = forge(lambda: ReadsAll(TINY), inputs, **{tensor: 2})
    arena.router.require_valid(arena.chain.config().training_circuit, proof)
    with refused(error):
        arena.send("ada", proof)


def test_a_longer_secrets_column_is_the_provers_own_affair(arena: "Arena", forge: "Forge") -> None:
    inputs = arena.training_inputs("ada")
    inputs["secrets"] = inputs["secrets"] + random_elements(2)
    proof = forge(lambda: ReadsAll(TINY), inputs, secrets=2)
    arena.send("ada", proof)
    point = read_points(arena.circuits.training.definition, proof)["update"]
    assert G1Point(*point) == arena.committer.commit(arena.honest_update("ada"))
