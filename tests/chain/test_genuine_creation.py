"""The agreed code with other storage: a member looks at how the contracts were created."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3.exceptions import Web3RPCError

from zkfl.chain.anvil import Anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deploy import DeployConfig, deploy
from zkfl.chain.deployment import Deployment
from zkfl.chain.genuine import NotGenuineError, require_genuine
from zkfl.chain.registry import Registry
from zkfl.srs.demo import demo_s_g2

CREATIONS = ["admission verifier", "training verifier", "router", "extension", "registry"]
HIDDEN_SLOT = int.from_bytes(keccak(text="a slot that no constructor writes"))
SLOTS_IN_ORDER = 64
PUSH2, PUSH32, PUSH_ZERO, CODECOPY, SSTORE, RETURN = (
    bytes([code]) for code in (0x61, 0x7F, 0x5F, 0x39, 0x55, 0xF3)
)


@dataclass(frozen=True)
class Office:
    """Whoever deploys, and what a member makes of it."""

    client: ChainClient
    deployment: Deployment
    check: Callable[[Deployment], None]

    def creation_of(self, step: str) -> str:
        [found] = [t.tx_hash for t in self.deployment.transactions if t.step == step]
        return found

    def with_hash(self, step: str, tx_hash: str, **update: object) -> Deployment:
        transactions = [
            t.model_copy(update={"tx_hash": tx_hash}) if t.step == step else t
            for t in self.deployment.transactions
        ]
        return self.deployment.model_copy(update={"transactions": transactions, **update})

    def code_at(self, address: str) -> bytes:
        return bytes(self.client.w3.eth.get_code(self.client.w3.to_checksum_address(address)))

    def word_at(self, address: str, slot: int) -> bytes:
        checksummed = self.client.w3.to_checksum_address(address)
        return bytes(self.client.w3.eth.get_storage_at(checksummed, slot)).rjust(32, b"\0")


@pytest.fixture(scope="module")
def office(anvil: Anvil, sample_deployment: DeployConfig) -> Office:
    client = ChainClient(anvil.url, anvil.new_account(), anvil.chain_id, decoder=error_decoder())
    agreed = sample_deployment
    circuits = agreed.admission, agreed.training
    return Office(
        client,
        deploy(client, agreed),
        lambda shown: require_genuine(client, shown, agreed.consortium, demo_s_g2(), *circuits),
    )


def forged_init(words: dict[int, bytes], runtime: bytes) -> bytes:
    """Return creation code that stores words at slots and leaves a given runtime code."""
    stores = b"".join(
        PUSH32 + word + PUSH32 + slot.to_bytes(32) + SSTORE for slot, word in words.items()
    )
    size = PUSH2 + len(runtime).to_bytes(2)
    # two sizes of 3 bytes, an offset of 3, and PUSH_ZERO, CODECOPY, PUSH_ZERO, RETURN
    offset = PUSH2 + (len(stores) + 13).to_bytes(2)
    copy = size + offset + PUSH_ZERO + CODECOPY
    return stores + copy + size + PUSH_ZERO + RETURN + runtime


def forge_registry(office: Office) -> tuple[str, str]:
    """Create the registry's code and visible storage, and one word more."""
    genuine = office.deployment.registry
    words = {slot: office.word_at(genuine, slot) for slot in range(SLOTS_IN_ORDER)}
    words = {slot: word for slot, word in words.items() if any(word)}
    init = forged_init({**words, HIDDEN_SLOT: b"\x07" * 32}, office.code_at(genuine))
    created = office.client.send(None, HexBytes(init))
    return str(created.contract_address), created.tx_hash


def test_genuine_creations_are_accepted(office: Office) -> None:
    office.check(office.deployment)


def test_refuses_storage_that_a_forged_init_code_wrote(office: Office) -> None:
    forged, tx_hash = forge_registry(office)
    genuine = office.deployment.registry
    # code and configuration alone cannot tell the two apart
    assert office.code_at(forged) == office.code_at(genuine)
    assert Registry(office.client, forged).config() == Registry(office.client, genuine).config()
    assert office.word_at(forged, HIDDEN_SLOT) == b"\x07" * 32
    with pytest.raises(NotGenuineError, match=r"ran other creation code than .*ConsortiumRegistry"):
        office.check(office.with_hash("registry", tx_hash, registry=forged))


def test_refuses_the_genuine_creation_as_an_excuse_for_a_forged_one(office: Office) -> None:
    forged, _ = forge_registry(office)
    excuse = office.creation_of("registry")
    with pytest.raises(NotGenuineError, match=f"created {office.deployment.registry}, the deploym"):
        office.check(office.with_hash("registry", excuse, registry=forged))


@pytest.mark.parametrize("step", CREATIONS)
def test_refuses_a_call_in_the_place_of_a_creation(office: Office, step: str) -> None:
    call = office.client.send(office.client.sender, b"").tx_hash
    with pytest.raises(NotGenuineError, match=f"create the {step}, is a call of"):
        office.check(office.with_hash(step, call))


@pytest.mark.parametrize("step", CREATIONS)
def test_refuses_the_creation_of_another_contract(office: Office, step: str) -> None:
    # runs, and creates a contract without code
    other = office.client.send(None, b"\x00").tx_hash
    with pytest.raises(NotGenuineError, match=f"create the {step}, ran other creation code"):
        office.check(office.with_hash(step, other))


@pytest.mark.parametrize("step", CREATIONS)
def test_refuses_a_transaction_that_the_endpoint_does_not_have(office: Office, step: str) -> None:
    with pytest.raises(NotGenuineError, match=r"no mined transaction 0x0101.* pruned it"):
        office.check(office.with_hash(step, "0x" + "01" * 32))


def test_refuses_a_creation_that_failed(office: Office, anvil: Anvil) -> None:
    client = office.client
    genuine = client.transaction(office.creation_of("router"))
    assert genuine is not None
    failing = {
        "nonce": client.transaction_count(client.sender, "latest"),
        "data": genuine["input"],
        "value": 0,
        "gas": genuine["gas"] // 2,
        "gasPrice": 10**10,
        "chainId": anvil.chain_id,
    }
    assert client.account is not None
    signed = client.account.sign_transaction(failing)
    tx_hash = signed.hash.to_0x_hex()
    # Hardhat answers with the failure, anvil with the hash; both have mined it
    with suppress(Web3RPCError):
        client.w3.eth.send_raw_transaction(signed.raw_transaction)
    client.w3.eth.wait_for_transaction_receipt(HexBytes(tx_hash))
    with pytest.raises(NotGenuineError, match="create the router, failed"):
        office.check(office.with_hash("router", tx_hash))


@pytest.mark.parametrize("times", [0, 2])
def test_refuses_a_file_without_exactly_one_creation(office: Office, times: int) -> None:
    others = [t for t in office.deployment.transactions if t.step != "router"]
    [router] = [t for t in office.deployment.transactions if t.step == "router"]
    shown = office.deployment.model_copy(update={"transactions": others + [router] * times})
    with pytest.raises(NotGenuineError, match=f"lists {times} transactions for the step 'router'"):
        office.check(shown)
