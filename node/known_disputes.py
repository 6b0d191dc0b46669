"""With whom this node shares no mask any more: with peers that signed what does not cancel.

A pair parts once both stated masks that do not cancel. An endpoint that shows other pairs as
apart would strip the update of its masks. So a node keeps what each peer would have to state to
agree with it, and takes a peer as apart only on that peer's own signed split, in which this is
not to be found. Whoever states nothing is excluded by the contract, and in no later cohort.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.curve import G1Point
from zkfl.errors import ZkflError
from zkfl.json_problems import unreadable
from zkfl.node.home import NodeHome
from zkfl.node.round_journal import RoundJournal
from zkfl.node.signed_statements import Split, accounts_of
from zkfl.private_file import read_private_file

_LIMIT = 16 * 1024 * 1024
_Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
_Point = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class UnknownDisputeError(ZkflError):
    """The endpoint shows a pair as apart, and no split in which the peer parted from this node."""


class Splits(Protocol):
    """What members signed; see `zkfl.node.signed_statements`."""

    def former_account(self, account: str) -> str | None:
        """Return the account that a member gave up for this one."""
        ...

    def splits(self, signers: Collection[str], peers: Collection[str]) -> Iterable[Split]:
        """Return what a member signed in disputes with a peer, each under its accounts."""
        ...


class _OwnSplit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    round_id: Annotated[int, Field(ge=0)]
    attempt: Annotated[int, Field(ge=0)]
    agreeing: dict[_Address, _Point]


class _Disputes(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["zkfl.mask-splits.v1"] = "zkfl.mask-splits.v1"
    own: list[_OwnSplit] = Field(default_factory=list)
    apart: list[_Address] = Field(default_factory=list)


def remember_splits(
    home: NodeHome, round_id: int, agreeing: Mapping[int, Mapping[str, G1Point]]
) -> None:
    """Keep what peers would have to state; to be called before a mask is split.

    Parameters
    ----------
    home
        The node's folder.
    round_id
        The disputed round.
    agreeing
        By attempt and peer, the ``C(m_ji)`` that cancels this node's mask: of the disputed attempt
        and of all that the node masked for. What is kept of an attempt stays.
    """
    known = _load(home)
    kept = {(own.round_id, own.attempt) for own in known.own}
    new = [
        _OwnSplit(
            round_id=round_id,
            attempt=attempt,
            agreeing={peer: _encoded(mask) for peer, mask in masks.items()},
        )
        for attempt, masks in sorted(agreeing.items())
        if (round_id, attempt) not in kept
    ]
    if new:
        _save(home, known.model_copy(update={"own": [*known.own, *new]}))


def require_disputed(home: NodeHome, own: str, unpaired: Iterable[str], statements: Splits) -> None:
    """Check that peers shown as apart signed a split that does not agree with this node.

    Parameters
    ----------
    home
        The node's folder.
    own, unpaired
        Addresses of the node and of the peers.
    statements
        What the peers signed.

    Raises
    ------
    UnknownDisputeError
        One is not seen to have done so, or the file is damaged.
    PrivateFileError
        The file is open to others.
    """
    for peer in unpaired:
        known = _load(home)
        accounts = list(accounts_of(peer, statements.former_account))
        if not set(accounts).isdisjoint(known.apart):
            continue
        own_accounts = list(accounts_of(own, statements.former_account))
        shown = statements.splits(accounts, own_accounts)
        if not any(_disagrees(home, known.own, split, accounts) for split in shown):
            raise UnknownDisputeError(
                f"the endpoint shows that {peer} shares no mask with this node any more, but no "
                "dispute in which that peer signed a mask that does not cancel this node's: "
                "nothing is sent"
            )
        _save(home, known.model_copy(update={"apart": sorted({*known.apart, peer})}))


def _disagrees(
    home: NodeHome, own: Sequence[_OwnSplit], split: Split, accounts: Sequence[str]
) -> bool:
    """Tell whether a peer's split agrees with this node in no attempt, and at no place.

    The endpoint says which attempt it was about and in which order the cohort stood, so neither
    counts. Attempts that were masked for after the last dispute have no own split: an endpoint
    could show the peer's of such an attempt beside the node's of an earlier one.
    """
    stated = [entry for entry in own if entry.round_id == split.round_id]
    sealed = RoundJournal(home, split.round_id).sealed_attempts()
    if not stated or not sealed <= {entry.attempt for entry in stated}:
        return False
    if len(split.masks) not in {len(entry.agreeing) for entry in stated}:
        return False
    masks = {_encoded(mask) for mask in split.masks}
    return all(_is_elsewhere(entry.agreeing, accounts, masks) for entry in stated)


def _is_elsewhere(
    agreeing: Mapping[str, str], accounts: Sequence[str], masks: Collection[str]
) -> bool:
    """Tell whether what a peer would have had to state is known, and not among its masks."""
    expected = {agreeing[account] for account in accounts if account in agreeing}
    return bool(expected) and expected.isdisjoint(masks)


def _encoded(point: G1Point) -> str:
    return f"{point.x:064x}{point.y:064x}"


def _save(home: NodeHome, disputes: _Disputes) -> None:
    write_atomically(home.mask_splits, disputes.model_dump_json(indent=1).encode())


def _load(home: NodeHome) -> _Disputes:
    if not home.mask_splits.exists():
        return _Disputes()
    try:
        return _Disputes.model_validate_json(read_private_file(home.mask_splits, _LIMIT))
    except ValidationError as error:
        raise UnknownDisputeError(unreadable(home.mask_splits, error)) from error
