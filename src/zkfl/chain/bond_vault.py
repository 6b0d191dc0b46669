"""The vault of bonds: every function of ``IBondVault``, typed."""

from dataclasses import dataclass

from hexbytes import HexBytes

from zkfl.chain.bound_contract import BoundContract
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.events import ChainEvent, EventReader
from zkfl.chain.transactions import TxResult


@dataclass(frozen=True)
class Stake:
    """What a member has at stake, in wei.

    Attributes
    ----------
    staked
        Counts towards the bond.
    leaving
        Requested; can be withdrawn from ``leaves_at`` (Unix time) on, and be slashed until then.
    """

    staked: int
    leaving: int
    leaves_at: int


class BondVault(BoundContract):
    """The vault of one consortium; see `BoundContract`."""

    def __init__(self, client: ChainClient, address: str, first_block: int = 0) -> None:
        super().__init__(client, address, compile_project()["BondVault"].abi)
        self._first_block = first_block
        self._events = EventReader(client, address, self.abi)

    def deposit(self, member: str, wei: int) -> TxResult:
        """Stake for a member."""
        contract = self.client.w3.eth.contract(abi=self.abi)
        data = HexBytes(contract.encode_abi("deposit", args=[member]))
        return self.client.send(self.address, data, value=wei)

    def request_withdrawal(self, wei: int) -> TxResult:
        """Start the delay of a withdrawal; by the member."""
        return self._write("requestWithdrawal", wei)

    def cancel_withdrawal(self) -> TxResult:
        """Take the request back; by the member."""
        return self._write("cancelWithdrawal")

    def withdraw(self) -> TxResult:
        """Pay out what was requested; by the member, after the delay."""
        return self._write("withdraw")

    def claim(self) -> TxResult:
        """Pay what was slashed to the beneficiary; by anyone."""
        return self._write("claim")

    def bond(self) -> int:
        """Return what a member must have at stake, in wei."""
        return int(self._read("BOND"))

    def delay(self) -> int:
        """Return the seconds from the request of a withdrawal to the withdrawal."""
        return int(self._read("DELAY"))

    def beneficiary(self) -> str:
        """Return who gets what is slashed."""
        return str(self._read("BENEFICIARY"))

    def slashed(self) -> int:
        """Return what was slashed and not claimed, in wei."""
        return int(self._read("slashed"))

    def stake_of(self, member_id: int) -> Stake:
        """Return what a member has at stake."""
        return Stake(*self._read("stakeOf", member_id))

    def covers(self, member_id: int) -> bool:
        """Tell whether a member's stake covers the bond."""
        return bool(self._read("covers", member_id))

    def events(self) -> list[ChainEvent]:
        """Return the vault's events in chain order."""
        return self._events.read(self._first_block)
