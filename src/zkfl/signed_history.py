"""What a registry's creator and its members signed, read back from the chain's own calldata.

Both the lineage and the check of all proofs stand on this: an endpoint can hide a transaction,
but it cannot make up what somebody signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from hexbytes import HexBytes
from web3 import Web3

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project
from zkfl.chain.events import ChainEvent
from zkfl.chain.reverts import Abi
from zkfl.chain.signed_call import UnsignedCallError, signed_call, signed_creation
from zkfl.chain.states import ConsortiumConfig
from zkfl.curve import G1Point
from zkfl.errors import ZkflError

_POINT_BYTES = 64
_UNLINKED = "0x" + "00" * 20


class LineageError(ZkflError):
    """The chain, as the endpoint shows it, does not add up."""


@dataclass(frozen=True)
class Creation:
    """What the creation of a registry was signed with.

    Attributes
    ----------
    config
        What the consortium agreed on.
    addresses
        The constructor's further arguments by their names in Solidity: contracts and roles.
    creator
        Who signed.
    tx_hash
        0x and 64 hexadecimal digits.
    """

    config: ConsortiumConfig
    addresses: Mapping[str, str]
    creator: str
    tx_hash: str


class CalledContract(Protocol):
    """A contract whose calls are read back: the registry, or one beside it."""

    @property
    def client(self) -> ChainClient:
        """Reads the chain."""
        ...

    @property
    def address(self) -> str:
        """Of the contract."""
        ...

    @property
    def abi(self) -> Abi:
        """Of its functions."""
        ...


class SignedHistory:
    """The calls behind a contract's events.

    Parameters
    ----------
    registry
        Only its events and their transactions are read; the creation, of a registry alone.
    """

    def __init__(self, registry: CalledContract) -> None:
        self._registry = registry
        self._client = registry.client
        self._contract = self._client.w3.eth.contract(abi=list(registry.abi))

    def creation(self, event: ChainEvent | None) -> Creation:
        """Read what the registry was created with from the calldata.

        Parameters
        ----------
        event
            The registry's first event that gives no role; None if it has none.

        Raises
        ------
        LineageError
            It is not the creation of this registry by this checkout's code.
        """
        if event is None or event.name != "ConsortiumCreated":
            raise LineageError(
                f"the first event of {self._registry.address} is "
                f"{event.name if event else 'none'}, not ConsortiumCreated: it is no registry, or "
                "its beginning is missing; ask an endpoint with the whole history"
            )
        transaction = self._client.transaction(event.tx_hash)
        if transaction is None:
            raise LineageError(f"the endpoint has no transaction {event.tx_hash}, the creation")
        config, addresses = _constructed(bytes(HexBytes(transaction["input"])))
        try:
            signed = signed_creation(transaction)
        except UnsignedCallError as error:
            raise LineageError(f"the creation {event.tx_hash} cannot be read: {error}") from error
        registry = Web3.to_checksum_address(self._registry.address)
        require_same("the creation", "registry", registry, signed.address)
        require_same("the creation", "chain", self._client.chain_id, signed.chain_id)
        require_same("the creation", "SRS", bytes(event.values["srsHash"]), config.srs_hash)
        require_same("the creation", "demo SRS", event.values["srsInsecure"], config.srs_insecure)
        return Creation(config, addresses, signed.signer, event.tx_hash)

    def arguments(
        self, event: ChainEvent, function: str, member: str, where: str
    ) -> Mapping[str, Any]:
        """Return the arguments of the call that a member signed.

        Parameters
        ----------
        event
            What the call led to.
        function, member
            Which function, and who must have signed.
        where
            For messages.

        Raises
        ------
        LineageError
            The endpoint does not show such a call.
        """
        transaction = self._client.transaction(event.tx_hash)
        if transaction is None:
            raise LineageError(f"{where}: the endpoint has no transaction {event.tx_hash}")
        try:
            call = signed_call(transaction)
            decoded, arguments = self._contract.decode_function_input(HexBytes(call.data))
        except (UnsignedCallError, ValueError, DecodingError) as error:
            raise LineageError(f"{where}: {event.tx_hash} cannot be read: {error}") from error
        registry = Web3.to_checksum_address(self._registry.address)
        require_same(where, "function called", decoded.fn_name, function)
        require_same(where, "signer", call.signer, member)
        require_same(where, "contract called", call.to, registry)
        if not call.is_for(self._client.chain_id):
            require_same(where, "chain", call.chain_id, self._client.chain_id)
        return dict(arguments)


def point_of(proof: bytes, place: int, where: str) -> G1Point:
    """Return one of the points at the start of a proof.

    Raises
    ------
    LineageError
        The proof is too short.
    """
    words = proof[_POINT_BYTES * place : _POINT_BYTES * (place + 1)]
    if len(words) != _POINT_BYTES:
        raise LineageError(f"{where}: its proof is too short")
    half = _POINT_BYTES // 2
    return G1Point(int.from_bytes(words[:half], "big"), int.from_bytes(words[half:], "big"))


def require_same(where: str, what: str, shown: object, computed: object) -> None:
    """Compare what an endpoint shows with what follows; raise `LineageError` if they differ."""
    if shown != computed:
        raise LineageError(
            f"{where}: {what} is shown as {_text(shown)}, but follows as {_text(computed)}"
        )


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _constructed(creation: bytes) -> tuple[ConsortiumConfig, dict[str, str]]:
    """Decode what the constructor was given, behind the creation code of this checkout."""
    artefact = compile_project()["ConsortiumRegistry"]
    expected = artefact.bytecode(dict.fromkeys(artefact.links, _UNLINKED))
    length = len(expected)
    if _without_links(creation[:length], artefact.links) != expected:
        raise LineageError(
            "the registry was created by other code than this checkout's: use the version of zkfl "
            "that the consortium was founded with, and do not trust what another one says"
        )
    [constructor] = [entry for entry in artefact.abi if entry["type"] == "constructor"]
    inputs = constructor["inputs"]
    types = [collapse_if_tuple(dict(item)) for item in inputs]
    try:
        config, *further = decode(types, creation[length:])
        named = zip(inputs[1:], further, strict=True)
        addresses = {str(item["name"]): str(Web3.to_checksum_address(at)) for item, at in named}
        return ConsortiumConfig.from_tuple(config), addresses
    except (DecodingError, ValueError) as error:
        raise LineageError(
            f"the registry's constructor was given no configuration: {error}"
        ) from error


def _without_links(code: bytes, links: Mapping[str, list[int]]) -> bytes:
    blank = bytearray(code)
    for start in (offset for offsets in links.values() for offset in offsets):
        blank[start : start + 20] = bytes(20)
    return bytes(blank)
