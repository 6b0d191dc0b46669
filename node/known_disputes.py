"""With whom this node can have lost a common mask: with nobody but peers of its own disputes.

A pair shares no mask any more once both stated what does not cancel. So this node took part,
and remembers. An endpoint that shows other pairs as apart would strip the update of its masks.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.json_problems import unreadable
from zkfl.node.home import NodeHome
from zkfl.node.pinned_keys import Statements
from zkfl.node.signed_statements import accounts_of
from zkfl.private_file import read_private_file

_LIMIT = 1024 * 1024
_Address = Annotated[str, Field(pattern=r"^0x[0-9a-fA-F]{40}$")]


class UnknownDisputeError(ZkflError):
    """The endpoint shows pairs as apart that this node never had a dispute with."""


class _Disputes(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["zkfl.disputes.v1"] = "zkfl.disputes.v1"
    peers: list[_Address] = Field(default_factory=list)


def remember_dispute(home: NodeHome, peers: Iterable[str]) -> None:
    """Keep with whom masks were disputed; to be called before a mask is split."""
    known = _load(home)
    joined = _Disputes(peers=sorted({*known.peers, *peers}))
    if joined != known:
        write_atomically(home.disputes, joined.model_dump_json(indent=1).encode())


def require_disputed(home: NodeHome, unpaired: Iterable[str], statements: Statements) -> None:
    """Check that peers shown as apart were in a dispute with this node.

    Raises
    ------
    UnknownDisputeError
        One was not, or the file is damaged.
    PrivateFileError
        The file is open to others.
    """
    known = set(_load(home).peers)
    for peer in unpaired:
        if not any(account in known for account in accounts_of(peer, statements.former_account)):
            raise UnknownDisputeError(
                f"the endpoint shows that {peer} shares no mask with this node any more, but they "
                "were in no dispute together: nothing is sent"
            )


def _load(home: NodeHome) -> _Disputes:
    if not home.disputes.exists():
        return _Disputes()
    try:
        return _Disputes.model_validate_json(read_private_file(home.disputes, _LIMIT))
    except ValidationError as error:
        raise UnknownDisputeError(unreadable(home.disputes, error)) from error
