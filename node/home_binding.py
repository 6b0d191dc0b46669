"""A node's folder serves one member of one consortium on one chain, and says so.

Secrets of a round are kept under its number, and numbers begin anew with each consortium:
in a folder that changed hands, an update could be sent under a mask that was used before.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.registry import Registry
from zkfl.errors import ZkflError
from zkfl.json_problems import unreadable
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


def bound_member(home: NodeHome) -> str:
    """Return the member that a folder serves.

    Raises
    ------
    HomeBindingError
        It serves nobody yet, or the file that says whom is damaged.
    PrivateFileError
        That file is open to others.
    """
    if not home.binding.exists():
        raise HomeBindingError(f"{home.root} serves nobody yet: announce a mask key or admit first")
    return _read(home).member


def rebind_home(home: NodeHome, registry: Registry, former: str) -> None:
    """Let a folder go on under the account with which `registry` signs.

    Only its member's own step from one account to the next may do this: the folder's state is
    that of the member, whom the registry knows under the new account.

    Raises
    ------
    HomeBindingError
        The folder served another account than `former`, or another consortium.
    """
    bound, asked = _read(home), _asked(registry)
    if bound != asked.model_copy(update={"member": former}):
        raise HomeBindingError(
            f"{home.root} serves {_shown(bound)}, not {former}: it cannot go on as {asked.member}"
        )
    write_atomically(home.binding, asked.model_dump_json(indent=2).encode())


def bind_home(home: NodeHome, registry: Registry) -> None:
    """Bind a fresh folder to a member and its consortium, or check that it is theirs.

    Raises
    ------
    HomeBindingError
        It is another's, or the file that says whose it is was damaged.
    PrivateFileError
        That file is open to others.
    """
    asked = _asked(registry)
    if not home.binding.exists():
        write_atomically(home.binding, asked.model_dump_json(indent=2).encode())
        return
    bound = _read(home)
    if bound != asked:
        raise HomeBindingError(
            f"{home.root} serves {_shown(bound)}, but was opened for {_shown(asked)}: open the "
            "right folder, or make a new one; keys may move, state must not"
        )


def _asked(registry: Registry) -> _Binding:
    client = registry.client
    return _Binding(
        chain_id=client.chain_id,
        genesis=client.genesis_hash().hex(),
        registry=registry.address,
        member=client.sender,
    )


def _read(home: NodeHome) -> _Binding:
    try:
        return _Binding.model_validate_json(read_private_file(home.binding, _LIMIT))
    except ValidationError as error:
        raise HomeBindingError(unreadable(home.binding, error)) from error


def _shown(binding: _Binding) -> str:
    return (
        f"member {binding.member} of registry {binding.registry} on chain {binding.chain_id} "
        f"(genesis {binding.genesis[:16]})"
    )
