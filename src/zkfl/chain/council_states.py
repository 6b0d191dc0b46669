"""What the council stores, as Python values; mirrors ``IMemberCouncil.sol``."""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, NamedTuple

from eth_abi.abi import encode
from eth_utils.crypto import keccak


class Action(IntEnum):
    """All that a council can ever do."""

    ADD_MEMBER = 0
    REMOVE_MEMBER = 1
    GRANT_ROLE = 2
    REVOKE_ROLE = 3
    RENOUNCE_ROLE = 4
    REGISTER_CIRCUIT = 5
    REMOVE_CIRCUIT = 6
    NOMINATE_ACCOUNT = 7


class ProposalStatus(IntEnum):
    """Where a proposal stands, counted with today's members."""

    NONE = 0
    VOTING = 1
    DELAYED = 2
    READY = 3
    EXECUTED = 4
    EXPIRED = 5


@dataclass(frozen=True)
class CouncilRules:
    """What a council never changes.

    Attributes
    ----------
    quorum_bps
        Votes needed, in 1/10000 of the active members, rounded up; above 5000.
    delay
        Seconds from quorum to execution, for roles and circuits.
    membership_delay
        The same for members; may be 0.
    lifetime
        Seconds from proposal to expiry, more than both delays.
    """

    quorum_bps: int
    delay: int
    membership_delay: int
    lifetime: int

    def as_tuple(self) -> tuple[int, ...]:
        """Return the fields in the contract's order."""
        return (self.quorum_bps, self.delay, self.membership_delay, self.lifetime)

    def delay_of(self, action: Action) -> int:
        """Return the seconds that an action waits after its quorum."""
        membership = {Action.ADD_MEMBER, Action.REMOVE_MEMBER, Action.NOMINATE_ACCOUNT}
        return self.membership_delay if action in membership else self.delay


class Tally(NamedTuple):
    """Votes of today's members, today's members, and the votes that they need."""

    votes: int
    active: int
    needed: int


@dataclass(frozen=True)
class Proposal:
    """One call to vote on.

    Attributes
    ----------
    proposer
        Address.
    action
        What the call does.
    executed
        Whether it was done.
    proposed_at, expires_at, quorum_since
        Seconds since 1970; the last is 0 while no quorum is recorded.
    target, data
        The call.
    description
        As the proposer wrote it: hostile bytes until `zkfl.foreign_text` has been over them.
    """

    proposer: str
    action: Action
    executed: bool
    proposed_at: int
    expires_at: int
    quorum_since: int
    target: str
    data: bytes
    description: bytes

    @classmethod
    def from_tuple(cls, values: tuple[Any, ...]) -> "Proposal":
        """Read the fields in the contract's order."""
        named = {field.name: value for field, value in zip(fields(cls), values, strict=True)}
        return cls(**{**named, "action": Action(named["action"])})

    def digest(self) -> bytes:
        """Return what a vote is bound to, computed from what is shown."""
        types = ("address", "bytes", "bytes")
        return bytes(keccak(encode(types, (self.target, self.data, self.description))))
