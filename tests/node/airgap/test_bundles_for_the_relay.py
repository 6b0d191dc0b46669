"""Bundles that reach a relay and must bring nothing to the chain, or only what is meant."""

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import Web3

from zkfl.airgap.bundles import ToRelayHeader, seal_to_relay
from zkfl.airgap.container import Part
from zkfl.airgap.errors import BundleFileError, BundleNotReadyError, BundleRefusedError
from zkfl.airgap.relay import Relay
from zkfl.airgap.signatures import member_signer
from zkfl.chain.fees import FeeLimits
from zkfl.chain.raw_transactions import RawTransactionError, read_raw_transaction
from zkfl.errors import ZkflError
from zkfl.party_accounts import open_account

if TYPE_CHECKING:
    from conftest import Island, Site

ELSEWHERE = Web3.to_checksum_address("0x" + "77" * 20)
KEY = b"\x07" * 32


@pytest.fixture(autouse=True)
def _taken(island: "Island", bundle: bytes) -> None:
    island.here.take_in(bundle)


def signed(island: "Island", *steps: bytes) -> bytes:
    """Return a bundle of announcements of these mask keys."""
    registry, _ = island.here.open_registry(FeeLimits())
    for key in steps:
        registry.announce_mask_key(key)
    return island.here.hand_out(registry, (), ()).content


def transaction(site: "Site", island: "Island", **changes: Any) -> bytes:  # noqa: ANN401
    """Return a transaction that the relay would bring, with something changed."""
    by = changes.pop("by", island.account)
    registry = site.coordinator().registry
    contract = registry.client.w3.eth.contract(abi=list(registry.abi))
    fields: dict[str, Any] = {
        "to": registry.address,
        "data": contract.encode_abi("announceMaskKey", args=[KEY]),
        "value": 0,
        "chainId": registry.client.chain_id,
        "nonce": registry.client.transaction_count(island.address, "latest"),
        "gas": 1_000_000,
        "maxFeePerGas": 10**10,
        "maxPriorityFeePerGas": 10**9,
    }
    wanted = {name: value for name, value in (fields | changes).items() if value is not None}
    return bytes(by.sign_transaction(wanted).raw_transaction)


def forged(
    island: "Island",
    transactions: Sequence[bytes],
    artefacts: Sequence[bytes] = (),
    reads: bytes = b"[]",
    by: LocalAccount | None = None,
    **changes: object,
) -> bytes:
    header = ToRelayHeader(
        binding=island.here.view.binding,
        sequence=1,
        answers_of=1,
        transactions=tuple(map(Part.of, transactions)),
        artefacts=tuple(map(Part.of, artefacts)),
        wanted_reads=Part.of(reads),
        wanted_artefacts=(),
    ).model_copy(update=changes)
    sign = member_signer(by or island.account)
    return seal_to_relay(header, [*transactions, *artefacts], reads, sign)


def refuses(
    site: "Site", island: "Island", content: bytes, error: type[ZkflError], message: str
) -> None:
    def kept() -> tuple[object, ...]:
        notes = (island.relay.folder / "relay.json").read_bytes()
        return site.sent("bay"), site.stored(), notes

    before = kept()
    with pytest.raises(error, match=message):
        island.bring_out(content)
    assert kept() == before


def test_a_flipped_bit_anywhere(site: "Site", island: "Island") -> None:
    bundle = signed(island, KEY)
    for place in range(0, len(bundle), 7):
        changed = bytearray(bundle)
        changed[place] ^= 1
        with pytest.raises((BundleRefusedError, BundleFileError)):
            island.bring_out(bytes(changed))
    refuses(site, island, bundle[:-1], BundleRefusedError, "is signed by")
    refuses(site, island, bundle[:10], BundleFileError, "is no bundle")


def test_signed_by_another_member(site: "Site", island: "Island") -> None:
    other = open_account(site.home("cay"))
    bundle = forged(island, [], by=other)
    refuses(site, island, bundle, BundleRefusedError, f"signed by {other.address}, this relay")


@pytest.mark.parametrize(
    ("name", "value"),
    [("member", ELSEWHERE), ("registry", ELSEWHERE), ("chain_id", 1), ("genesis", "77" * 32)],
)
def test_for_another_consortium(site: "Site", island: "Island", name: str, value: object) -> None:
    binding = island.here.view.binding.model_copy(update={name: value})
    bundle = forged(island, [], binding=binding)
    refuses(site, island, bundle, BundleRefusedError, f"is for {name} {value}, not")


def test_a_bundle_from_the_relay_itself(site: "Site", island: "Island") -> None:
    bundle = island.relay.export(site.anvil.url).content
    refuses(site, island, bundle, BundleRefusedError, "is signed by")


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"to": ELSEWHERE}, BundleRefusedError, f"sent to {ELSEWHERE}"),
        ({"to": None}, BundleRefusedError, "sent to None"),
        ({"chainId": 1}, BundleRefusedError, "for chain 1"),
        ({"value": 1}, BundleRefusedError, "with 1 wei"),
        ({"data": "0x12345678"}, BundleRefusedError, "no call that the registry has"),
        ({"by": Account.from_key("0x" + "07" * 32)}, BundleRefusedError, "is signed by 0x"),
        (
            {"accessList": (), "gasPrice": 10**10}
            | dict.fromkeys(("maxFeePerGas", "maxPriorityFeePerGas")),
            RawTransactionError,
            "of type 1",
        ),
    ],
    ids=["address", "creation", "chain", "value", "call", "signer", "type"],
)
def test_a_transaction_that_a_relay_does_not_bring(
    site: "Site",
    island: "Island",
    changes: dict[str, Any],
    error: type[ZkflError],
    message: str,
) -> None:
    raw = transaction(site, island, **changes)
    refuses(site, island, forged(island, [raw]), error, message)


def test_bytes_that_are_no_transaction(site: "Site", island: "Island") -> None:
    good = transaction(site, island)
    for raw in (b"", b"\xc0", b"\x02", good[:-1], good + b"\0", b"\x02" + b"[" * 5000):
        refuses(site, island, forged(island, [raw]), RawTransactionError, "are no signed")


def test_nonces_that_leave_one_out(site: "Site", island: "Island") -> None:
    nonce = site.sent("bay")
    first = transaction(site, island)
    third = transaction(site, island, nonce=nonce + 2)
    refuses(site, island, forged(island, [third]), BundleRefusedError, "begins with nonce")
    gap = forged(island, [first, third])
    refuses(site, island, gap, BundleRefusedError, "not consecutive")
    twice = forged(island, [first, first])
    refuses(site, island, twice, BundleRefusedError, "not consecutive")


def test_an_artefact_that_no_transaction_names(site: "Site", island: "Island") -> None:
    bundle = forged(island, [transaction(site, island)], [b"records of patients"])
    refuses(site, island, bundle, BundleRefusedError, "none of its transactions names")


@pytest.mark.parametrize(
    ("reads", "message"),
    [
        ([{"method": "eth_sendRawTransaction", "params": ["0x"]}], "Input should be 'eth_block"),
        ([{"method": "eth_call", "params": [], "url": "http://x"}], "Extra inputs"),
        ([{"method": "eth_chainId", "params": []}] * 257, "asks too much"),
        ("[" * 100_000, "it is no JSON"),
    ],
    ids=["writes", "leads elsewhere", "many", "deep"],
)
def test_questions_that_a_relay_does_not_ask(
    site: "Site", island: "Island", reads: object, message: str
) -> None:
    text = reads if isinstance(reads, str) else json.dumps(reads)
    bundle = forged(island, [], reads=text.encode())
    refuses(site, island, bundle, BundleFileError, message)


def test_an_older_bundle(site: "Site", island: "Island") -> None:
    older, newer = signed(island), signed(island)
    island.bring_out(newer)
    island.bring_out(newer)
    refuses(site, island, older, BundleRefusedError, "number 1, number 2 was taken before")


def test_a_call_that_would_fail_is_not_sent_and_ends_the_bundle(
    site: "Site", island: "Island"
) -> None:
    """Mask keys change between rounds only, and one is open."""
    before = site.sent("bay")
    done = island.bring_out(signed(island, KEY, b"\x08" * 32))
    assert [outcome.state for outcome in done.outcomes] == ["refused", "not sent"]
    assert "RoundInProgress" in done.outcomes[0].detail
    assert site.sent("bay") == before


def end_round(site: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the deadline pass on chain, and on the island's clock."""
    registry = site.coordinator().registry
    deadline = registry.round(1).deadline
    clock = SimpleNamespace(time=lambda: deadline)
    monkeypatch.setattr("zkfl.airgap.airgapped_site.time", clock)
    site.anvil.advance_time(deadline + 1 - registry.client.block_timestamp())
    registry.push_round(1)


def test_a_bundle_that_is_imported_twice_is_brought_once(
    site: "Site", island: "Island", monkeypatch: pytest.MonkeyPatch
) -> None:
    end_round(site, monkeypatch)
    island.bring_in()
    bundle = signed(island, KEY, b"\x08" * 32)
    before = site.sent("bay")
    assert [o.state for o in island.bring_out(bundle).outcomes] == ["mined", "mined"]
    assert [o.state for o in island.bring_out(bundle).outcomes] == ["mined before"] * 2
    assert site.sent("bay") == before + 2


def test_a_lost_bundle_is_made_again_with_the_same_signature(
    site: "Site", island: "Island", monkeypatch: pytest.MonkeyPatch
) -> None:
    end_round(site, monkeypatch)
    island.bring_in()
    lost = transactions_of(island, KEY)
    assert transactions_of(island, KEY) == lost
    island.bring_in()
    assert transactions_of(island, KEY) == lost
    site.anvil.control("anvil_setNextBlockBaseFeePerGas", hex(50 * 10**9))
    site.anvil.control("evm_mine")
    island.bring_in()
    dearer = transactions_of(island, KEY)
    cheap, dear = (read_raw_transaction(raw) for raw in (lost[0], dearer[0]))
    assert dear.nonce == cheap.nonce
    assert dear.fee_cap >= 2 * 50 * 10**9
    assert dear.tip > cheap.tip
    assert island.bring_out(signed(island, KEY)).outcomes[0].state == "mined"
    island.bring_in()
    assert transactions_of(island, KEY) != dearer


def transactions_of(island: "Island", *keys: bytes) -> list[bytes]:
    registry, _ = island.here.open_registry(FeeLimits())
    for key in keys:
        registry.announce_mask_key(key)
    return [signed.raw for signed in island.here.hand_out(registry, (), ()).transactions]


def test_a_nonce_that_went_to_another_transaction(
    site: "Site", island: "Island", monkeypatch: pytest.MonkeyPatch
) -> None:
    end_round(site, monkeypatch)
    island.bring_in()
    bundle = signed(island, KEY)
    site.node("bay").registry.announce_mask_key(b"\x09" * 32)
    [outcome] = island.bring_out(bundle).outcomes
    assert (outcome.state, outcome.call) == ("refused", "announceMaskKey")
    assert "another transaction took its nonce" in outcome.detail


def test_a_relay_serves_one_member(site: "Site", island: "Island", tmp_path: Path) -> None:
    key = island.relay.set_up(island.address)
    assert island.relay.set_up(island.address) == key
    with pytest.raises(BundleNotReadyError, match=f"serves {island.address}: a relay serves one"):
        island.relay.set_up(ELSEWHERE)
    unset = Relay(tmp_path / "none", site.deployment, site.workspace.store)
    with pytest.raises(BundleNotReadyError, match="run zkfl bundle relay there first"):
        unset.export(site.anvil.url)
    assert (island.relay.folder / "relay.key").stat().st_mode & 0o777 == 0o600


def test_a_node_keeps_to_its_own_limit_of_fees(island: "Island") -> None:
    registry, _ = island.here.open_registry(FeeLimits(max_fee_per_gas=1))
    with pytest.raises(ZkflError, match="the limit is"):
        registry.announce_mask_key(KEY)
