"""Reads and decodes the events of one contract."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, cast

from eth_typing import BlockNumber, HexStr
from eth_utils.abi import event_abi_to_log_topic
from web3 import Web3
from web3.types import FilterParams, LogReceipt

from zkfl.chain.asking import asking
from zkfl.chain.connection import Connection
from zkfl.chain.errors import RpcRefusedError
from zkfl.chain.reverts import Abi

BLOCKS_PER_REQUEST = 2_000
"""Public endpoints refuse long ranges; a refused range is halved."""


@dataclass(frozen=True)
class ChainEvent:
    """One decoded log.

    Attributes
    ----------
    name
        The event's name.
    values
        By the parameter's Solidity name; structs are mappings too.
    block_number, log_index
        Its place in the chain.
    tx_hash
        0x and 64 hexadecimal digits.
    """

    name: str
    values: Mapping[str, Any]
    block_number: int
    log_index: int
    tx_hash: str


class EventReader:
    """Events of the contract at an address."""

    def __init__(self, connection: Connection, address: str, abi: Abi) -> None:
        self._connection = connection
        self._address = Web3.to_checksum_address(address)
        self._contract = connection.w3.eth.contract(address=self._address, abi=cast("Any", abi))
        self._events = {
            bytes(event_abi_to_log_topic(cast("Any", entry))): str(entry["name"])
            for entry in abi
            if entry.get("type") == "event"
        }

    def read(
        self, from_block: int = 0, to_block: int | None = None, names: Iterable[str] = ()
    ) -> list[ChainEvent]:
        """Return events in chain order.

        Parameters
        ----------
        from_block, to_block
            Both included; the latest block if None.
        names
            Only these events; all if empty.

        Raises
        ------
        RpcError
            The endpoint is not in order.
        """
        last = self._connection.block_number() if to_block is None else to_block
        wanted = frozenset(names)
        found = [event for log in self._logs(from_block, last) for event in self.decode([log])]
        return [event for event in found if not wanted or event.name in wanted]

    def decode(self, logs: Iterable[LogReceipt]) -> list[ChainEvent]:
        """Decode the logs of this contract that its ABI knows; skip all others."""
        return [
            self._decode(log)
            for log in logs
            if log["address"] == self._address and self._topic(log) in self._events
        ]

    def _logs(self, first: int, last: int) -> Iterator[LogReceipt]:
        step = BLOCKS_PER_REQUEST
        while first <= last:
            end = min(first + step - 1, last)
            try:
                yield from self._request(first, end)
            except RpcRefusedError:
                if step == 1:
                    raise
                step = max(1, step // 2)
                continue
            first = end + 1

    def _request(self, first: int, last: int) -> list[LogReceipt]:
        wanted: FilterParams = {
            "address": self._address,
            "fromBlock": BlockNumber(first),
            "toBlock": BlockNumber(last),
            "topics": [[HexStr("0x" + topic.hex()) for topic in self._events]],
        }
        with asking("eth_getLogs", self._connection.decoder):
            return list(self._connection.w3.eth.get_logs(wanted))

    def _decode(self, log: LogReceipt) -> ChainEvent:
        name = self._events[self._topic(log)]
        with asking("an event", self._connection.decoder):
            decoded = self._contract.events[name]().process_log(log)
        return ChainEvent(
            name=name,
            values=MappingProxyType(dict(decoded["args"])),
            block_number=int(decoded["blockNumber"]),
            log_index=int(decoded["logIndex"]),
            tx_hash="0x" + bytes(decoded["transactionHash"]).hex(),
        )

    @staticmethod
    def _topic(log: LogReceipt) -> bytes:
        return bytes(log["topics"][0]) if log["topics"] else b""
