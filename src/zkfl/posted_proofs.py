"""Proofs that members posted, read back from the transactions that carried them."""

from dataclasses import dataclass, field
from typing import Any

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from zkfl.chain.errors import ChainError
from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED, Participation

_SELECTOR = keccak(text="submitUpdate(uint256,bytes,(uint256,uint256),bytes32)")[:4]
_ARGUMENTS = ("uint256", "bytes", "(uint256,uint256)", "bytes32")
_LARGEST_INPUT = 131_072
"""What nodes of a network take as one transaction, in bytes."""


class ProofNotShownError(ChainError):
    """The endpoint does not show the bytes of a posted proof, so that nobody can check it."""


@dataclass(frozen=True)
class PostedProof:
    """A proof whose bytes hash to what the chain holds; not yet known to be valid.

    Attributes
    ----------
    member
        Who posted it.
    part
        What the chain holds of the member in this round.
    data
        As the contract takes it.
    """

    member: str
    part: Participation
    data: bytes = field(repr=False)

    @property
    def digest(self) -> bytes:
        """Return the keccak256, 32 bytes."""
        return bytes(keccak(self.data))


def posted_proofs(registry: Registry, round_id: int) -> list[PostedProof]:
    """Return the proofs of those in a round's cohort who have posted one.

    Raises
    ------
    ProofNotShownError
        A proof was accepted, and the endpoint hides its bytes or shows others.
    RpcError
        The endpoint is not in order.
    """
    proven = proven_parts(registry, round_id)
    if not proven:
        return []
    carriers = _carriers(registry, round_id)
    return [
        PostedProof(member, part, _shown(registry, round_id, member, carriers.get(member)))
        for member, part in proven.items()
    ]


def proven_parts(registry: Registry, round_id: int) -> dict[str, Participation]:
    """Return the parts of those in a round's cohort who have posted a proof, by member."""
    parts = {m: registry.participation(round_id, m) for m in registry.cohort(round_id)}
    # Whose proof was found invalid has no weight, and waits to be left out of the cohort.
    return {member: part for member, part in parts.items() if part.proven and part.weight}


def _carriers(registry: Registry, round_id: int) -> dict[str, str]:
    """Return the transactions that posted a round's proofs, by member."""
    events = registry.events(names=["UpdateSubmitted"])
    return {
        str(event.values["member"]): event.tx_hash
        for event in events
        if event.values["roundId"] == round_id
    }


def _shown(registry: Registry, round_id: int, member: str, carrier: str | None) -> bytes:
    posted = registry.posted_proof(round_id, member)
    if posted == UNSTATED:
        raise _not_shown(member, round_id, "the chain shows no hash of it")
    if carrier is None:
        raise _not_shown(member, round_id, "no event tells which transaction posted it")
    transaction = registry.client.transaction(carrier)
    if transaction is None:
        raise _not_shown(member, round_id, f"the endpoint does not have transaction {carrier}")
    proof = _carried(transaction.get("input"))
    if proof is None or keccak(proof) != posted:
        raise _not_shown(member, round_id, f"transaction {carrier} carries other bytes")
    return proof


def _carried(data: Any) -> bytes | None:  # noqa: ANN401 - whatever the endpoint answers
    try:
        raw = bytes(HexBytes(data))
    except (TypeError, ValueError):
        return None
    if raw[:4] != _SELECTOR or len(raw) > _LARGEST_INPUT:
        return None
    try:
        return bytes(decode(_ARGUMENTS, raw[4:])[1])
    except (DecodingError, ValueError, OverflowError):
        return None


def _not_shown(member: str, round_id: int, why: str) -> ProofNotShownError:
    return ProofNotShownError(
        f"the proof that {member} posted in round {round_id} cannot be checked: {why}. Ask an "
        "endpoint that keeps whole transactions; until then this party vouches for nothing"
    )
