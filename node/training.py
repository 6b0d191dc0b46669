"""The training step of a round: its inputs, its proof, and the update that it proves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from zkfl.curve import G1Point
from zkfl.errors import ZkflError
from zkfl.field import random_elements
from zkfl.node.noise import bounded_noise
from zkfl.node.round_journal import RoundJournal
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.layout import pack_secrets
from zkfl.zk_circuits.prover import Proof, read_points
from zkfl.zk_circuits.spec import CircuitSpec


class UpdateMismatchError(ZkflError):
    """A kept update or its proof is not what this round asks for."""


class TrainingProver(Protocol):
    """Proves a training step; in this process tree or elsewhere in the hospital."""

    def __call__(self, inputs: dict[str, list[int]]) -> Proof:
        """Return a verified proof; ``inputs`` are field elements by tensor name."""
        ...


@dataclass(frozen=True)
class TrainingInputs:
    """What a training proof of one round is about.

    Attributes
    ----------
    data
        The selected shard's vector, ``data_length`` field elements.
    model
        ``G``, ``M`` field elements at scale ``s + 39``.
    public
        Noise bound (integer at scale ``s + 23``) and training context.
    rate
        Of the round; None where circuits take none.
    """

    data: list[int] = field(repr=False)
    model: list[int] = field(repr=False)
    public: list[int]
    rate: int | None = None


@dataclass(frozen=True)
class ProvenUpdate:
    """An update with its proof.

    Attributes
    ----------
    vector
        ``M`` field elements: noised deltas at scale ``s + 23``, then blinders.
    proof
        As the contract takes it.
    """

    vector: list[int] = field(repr=False)
    proof: bytes = field(repr=False)


def prove_update(
    spec: CircuitSpec, inputs: TrainingInputs, prover: TrainingProver, journal: RoundJournal
) -> ProvenUpdate:
    """Prove one training step, or return what an earlier run of this round left."""
    done = _proven_before(spec, journal)
    if done is not None:
        return done
    secrets = _secrets(spec, inputs, journal)
    proof = prover(
        {
            "data": inputs.data,
            "model": inputs.model,
            "secrets": secrets,
            "public": inputs.public,
        }
    )
    journal.keep_vector("update", proof.outputs["update"])
    journal.keep_proof(proof.data)
    return ProvenUpdate(proof.outputs["update"], proof.data)


def require_linked(
    proof: bytes, circuit: CircuitDefinition, expected: Mapping[str, G1Point]
) -> None:
    """Check that a proof commits to this round's inputs and to the update beside it.

    A kept update that was damaged would spoil the sum of the whole cohort.

    Parameters
    ----------
    proof
        As the contract takes it.
    circuit
        The training circuit.
    expected
        Commitments by tensor name: the shard's and the model's as the chain holds them, and
        those of the public scalars and of the kept update.

    Raises
    ------
    UpdateMismatchError
        It commits to something else.
    InvalidProofError
        The proof is too short to commit to anything.
    """
    points = read_points(circuit, proof)
    wrong = [name for name, point in expected.items() if points[name] != tuple(point)]
    if wrong:
        raise UpdateMismatchError(
            f"the kept proof commits to another {', '.join(wrong)} than this round's: the "
            "journal of the round is damaged or belongs to another round. Sit this round out: a "
            "second proof would open the update once more"
        )


def _proven_before(spec: CircuitSpec, journal: RoundJournal) -> ProvenUpdate | None:
    proof, vector = journal.proof(), journal.vector("update", spec.model_length)
    return None if proof is None or vector is None else ProvenUpdate(vector, proof)


def _secrets(spec: CircuitSpec, inputs: TrainingInputs, journal: RoundJournal) -> list[int]:
    """Draw the secrets once; a proof repeated after a restart is over the same update."""
    kept = journal.vector("secrets", spec.secrets_length)
    if kept is not None:
        return kept
    secrets = pack_secrets(
        spec,
        bounded_noise(spec.parameters, inputs.public[0]),
        random_elements(spec.update_blinders),
        random_elements(spec.own_blinders),
        inputs.rate,
    )
    journal.keep_vector("secrets", secrets)
    return secrets
