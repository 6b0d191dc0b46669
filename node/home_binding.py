"""A node's folder serves one member of one consortium on one chain, and says so.

Secrets of a round are kept under its number, and numbers begin anew with each consortium:
in a folder that changed hands, an update could be sent under a mask that was used before.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.registry import Registry
from zkfl.errors import ZkflError
from zkfl.node.home import NodeHome
from zkfl.private_file import read_private_file

_LIMIT = 4096


class HomeBindingError(ZkflError):
    """A node's folder belongs to another member, consortium or chain."""


class _Binding(BaseModel):
    """Whom a folder serves.

    Attributes
    ----------
    genesis
        Hash of block 0: a local chain that was reset keeps its id and its addresses.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["zkfl.home.v1"] = "zkfl.home.v1"
    chain_id: Annotated[int, Field(ge=0)]
    genesis: str
    registry: str
    member: str


def bind_home(home: NodeHome, registry: Registry) -> None:
    """Bind a fresh folder to a member and its consortium, or check that it is theirs.

    Raises
    ------
    HomeBindingError
        It is another's, or the file that says whose it is was damaged.
    PrivateFileError
        That file is open to others.
    """
    client, path = registry.client, home.binding
    asked = _Binding(
        chain_id=client.chain_id,
        genesis=client.genesis_hash().hex(),
        registry=registry.address,
        member=client.sender,
    )
    if not path.exists():
        write_atomically(path, asked.model_dump_json(indent=2).encode())
        return
    try:
        bound = _Binding.model_validate_json(read_private_file(path, _LIMIT))
    except ValidationError as error:
        raise HomeBindingError(f"{path} is damaged: restore it from a copy") from error
    if bound != asked:
        raise HomeBindingError(
            f"{home.root} serves {_shown(bound)}, but was opened for {_shown(asked)}: open the "
            "right folder, or make a new one; keys may move, state must not"
        )


def _shown(binding: _Binding) -> str:
    return (
        f"member {binding.member} of registry {binding.registry} on chain {binding.chain_id} "
        f"(genesis {binding.genesis[:16]})"
    )
