"""The proof of benefit of a final round: what it is about, and the proof, made once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from zkfl.chain.registry import Registry
from zkfl.chain.states import Round
from zkfl.common_ground import CommonGround
from zkfl.errors import ZkflError
from zkfl.field import SCALAR_MODULUS
from zkfl.model_vector import found_model, model_hash_before
from zkfl.node.round_journal import RoundJournal
from zkfl.zk_circuits.benefit.reference import highest_level
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.prover import Proof, read_points

_PROOF = "benefit"


class BenefitError(ZkflError):
    """A benefit cannot be proven, or must not be proven again."""


@dataclass(frozen=True)
class OwnPart:
    """A member's update in a round, ``M`` field elements, and its weight."""

    update: list[int] = field(repr=False)
    weight: int


@dataclass(frozen=True)
class BenefitStatement:
    """The highest level that a member can prove, and the vectors that it is about.

    Attributes
    ----------
    level
        Sixteenths of a cosine.
    inputs
        Field elements by tensor name.
    """

    level: int
    inputs: dict[str, list[int]] = field(repr=False)


def state_benefit(
    registry: Registry, ground: CommonGround, round_id: int, own: OwnPart, context: int
) -> BenefitStatement:
    """Compute the others' sum ``R = G' - G - w*u`` from two models, and the level.

    Raises
    ------
    ModelMismatchError, ArtifactError, FieldError
        A model is missing, or is not what the chain commits to.
    """
    state = registry.round(round_id)
    before = _model_before(registry, ground, round_id, state)
    after = found_model(
        registry,
        ground.store,
        ground.committer,
        state.model_hash,
        ground.spec.model_length,
        state.model_after,
    )
    rest = rest_of_sum(before, after, own)
    bound = ground.noise_bound
    level = highest_level(ground.spec, own.update, rest, bound)
    inputs = {"update": own.update, "rest": rest, "bound": [bound]}
    return BenefitStatement(level, inputs | {"public": pack_public(level, context)})


def rest_of_sum(before: Sequence[int], after: Sequence[int], own: OwnPart) -> list[int]:
    """Return ``G' - G - w*u mod p``, ``M`` field elements."""
    entries = zip(before, after, own.update, strict=True)
    return [(g_after - g - own.weight * u) % SCALAR_MODULUS for g, g_after, u in entries]


def prove_once(
    statement: BenefitStatement,
    circuit: BuiltCircuit,
    ground: CommonGround,
    prover: Callable[[BuiltCircuit, dict[str, list[int]]], Proof],
    journal: RoundJournal,
) -> bytes:
    """Return the proof; a kept one is sent again, as every other proof opens the update once more.

    Raises
    ------
    BenefitError
        The kept proof is about something else.
    """
    kept = journal.proof(_PROOF)
    if kept is None:
        proof = prover(circuit, statement.inputs).data
        journal.keep_proof(proof, _PROOF)
        return proof
    points = read_points(circuit.definition, kept)
    commit = ground.committer.commit
    wrong = [n for n, v in statement.inputs.items() if points[n] != tuple(commit(v))]
    if wrong:
        raise BenefitError(
            f"the kept proof of benefit commits to another {', '.join(wrong)} than this round's: "
            "restore the round's folder from a copy. A second proof would open the update more "
            "often than its blinders allow for; without one, this round counts as level 0"
        )
    return kept


def _model_before(
    registry: Registry, ground: CommonGround, round_id: int, state: Round
) -> list[int]:
    """Return G: the model of the final round before this one, or zero."""
    return found_model(
        registry,
        ground.store,
        ground.committer,
        model_hash_before(registry, round_id),
        ground.spec.model_length,
        state.model_before,
    )
