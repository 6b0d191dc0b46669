"""Keys of others, as this node knows them: a change counts if their owner signed it.

Peers' mask keys and the encryption context reach a node through its RPC endpoint. An
endpoint that answers with keys of its own would read the update. A member's key is taken if
the member's account signed its announcement, later than that of the key known before. The
encryption context is the key holder's, whom the owner can exchange: its change needs an
operator who asked.
"""

from contextlib import suppress
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.json_problems import unreadable
from zkfl.node.home import NodeHome
from zkfl.node.signed_statements import UnsignedKeyError, accounts_of
from zkfl.private_file import read_private_file

_LIMIT = 1024 * 1024
_BEFORE_ANY = -1
"""The nonce of a key that an account took over: whatever it announces itself is later."""
_Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PinnedKeyError(ZkflError):
    """A key is not the one that this node knows, or what it knows is damaged."""


class Statements(Protocol):
    """What members signed; see `zkfl.node.signed_statements`."""

    def nonce_of(self, member: str, key: bytes) -> int:
        """Return the nonce of the announcement, or refuse an unsigned key."""
        ...

    def former_account(self, account: str) -> str | None:
        """Return the account that a member gave up for this one."""
        ...


class _Pin(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    key: _Key
    nonce: Annotated[int, Field(ge=_BEFORE_ANY)]


class _Pins(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["zkfl.pinned-keys.v2"] = "zkfl.pinned-keys.v2"
    # before the members: operators remove its line, and what is left must stay JSON
    encryption_context: _Key | None = None
    members: dict[str, _Pin] = Field(default_factory=dict)


def require_pinned(
    home: NodeHome, shown: dict[str, bytes], encryption_context: bytes, statements: Statements
) -> None:
    """Compare keys with those known, take what their owners signed, and keep them.

    Parameters
    ----------
    home
        The node's folder.
    shown
        Mask key, 32 bytes, by member's address.
    encryption_context
        SHA-256 of the public context.
    statements
        What the members signed.

    Raises
    ------
    PinnedKeyError
        A key was announced before the one that is known, the encryption context differs, or the
        file is damaged.
    UnsignedKeyError
        A key is new and not signed by its owner.
    PrivateFileError
        The file is open to others.
    """
    pins = _load(home)
    _require_context(home, pins.encryption_context, encryption_context.hex())
    members = dict(pins.members)
    for member, key in shown.items():
        known = _known(members, member, statements)
        members[member] = _checked(member, known, key, statements)
    _keep(
        home,
        _Pins(encryption_context=encryption_context.hex(), members=dict(sorted(members.items()))),
    )


def _keep(home: NodeHome, pins: _Pins) -> None:
    """Write the file unless it reads so already; one of an older order is laid anew."""
    text = pins.model_dump_json(indent=1).encode()
    if not home.pinned_keys.exists() or home.pinned_keys.read_bytes() != text:
        write_atomically(home.pinned_keys, text)


def _require_context(home: NodeHome, known: str | None, shown: str) -> None:
    if known is not None and known != shown:
        raise PinnedKeyError(
            f"the endpoint shows {shown} as the encryption context, this node knows {known}: ask "
            "the key holder over another channel. If it did change, remove the line "
            f"encryption_context from {home.pinned_keys}; if not, the endpoint lies, and nothing "
            "may be sent"
        )


def _known(members: dict[str, _Pin], member: str, statements: Statements) -> _Pin | None:
    """Return what is known of a member, under an account that it gave up where need be."""
    for account in accounts_of(member, statements.former_account):
        if account == member and account in members:
            return members[account]
        if account in members:
            return _Pin(key=members[account].key, nonce=_BEFORE_ANY)
    return None


def _checked(member: str, known: _Pin | None, key: bytes, statements: Statements) -> _Pin:
    if known is not None and known.key == key.hex():
        return known
    if known is None:
        return _first_seen(member, key, statements)
    nonce = statements.nonce_of(member, key)
    if nonce <= known.nonce:
        raise PinnedKeyError(
            f"the endpoint shows {key.hex()} as the mask key of {member}, which it announced "
            f"before the one that this node knows, {known.key} "
            f"(nonces {nonce} and {known.nonce}): an old "
            "announcement is shown as a new one; nothing may be sent"
        )
    return _Pin(key=key.hex(), nonce=nonce)


def _first_seen(member: str, key: bytes, statements: Statements) -> _Pin:
    """Take a key that the member signed, or signed under an account that it gave up since."""
    try:
        return _Pin(key=key.hex(), nonce=statements.nonce_of(member, key))
    except UnsignedKeyError:
        for account in accounts_of(member, statements.former_account):
            with suppress(UnsignedKeyError):
                statements.nonce_of(account, key)
                return _Pin(key=key.hex(), nonce=_BEFORE_ANY)
        raise


def _load(home: NodeHome) -> _Pins:
    if not home.pinned_keys.exists():
        return _Pins()
    try:
        return _Pins.model_validate_json(read_private_file(home.pinned_keys, _LIMIT))
    except ValidationError as error:
        raise PinnedKeyError(unreadable(home.pinned_keys, error)) from error
