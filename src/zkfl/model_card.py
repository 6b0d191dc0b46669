"""A final round's card: what went into a model, as canonical bytes that anyone can recompute."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import rfc8785

from zkfl.curve import G1Point

FORMAT = "zkfl.model-card.v1"


@dataclass(frozen=True)
class Contribution:
    """A member's part in a round.

    Attributes
    ----------
    member
        Account of that time.
    shard, records
        The shard that the chain selected, and its used slots.
    share, weight
        In units of 2^-16.
    update
        C_i.
    """

    member: str
    shard: int
    records: int
    share: int
    weight: int
    update: G1Point


@dataclass(frozen=True)
class ModelCard:
    """A final round's card.

    Attributes
    ----------
    chain_id, registry, round_id
        Which round.
    srs_hash, srs_insecure
        The SRS; an insecure one is a demo's.
    admission_circuit, training_circuit
        Manifest hashes.
    weight_rule
        In small letters.
    contributions
        In the cohort's order.
    model_before, model_after
        C(G) and C(G').
    model_hash
        SHA-256 of the model's file.
    previous_card
        SHA-256 of the card of the final round before; zeros for none.
    """

    chain_id: int
    registry: str
    round_id: int
    srs_hash: bytes
    srs_insecure: bool
    admission_circuit: bytes
    training_circuit: bytes
    weight_rule: str
    contributions: Sequence[Contribution]
    model_before: G1Point
    model_after: G1Point
    model_hash: bytes
    previous_card: bytes

    def to_bytes(self) -> bytes:
        """Return the file: JSON by RFC 8785, numbers of the field as 64 hexadecimal digits."""
        card: dict[str, Any] = {
            "format": FORMAT,
            "chain_id": self.chain_id,
            "registry": self.registry,
            "round": self.round_id,
            "srs": {"sha256": self.srs_hash.hex(), "insecure": self.srs_insecure},
            "circuits": {
                "admission": self.admission_circuit.hex(),
                "training": self.training_circuit.hex(),
            },
            "weight_rule": self.weight_rule,
            "members": [
                {
                    "account": part.member,
                    "shard": part.shard,
                    "records": part.records,
                    "share": part.share,
                    "weight": part.weight,
                    "update": _point(part.update),
                }
                for part in self.contributions
            ],
            "model_before": _point(self.model_before),
            "model_after": _point(self.model_after),
            "model_sha256": self.model_hash.hex(),
            "previous_card": self.previous_card.hex(),
        }
        return rfc8785.dumps(card)

    def sha256(self) -> bytes:
        """Return the hash that the chain holds, 32 bytes."""
        return hashlib.sha256(self.to_bytes()).digest()


def _point(point: G1Point) -> list[str]:
    return [f"{coordinate:064x}" for coordinate in point]
