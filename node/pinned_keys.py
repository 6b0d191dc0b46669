"""Keys of others, as this node first saw them: a change is refused until its operator agrees.

Peers' mask keys and the encryption context reach a node through its RPC endpoint. An
endpoint that answers with keys of its own would read the update. The chain lets their
owners change them, so a true change exists; but somebody has to ask the owner.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.node.home import NodeHome
from zkfl.private_file import read_private_file

_LIMIT = 1024 * 1024
_Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class PinnedKeyError(ZkflError):
    """A key is not the one that this node knows, or what it knows is damaged."""


class _Pins(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["zkfl.pinned-keys.v1"] = "zkfl.pinned-keys.v1"
    keys: dict[str, _Key] = Field(default_factory=dict)


def require_pinned(home: NodeHome, shown: dict[str, bytes]) -> None:
    """Compare keys with those seen before; keep those of owners that are new.

    Parameters
    ----------
    home
        The node's folder.
    shown
        32 bytes by owner: a member's address, or a name for what has no owner.

    Raises
    ------
    PinnedKeyError
        One differs, or the file is damaged.
    PrivateFileError
        The file is open to others.
    """
    pins = _load(home)
    for owner, key in shown.items():
        known = pins.keys.get(owner, key.hex())
        if known != key.hex():
            raise PinnedKeyError(
                f"the endpoint shows {key.hex()} as the key of {owner}, this node knows {known}: "
                "ask its owner over another channel. If the owner did change it, remove that line "
                f"from {home.pinned_keys}; if not, the endpoint lies, and nothing may be sent"
            )
    keys = pins.keys | {owner: key.hex() for owner, key in shown.items()}
    if keys != pins.keys:
        content = _Pins(keys=dict(sorted(keys.items()))).model_dump_json(indent=1)
        write_atomically(home.pinned_keys, content.encode())


def _load(home: NodeHome) -> _Pins:
    if not home.pinned_keys.exists():
        return _Pins()
    try:
        return _Pins.model_validate_json(read_private_file(home.pinned_keys, _LIMIT))
    except ValidationError as error:
        raise PinnedKeyError(f"{home.pinned_keys} is damaged: restore it from a copy") from error
