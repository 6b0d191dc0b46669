"""What the contracts store, as Python values; mirrors ``ConsortiumTypes.sol``.

Field order is the contract's: values are packed and unpacked by position.
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any

from zkfl.curve import G1Point

__all__ = [
    "UNSTATED",
    "Benefit",
    "BlameReason",
    "ConsortiumConfig",
    "FailureReason",
    "G1Point",
    "Member",
    "Nomination",
    "Participation",
    "Round",
    "RoundStatus",
    "Route",
    "Shard",
    "WeightRule",
]


UNSTATED = bytes(32)
"""What the chain shows for a hash that nobody has stated."""


class WeightRule(IntEnum):
    """How admitted record counts become shares of a round."""

    RECORDS = 0
    CAPPED = 1
    SQUARE_ROOT = 2
    EQUAL = 3
    BENEFIT = 4


class RoundStatus(IntEnum):
    """Where a round stands; only ``FINAL`` moves the model."""

    NONE = 0
    OPEN = 1
    DISPUTED = 2
    CLOSED = 3
    PUBLISHED = 4
    REVEALING = 5
    FINAL = 6
    FAILED = 7

    @property
    def in_progress(self) -> bool:
        """Whether somebody is to act before the next round can open."""
        return self not in {RoundStatus.NONE, RoundStatus.FINAL, RoundStatus.FAILED}


class FailureReason(IntEnum):
    """Why a round failed."""

    NONE = 0
    TOO_FEW_SUBMISSIONS = 1
    TOO_FEW_AFTER_DISPUTE = 2
    UPDATES_NOT_REVEALED = 3
    MODEL_NOT_OPENED = 4
    INVALID_PROOF = 5


class BlameReason(IntEnum):
    """Why a member was excluded."""

    NONE = 0
    MASK_NOT_SPLIT = 1
    MASK_DISPUTED = 2
    UPDATE_NOT_REVEALED = 3
    FALSE_ACKNOWLEDGEMENT = 4
    INVALID_PROOF = 5


@dataclass(frozen=True)
class ConsortiumConfig:
    """What a consortium agrees on before anything else; none of it can change.

    Attributes
    ----------
    srs_hash
        SHA-256 of the SRS file, 32 bytes.
    srs_insecure
        True for a demo SRS, whose secret is known.
    logrows
        log2 of the rows of every circuit.
    zero_commitment, lagrange0, lagrange1
        U, L_0 and L_1 of the SRS.
    admission_circuit, training_circuit
        Manifest hashes, 32 bytes.
    model_length
        M, the entries of model, update and mask.
    shard_slots
        B, the record slots of a shard.
    minimum_records
        Fewest used slots of a shard that trains.
    max_openings
        Proofs that may open one shard before its blinders are spent.
    noise_bound
        Largest abs(noise) a parameter, at the circuit's scale.
    min_cohort, max_cohort
        Members of a round.
    quorum_bps
        Acknowledgements needed, in 1/10000 of the cohort, rounded up.
    cap_share
        Largest share under ``CAPPED``, in units of 2^-16.
    weight_rule
        The rule for shares.
    submission_window, remask_window, publication_window, acknowledgement_window, reveal_window
        Seconds.
    challenge_window
        Seconds for which posted proofs can be challenged before anything is final; 0 where the
        chain verifies every proof as it comes.
    benefit_circuit
        Manifest hash, 32 bytes; zeros except under ``BENEFIT``.
    """

    srs_hash: bytes
    srs_insecure: bool
    logrows: int
    zero_commitment: G1Point
    lagrange0: G1Point
    lagrange1: G1Point
    admission_circuit: bytes
    training_circuit: bytes
    model_length: int
    shard_slots: int
    minimum_records: int
    max_openings: int
    noise_bound: int
    min_cohort: int
    max_cohort: int
    quorum_bps: int
    cap_share: int
    weight_rule: WeightRule
    submission_window: int
    remask_window: int
    publication_window: int
    acknowledgement_window: int
    reveal_window: int
    challenge_window: int = 0
    benefit_circuit: bytes = UNSTATED

    def as_tuple(self) -> tuple[Any, ...]:
        """Return the fields in the contract's order, for ABI encoding."""
        values = (getattr(self, field.name) for field in fields(self))
        # web3 rebuilds tuples by their type, which named ones do not survive
        return tuple(tuple(value) if isinstance(value, G1Point) else value for value in values)

    @classmethod
    def from_tuple(cls, values: tuple[Any, ...]) -> "ConsortiumConfig":
        """Read the fields in the contract's order."""
        named = _by_name(cls, values)
        for point in ("zero_commitment", "lagrange0", "lagrange1"):
            named[point] = G1Point(*named[point])
        named["weight_rule"] = WeightRule(named["weight_rule"])
        return cls(**named)


@dataclass(frozen=True)
class Member:
    """A hospital.

    Attributes
    ----------
    active
        False once removed, excluded or gone.
    blame
        Why it was excluded.
    mask_key
        X25519 public key, 32 bytes; zeros until announced.
    records
        Admitted records over all shards that are not retired.
    dataset_version
        1, and one more each time the member retires shards.
    first_shard
        The first shard that is not retired.
    name
        As the owner registered it.
    """

    active: bool
    blame: BlameReason
    mask_key: bytes
    records: int
    dataset_version: int
    first_shard: int
    name: str

    @classmethod
    def from_tuple(cls, values: tuple[Any, ...]) -> "Member":
        """Read the fields in the contract's order."""
        named = _by_name(cls, values)
        named["blame"] = BlameReason(named["blame"])
        return cls(**named)


@dataclass(frozen=True)
class Nomination:
    """An account that a member is to go on under, and when it can accept (Unix time)."""

    account: str
    not_before: int

    @classmethod
    def from_tuple(cls, values: tuple[Any, ...]) -> "Nomination":
        """Read the fields in the contract's order."""
        return cls(**_by_name(cls, values))


@dataclass(frozen=True)
class Shard:
    """One admitted shard: commitment, used slots, and proofs that opened it."""

    commitment: G1Point
    count: int
    openings: int

    @classmethod
    def from_tuple(cls, values: tuple[Any, ...]) -> "Shard":
        """Read the fields in the contract's order."""
        commitment, count, openings = values
        return cls(G1Point(*commitment), count, openings)


@dataclass(frozen=True)
class Participation:
    """A member's part in a round.

    Attributes
    ----------
    shard_index
        The shard to train on.
    share
        Units of 2^-16; over the cohort they sum to 2^16.
    weight
        w_i, the integer factor of the update.
    submitted
        Whether mask and ciphertext of the current attempt are there.
    answered
        Whether the mask was split, or the update revealed, as was asked for.
    update
        C_i; (0, 0) until a proof was accepted, and kept over attempts.
    mask
        M_i of the current attempt.
    ciphertext_hash
        SHA-256 of the encrypted update of the current attempt, 32 bytes.
    acknowledged
        SHA-256 of the model file that the member vouched for, 32 bytes; zeros for none.
    """

    shard_index: int
    share: int
    weight: int
    submitted: bool
    answered: bool
    update: G1Point
    mask: G1Point
    ciphertext_hash: bytes
    acknowledged: bytes

    @property
    def proven(self) -> bool:
        """Whether a training proof of this round was accepted."""
        return any(self.update)

    @classmethod
    def from_tuple(cls, values: tuple[Any, ...]) -> "Participation":
        """Read the fields in the contract's order."""
        named = _by_name(cls, values)
        named["update"] = G1Point(*named["update"])
        named["mask"] = G1Point(*named["mask"])
        return cls(**named)


@dataclass(frozen=True)
class Round:
    """A round without its participations.

    Attributes
    ----------
    status, failure
        Where it stands, and why it failed.
    attempt
        Part of the mask context.
    members
        Size of the first attempt's cohort, of which the quorum is taken.
    submissions
        Members that have submitted in this attempt.
    answers
        Split masks or revealed updates, in the statuses that ask for them.
    deadline
        Of the current status, seconds since 1970.
    rate
        What the learning rate is multiplied by, in units of the circuits; 0 where rounds have none.
    encryption_context
        Hash of the HE context of the round, 32 bytes.
    model_before, model_after
        C(G) and C(G'); the latter is (0, 0) until the round is closed.
    encrypted_sum_hash, sum_hash, model_hash
        SHA-256 of the files that aggregator, key holder and aggregator state, 32 bytes; zeros
        until then.
    """

    status: RoundStatus
    failure: FailureReason
    attempt: int
    members: int
    submissions: int
    answers: int
    deadline: int
    rate: int
    encryption_context: bytes
    model_before: G1Point
    model_after: G1Point
    encrypted_sum_hash: bytes
    sum_hash: bytes
    model_hash: bytes

    @classmethod
    def from_tuple(cls, values: tuple[Any, ...]) -> "Round":
        """Read the fields in the contract's order."""
        named = _by_name(cls, values)
        named["status"] = RoundStatus(named["status"])
        named["failure"] = FailureReason(named["failure"])
        named["model_before"] = G1Point(*named["model_before"])
        named["model_after"] = G1Point(*named["model_after"])
        return cls(**named)


@dataclass(frozen=True)
class Benefit:
    """What a member proved of its update in a final round.

    Attributes
    ----------
    proven
        Whether it proved a level, which may be 0.
    level
        Sixteenths of the cosine with the others' sum.
    """

    proven: bool
    level: int


@dataclass(frozen=True)
class Route:
    """A circuit's place in the router.

    Attributes
    ----------
    verifier
        Address of the verifier contract; the zero address where none is registered.
    proof_length
        Bytes of every proof of the circuit.
    commitments
        Points at the start of a proof.
    removed
        A tombstone: the circuit can never be registered again.
    """

    verifier: str
    proof_length: int
    commitments: int
    removed: bool


def _by_name(kind: type[Any], values: tuple[Any, ...]) -> dict[str, Any]:
    return {field.name: value for field, value in zip(fields(kind), values, strict=True)}
