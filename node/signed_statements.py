"""What members signed themselves: mask keys, splits of masks, accounts under which they go on.

The endpoint finds the transactions; it cannot forge them. It can hide them, or show old ones:
whoever asks compares nonces.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxData

from zkfl.chain.events import ChainEvent
from zkfl.chain.registry import Registry
from zkfl.chain.signed_call import SignedCall, UnsignedCallError, signed_call
from zkfl.curve import G1Point
from zkfl.errors import ZkflError

MASK_SPLIT = "MaskSplit"
_SELECTOR_BYTES = 4
_SPLIT_ARGUMENTS = ("uint256", "uint32", "bytes32", "(uint256,uint256)[]")


class UnsignedKeyError(ZkflError):
    """The endpoint shows a key that its owner is not seen to have signed."""


def accounts_of(member: str, former: Callable[[str], str | None]) -> Iterator[str]:
    """Yield a member's account, then those that it gave up, the latest first.

    Parameters
    ----------
    member
        Address.
    former
        As `SignedStatements.former_account`; an endpoint that shows a circle ends it.
    """
    seen: set[str] = set()
    account: str | None = member
    while account is not None and account not in seen:
        yield account
        seen.add(account)
        account = former(account)


@dataclass(frozen=True)
class MaskedAttempt:
    """What the masks of a registry's members depend on, apart from their secrets.

    Attributes
    ----------
    round_id, attempt
        From the context of the masks.
    cohort
        `zkfl.chain.protocol.mask_cohort`: who stands where, under which keys; 32 bytes.
    """

    round_id: int
    attempt: int
    cohort: bytes


@dataclass(frozen=True)
class Split:
    """What a member signed in a dispute about masks.

    Attributes
    ----------
    signer
        Its account.
    about
        What it says that its masks are of.
    masks
        ``C(m_ij)`` by place among the other members of the cohort.
    """

    signer: str
    about: MaskedAttempt
    masks: tuple[G1Point, ...]


class SignedStatements:
    """Reads signed statements of one registry through its client."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        abi = registry.client.w3.eth.contract(abi=list(registry.abi))
        self._encode = abi.encode_abi
        self._split = bytes(HexBytes(abi.encode_abi("splitMask", args=[0, 0, bytes(32), []])))[
            :_SELECTOR_BYTES
        ]

    def nonce_of(self, member: str, key: bytes) -> int:
        """Return the nonce with which a member's account announced a mask key, the latest.

        Raises
        ------
        UnsignedKeyError
            No transaction that the endpoint shows is the member's own announcement of this key.
        """
        data = bytes(HexBytes(self._encode("announceMaskKey", args=[key])))
        shown = [
            event
            for event in self._events("MaskKeyAnnounced")
            if event.values["member"] == member and bytes(event.values["maskKey"]) == key
        ]
        nonces, why = [], [f"it shows {len(shown)} announcements"]
        for event in shown:
            try:
                nonces.append(self._require(event, member, data).nonce)
            except UnsignedCallError as error:
                why.append(str(error))
        if not nonces:
            raise UnsignedKeyError(
                f"the endpoint shows {key.hex()} as the mask key of {member}, and no transaction "
                f"in which {member} announced it: {'; '.join(why)}. Ask its owner over another "
                "channel, and another endpoint; nothing may be sent under a key that is not signed"
            )
        return max(nonces)

    def former_account(self, account: str) -> str | None:
        """Return the account that a member gave up for this one; None if it signed no such thing.

        A nomination by the owner, for a member that lost its key, is not signed by the member:
        who goes on in that way is somebody new.
        """
        rotated = {
            e.values["newAccount"]: e.values["account"] for e in self._events("AccountRotated")
        }
        former = rotated.get(account)
        if former is None:
            return None
        data = bytes(HexBytes(self._encode("nominateAccount", args=[former, account])))
        for event in self._events("AccountNominated"):
            if (event.values["account"], event.values["newAccount"]) != (former, account):
                continue
            try:
                self._require(event, former, data)
            except UnsignedCallError:
                continue
            return str(former)
        return None

    def splits(self, signers: Collection[str]) -> Iterator[Split]:
        """Yield what a member signed, under its accounts, in disputes about masks."""
        for event in self._events(MASK_SPLIT):
            if event.values["member"] not in signers:
                continue
            transaction = self._registry.client.transaction(event.tx_hash)
            split = None if transaction is None else self._split_by(transaction, signers)
            if split is not None:
                yield split

    def _split_by(self, transaction: TxData, signers: Collection[str]) -> Split | None:
        """Return the split that one of these accounts signed; None if it is no such thing."""
        try:
            call = signed_call(transaction)
            self._require_here(call, "the split")
            if call.signer not in signers or call.data[:_SELECTOR_BYTES] != self._split:
                return None
            named = decode(_SPLIT_ARGUMENTS, call.data[_SELECTOR_BYTES:])
        except (UnsignedCallError, DecodingError):
            return None
        round_id, attempt, cohort, masks = named
        about = MaskedAttempt(int(round_id), int(attempt), bytes(cohort))
        return Split(call.signer, about, tuple(G1Point(int(x), int(y)) for x, y in masks))

    def _require_here(self, call: SignedCall, name: str) -> None:
        """Refuse a call that was signed for another chain or contract."""
        registry = Web3.to_checksum_address(self._registry.address)
        if call.to != registry or not call.is_for(self._registry.client.chain_id):
            raise UnsignedCallError(f"{name} was signed for {call.to} on chain {call.chain_id}")

    def _events(self, name: str) -> list[ChainEvent]:
        return self._registry.events(names=[name])

    def _require(self, event: ChainEvent, signer: str, data: bytes) -> SignedCall:
        client = self._registry.client
        transaction = client.transaction(event.tx_hash)
        if transaction is None:
            raise UnsignedCallError(f"it has no transaction {event.tx_hash}")
        call = signed_call(transaction)
        registry = Web3.to_checksum_address(self._registry.address)
        wrong = {
            f"signed by {call.signer}": call.signer != signer,
            f"for chain {call.chain_id}": not call.is_for(client.chain_id),
            f"sent to {call.to}": call.to != registry,
            "with another call": call.data != data,
        }
        if any(wrong.values()):
            named = ", ".join(text for text, is_wrong in wrong.items() if is_wrong)
            raise UnsignedCallError(f"{event.tx_hash} is {named}")
        return call
