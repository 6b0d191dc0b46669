"""With whom this node shares no mask any more: with peers that signed what does not cancel.

A pair parts once both stated masks that do not cancel. An endpoint that shows other pairs as
apart would strip the update of its masks. So a node keeps what each peer would have to state to
agree with it, and takes a peer as apart only on that peer's own signed split of the same: of the
same attempt, with the same members in the same order under the same mask keys. Masks of a pair
depend on nothing else, so two honest nodes never part, whatever their endpoints show them. Whoever
states nothing is excluded by the contract, and in no later cohort.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.curve import G1Point
from zkfl.errors import ZkflError
from zkfl.json_problems import unreadable
from zkfl.node.home import NodeHome
from zkfl.node.signed_statements import MaskedAttempt, Split, accounts_of
from zkfl.private_file import read_private_file

_LIMIT = 16 * 1024 * 1024
_Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]
_Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Point = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]


class UnknownDisputeError(ZkflError):
    """The endpoint shows a pair as apart, and no split in which the peer parted from this node."""


class Splits(Protocol):
    """What members signed; see `zkfl.node.signed_statements`."""

    def former_account(self, account: str) -> str | None:
        """Return the account that a member gave up for this one."""
        ...

    def splits(self, signers: Collection[str]) -> Iterable[Split]:
        """Return what a member signed in disputes, under its accounts."""
        ...


class _Expected(BaseModel):
    """What a peer would have to state, and where among its masks."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    place: Annotated[int, Field(ge=0)]
    mask: _Point


class _OwnSplit(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    round_id: Annotated[int, Field(ge=0)]
    attempt: Annotated[int, Field(ge=0)]
    cohort: _Hash
    agreeing: dict[_Address, _Expected]

    @property
    def about(self) -> MaskedAttempt:
        return MaskedAttempt(self.round_id, self.attempt, bytes.fromhex(self.cohort))


class _Disputes(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["zkfl.mask-splits.v2"] = "zkfl.mask-splits.v2"
    own: list[_OwnSplit] = Field(default_factory=list)
    apart: list[_Address] = Field(default_factory=list)


def remember_split(
    home: NodeHome, about: MaskedAttempt, agreeing: Mapping[str, G1Point], place: int
) -> None:
    """Keep what peers would have to state; to be called before the mask is split.

    Parameters
    ----------
    home
        The node's folder.
    about
        The disputed attempt, as this node computed it.
    agreeing
        By peer, in the cohort's order, the ``C(m_ji)`` that cancels this node's mask.
    place
        Of the node in the cohort, from 0. What is kept of an attempt stays.
    """
    known = _load(home)
    if about in {kept.about for kept in known.own}:
        return
    new = _OwnSplit(
        round_id=about.round_id,
        attempt=about.attempt,
        cohort=about.cohort.hex(),
        agreeing=_expected(agreeing, place),
    )
    _save(home, known.model_copy(update={"own": [*known.own, new]}))


def require_disputed(home: NodeHome, unpaired: Iterable[str], statements: Splits) -> None:
    """Check that peers shown as apart signed a split that does not agree with this node.

    Parameters
    ----------
    home
        The node's folder.
    unpaired
        Addresses of the peers.
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
        if not any(_disagrees(known.own, split) for split in statements.splits(accounts)):
            raise UnknownDisputeError(
                f"the endpoint shows that {peer} shares no mask with this node any more, but no "
                "dispute in which that peer signed a mask that does not cancel this node's: "
                "nothing is sent"
            )
        _save(home, known.model_copy(update={"apart": sorted({*known.apart, peer})}))


def _expected(agreeing: Mapping[str, G1Point], place: int) -> dict[str, _Expected]:
    """Return by peer what it would have to state, among which it leaves itself out."""
    return {
        peer: _Expected(place=place - (number < place), mask=_encoded(mask))
        for number, (peer, mask) in enumerate(agreeing.items())
    }


def _disagrees(own: Iterable[_OwnSplit], split: Split) -> bool:
    """Tell whether a peer's split is of what this node split a mask of, and does not cancel it."""
    for kept in own:
        expected = kept.agreeing.get(split.signer)
        if kept.about != split.about or expected is None:
            continue
        if len(split.masks) == len(kept.agreeing):
            return _encoded(split.masks[expected.place]) != expected.mask
    return False


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
