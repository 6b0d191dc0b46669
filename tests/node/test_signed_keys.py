"""A peer's new mask key counts if the peer signed it, later than the one before."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from eth_account import Account
from hexbytes import HexBytes

from zkfl.atomic_file import write_atomically
from zkfl.chain.client import ChainClient
from zkfl.chain.registry import Registry
from zkfl.masks import MaskKey
from zkfl.node.home import NodeHome
from zkfl.node.pinned_keys import PinnedKeyError, require_pinned
from zkfl.node.signed_statements import SignedStatements, UnsignedKeyError

if TYPE_CHECKING:
    from conftest import Site

CONTEXT = bytes([9]) * 32
FORGER = Account.create()


@pytest.fixture(scope="module")
def resting(new_site: Callable[[str], "Site"]) -> "Site":
    return new_site("bfv")


@pytest.fixture
def site(resting: "Site") -> Iterator["Site"]:
    snapshot = resting.anvil.control("evm_snapshot")
    try:
        yield resting
    finally:
        resting.anvil.control("evm_revert", snapshot)


@pytest.fixture
def home(tmp_path: Path) -> NodeHome:
    return NodeHome.create(tmp_path / "node")


def keys_of(registry: Registry, *members: str) -> dict[str, bytes]:
    return {member: registry.member_of(member).mask_key for member in members}


def announce(site: "Site", name: str) -> bytes:
    key = MaskKey.generate().public_bytes()
    site.node(name).registry.announce_mask_key(key)
    return key


def pin(site: "Site", home: NodeHome, name: str, key: bytes | None = None) -> None:
    registry = site.node("ada").registry
    member = site.address(name)
    shown = {member: key} if key else keys_of(registry, member)
    require_pinned(home, shown, CONTEXT, SignedStatements(registry))


def sign_again(change: dict[str, Any], account: Any = None) -> Callable[[Any], Any]:  # noqa: ANN401
    """Return what makes another transaction of an announcement, signed by an account."""

    def forged(transaction: Any) -> Any:  # noqa: ANN401
        fields = {
            "type": 2,
            **{
                name: transaction[name]
                for name in (
                    *("chainId", "nonce", "gas", "to", "value"),
                    *("maxFeePerGas", "maxPriorityFeePerGas"),
                )
            },
            "data": transaction["input"],
            **change,
        }
        signed = (account or FORGER).sign_transaction(fields)
        shown = {**transaction, **fields, "input": HexBytes(fields["data"])}
        shown |= {"v": signed.v, "r": HexBytes(signed.r), "s": HexBytes(signed.s)}
        return {name: value for name, value in shown.items() if name != "yParity"}

    return forged


def lie(patch: pytest.MonkeyPatch, change: Callable[[Any], Any]) -> None:
    honest = ChainClient.transaction
    patch.setattr(ChainClient, "transaction", lambda *a: change(honest(*a)))


def test_honest_keys_are_taken_as_they_change(site: "Site", home: NodeHome) -> None:
    pin(site, home, "bay")
    first = announce(site, "bay")
    pin(site, home, "bay")
    assert first.hex() in home.pinned_keys.read_text()
    second = announce(site, "bay")
    pin(site, home, "bay")
    assert second.hex() in home.pinned_keys.read_text()
    assert first.hex() not in home.pinned_keys.read_text()


def test_a_known_key_needs_no_further_look(
    site: "Site", home: NodeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin(site, home, "bay")
    lie(monkeypatch, lambda _: None)
    pin(site, home, "bay")


@pytest.mark.parametrize("known", [True, False], ids=["known before", "at first sight"])
@pytest.mark.parametrize(
    ("change", "message"),
    [
        (sign_again({}), "is signed by"),
        (sign_again({"to": FORGER.address}), f"sent to {FORGER.address}"),
        (sign_again({"chainId": 1}), "for chain 1"),
        (sign_again({"data": "0x" + "00" * 36}), "with another call"),
        (lambda transaction: {**transaction, "nonce": transaction["nonce"] + 1}, "is signed by"),
        (lambda transaction: {**transaction, "from": FORGER.address, "r": b"\x01"}, "signed"),
        (lambda _: None, "it has no transaction"),
    ],
    ids=["signer", "registry", "chain", "call", "nonce", "signature", "hidden"],
)
def test_what_the_peer_did_not_sign_is_refused(  # noqa: PLR0913, PLR0917 - a case's parts
    site: "Site",
    home: NodeHome,
    monkeypatch: pytest.MonkeyPatch,
    change: Callable[[Any], Any],
    message: str,
    known: bool,  # noqa: FBT001 (a case's part)
) -> None:
    if known:
        pin(site, home, "bay")
    announce(site, "bay")
    before = home.pinned_keys.read_text() if known else ""
    with monkeypatch.context() as patch:
        lie(patch, change)
        with pytest.raises(UnsignedKeyError, match=message):
            pin(site, home, "bay")
    assert (home.pinned_keys.read_text() if known else "") == before


def test_the_peers_own_key_for_another_registry_or_chain_is_refused(
    site: "Site", home: NodeHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed by the right account, and meant for somebody else."""
    own = site.node("bay").registry.client.account
    announce(site, "bay")
    for change, message in (
        ({"to": FORGER.address}, "sent to"),
        ({"chainId": 1}, "for chain 1"),
    ):
        with monkeypatch.context() as patch:
            lie(patch, sign_again(change, own))
            with pytest.raises(UnsignedKeyError, match=message):
                pin(site, home, "bay")


def test_an_invented_announcement_is_refused(site: "Site", home: NodeHome) -> None:
    pin(site, home, "bay")
    with pytest.raises(UnsignedKeyError, match="it shows 0 announcements"):
        pin(site, home, "bay", MaskKey.generate().public_bytes())


def test_an_older_announcement_is_not_a_newer_one(site: "Site", home: NodeHome) -> None:
    original = site.node("ada").registry.member_of(site.address("bay")).mask_key
    announce(site, "bay")
    pin(site, home, "bay")
    with pytest.raises(PinnedKeyError, match="an old announcement is shown as a new one"):
        pin(site, home, "bay", original)


def test_a_key_that_was_announced_again_is_a_newer_one(site: "Site", home: NodeHome) -> None:
    registry = site.node("bay").registry
    original = registry.member_of(site.address("bay")).mask_key
    announce(site, "bay")
    pin(site, home, "bay")
    registry.announce_mask_key(original)
    pin(site, home, "bay")
    assert original.hex() in home.pinned_keys.read_text()


def test_another_encryption_context_needs_an_operator(site: "Site", home: NodeHome) -> None:
    pin(site, home, "bay")
    registry = site.node("ada").registry
    shown = keys_of(registry, site.address("bay"))
    with pytest.raises(PinnedKeyError, match="ask the key holder over another channel"):
        require_pinned(home, shown, bytes([8]) * 32, SignedStatements(registry))


def test_a_file_with_the_context_at_its_end_is_read_and_laid_anew(
    site: "Site", home: NodeHome
) -> None:
    """There, an operator who removes its line leaves a comma before a brace."""
    pin(site, home, "bay")
    laid = home.pinned_keys.read_text()
    known = json.loads(laid)
    known["encryption_context"] = known.pop("encryption_context")
    write_atomically(home.pinned_keys, json.dumps(known, indent=1).encode())
    pin(site, home, "bay")
    assert home.pinned_keys.read_text() == laid


@pytest.mark.parametrize("known", [True, False], ids=["known before", "at first sight"])
@pytest.mark.parametrize("own", [True, False], ids=["the peer's key", "another key"])
def test_an_account_that_the_member_did_not_name_takes_no_key_over(
    site: "Site",
    home: NodeHome,
    monkeypatch: pytest.MonkeyPatch,
    known: bool,  # noqa: FBT001 (a case's part)
    own: bool,  # noqa: FBT001 (a case's part)
) -> None:
    """An endpoint makes up a rotation; the account's own key is not the peer's."""
    if known:
        pin(site, home, "bay")
    registry = site.node("ada").registry
    statements = SignedStatements(registry)
    peers = registry.member_of(site.address("bay")).mask_key
    shown = peers if own else MaskKey.generate().public_bytes()
    honest = Registry.events

    def events(self: Registry, *_: object, names: list[str]) -> list[Any]:
        if names != ["AccountRotated"]:
            return honest(self, names=names)
        template = honest(self, names=["MaskKeyAnnounced"])[0]
        values = {"account": site.address("bay"), "newAccount": FORGER.address}
        return [type(template)("AccountRotated", values, 1, 0, template.tx_hash)]

    monkeypatch.setattr(Registry, "events", events)
    assert statements.former_account(FORGER.address) is None
    with pytest.raises(UnsignedKeyError):
        require_pinned(home, {FORGER.address: shown}, CONTEXT, statements)
