"""The contract on another chain that keeps hashes of audit bundles, typed."""

from dataclasses import dataclass

from hexbytes import HexBytes
from web3 import Web3

from zkfl.chain.asking import asking
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.errors import ChainError, RpcRefusedError
from zkfl.chain.events import ChainEvent, EventReader
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.transactions import ProgressCallback, TxResult

CONTRACT = "AuditAnchor"


class AnchorShownWrongError(ChainError):
    """An endpoint shows an anchor that the contract cannot have written."""


@dataclass(frozen=True)
class Anchor:
    """The hash of an audit bundle, as somebody put it there.

    Attributes
    ----------
    bundle
        SHA-256, 32 bytes.
    anchored_by
        Address.
    final_round, source_block
        How far the bundle goes, as that address says.
    block_number, tx_hash
        Where it stands on the anchors' own chain.
    """

    bundle: bytes
    anchored_by: str
    final_round: int
    source_block: int
    block_number: int
    tx_hash: str


class AuditAnchor:
    """One such contract; raises as `zkfl.chain.registry.Registry`.

    Parameters
    ----------
    client
        Of the chain that it stands on.
    address
        The contract's.
    first_block
        Before which it has no events.

    Raises
    ------
    NoCodeError
        The address holds no contract.
    NotGenuineError
        It holds another one.
    """

    def __init__(self, client: ChainClient, address: str, first_block: int = 0) -> None:
        client.require_code(address)
        self.client = client
        self.address = Web3.to_checksum_address(address)
        artefact = compile_project()[CONTRACT]
        self._abi = artefact.abi
        self._require_code(artefact.bytecode())
        self._first_block = first_block
        self._events = EventReader(client, self.address, self._abi)

    @classmethod
    def deploy(cls, client: ChainClient, on_progress: ProgressCallback | None = None) -> TxResult:
        """Create one; nobody owns it, and everybody may use it."""
        artefact = compile_project()[CONTRACT]
        return client.deploy(artefact.abi, artefact.bytecode(), on_progress=on_progress)

    def anchor(
        self, chain_id: int, registry: str, bundle: bytes, final_round: int, source_block: int
    ) -> TxResult:
        """Add the hash of a registry's bundle; by anyone."""
        arguments = (chain_id, registry, bundle, final_round, source_block)
        return self.client.transact(self.address, self._abi, "anchor", *arguments)

    def anchors(self, chain_id: int, registry: str) -> list[Anchor]:
        """Return a registry's anchors, the oldest first.

        Raises
        ------
        AnchorShownWrongError
            The endpoint leaves one out.
        """
        wanted = (chain_id, Web3.to_checksum_address(registry))
        events = [
            event
            for event in self._events.read(self._first_block, names=["Anchored"])
            if (event.values["sourceChain"], event.values["registry"]) == wanted
        ]
        count = int(self.client.call(self.address, self._abi, "anchorCount", *wanted))
        if [event.values["index"] for event in events] != list(range(count)):
            raise AnchorShownWrongError(
                f"the endpoint shows {len(events)} events of {count} anchors of {registry}: they "
                f"begin before block {self._first_block}, or it leaves some out and another one is "
                "to be asked"
            )
        return [_anchor(event) for event in events]

    def moment_of(self, anchor: Anchor) -> int:
        """Return the time of the block that an anchor stands in, in seconds."""
        return self.moment_of_block(anchor.block_number)

    def creation_block(self) -> int | None:
        """Return the block that the contract was created in; None if old states are not kept.

        By its code at earlier blocks, so that nobody's word for it is needed.
        """
        first, last = 0, self.client.block_number()
        try:
            while first < last:
                middle = (first + last) // 2
                first, last = (first, middle) if self._stood_at(middle) else (middle + 1, last)
        except RpcRefusedError:
            return None
        return first

    def moment_of_block(self, number: int) -> int:
        """Return the time of a block of the anchors' chain, in seconds."""
        with asking("a block", self.client.decoder):
            return int(self.client.w3.eth.get_block(number)["timestamp"])

    def _stood_at(self, number: int) -> bool:
        with asking("code of the anchors at an earlier block", self.client.decoder):
            return bool(self.client.w3.eth.get_code(self.address, number))

    def _require_code(self, creation: bytes) -> None:
        """Compare the code with this checkout's: another contract could emit what nobody sent."""
        with asking("code of the anchors", self.client.decoder):
            expected = self.client.w3.eth.call({"data": HexBytes(creation)})
            actual = self.client.w3.eth.get_code(self.address)
        if bytes(actual) != bytes(expected):
            raise NotGenuineError(
                f"the contract at {self.address} is not the {CONTRACT} that this checkout compiles "
                "to: leave --contract out to create one, or take the address from its creator's "
                "version of zkfl"
            )


def _anchor(event: ChainEvent) -> Anchor:
    return Anchor(
        bundle=bytes(event.values["bundle"]),
        anchored_by=str(event.values["anchoredBy"]),
        final_round=int(event.values["finalRound"]),
        source_block=int(event.values["sourceBlock"]),
        block_number=event.block_number,
        tx_hash=event.tx_hash,
    )
