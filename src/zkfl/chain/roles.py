"""Roles of the registry: OpenZeppelin's AccessControl, read by name.

Source: https://docs.openzeppelin.com/contracts/5.x/access-control
"""

from enum import Enum

from zkfl.chain.client import ChainClient
from zkfl.chain.events import EventReader
from zkfl.chain.reverts import Abi
from zkfl.chain.transactions import TxResult

_GRANTED, _REVOKED = _CHANGES = ("RoleGranted", "RoleRevoked")


class Role(Enum):
    """Who may do what; the value begins the getter's name in Solidity."""

    AGGREGATOR = "AGGREGATOR"
    GUARDIAN = "GUARDIAN"
    KEY_HOLDER = "KEY_HOLDER"
    ADMIN = "DEFAULT_ADMIN"


class Roles:
    """Roles of one contract.

    Parameters
    ----------
    client
        Reads, and grants where its account may.
    address, abi
        The contract's.
    """

    def __init__(self, client: ChainClient, address: str, abi: Abi) -> None:
        self._client = client
        self._address = address
        self._abi = abi

    def holds(self, role: Role, account: str) -> bool:
        """Tell whether an account holds a role."""
        return bool(self._client.call(self._address, self._abi, "hasRole", self._id(role), account))

    def grant(self, role: Role, account: str) -> TxResult:
        """Give an account a role; by the role's admin. Raises as `ChainClient.send`."""
        arguments = (self._id(role), account)
        return self._client.transact(self._address, self._abi, "grantRole", *arguments)

    def renounce(self, role: Role) -> TxResult:
        """Give up the client's own role, for good. Raises as `ChainClient.send`."""
        arguments = (self._id(role), self._client.sender)
        return self._client.transact(self._address, self._abi, "renounceRole", *arguments)

    def holders(self, role: Role, from_block: int) -> set[str]:
        """Return who holds a role, by the events since the contract's first block."""
        wanted = self._id(role)
        held: set[str] = set()
        reader = EventReader(self._client, self._address, self._abi)
        for event in reader.read(from_block, names=_CHANGES):
            if bytes(event.values["role"]) == wanted:
                change = held.add if event.name == _GRANTED else held.discard
                change(str(event.values["account"]))
        return held

    def _id(self, role: Role) -> bytes:
        return bytes(self._client.call(self._address, self._abi, f"{role.value}_ROLE"))
