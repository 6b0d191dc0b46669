"""What a chain does not let anybody send is refused in words, on either network."""

from collections.abc import Callable

import pytest

from zkfl.chain.client import ChainClient
from zkfl.chain.errors import InsufficientFundsError, RpcRefusedError
from zkfl.chain.sender import TRANSACTION_GAS_CAP

Make = Callable[..., ChainClient]
CODE_LIMIT = 24_576
INIT_CODE_LIMIT = 2 * CODE_LIMIT
INVALID, PUSH2, PUSH4, ZERO = (bytes([code]) for code in (0xFE, 0x61, 0x63, 0x5F))
RETURN, MSTORE, STOP = (bytes([code]) for code in (0xF3, 0x52, 0x00))


def contract_of(size: int) -> bytes:
    return PUSH2 + size.to_bytes(2) + ZERO + RETURN


def work(words: int) -> bytes:
    """Return init code that takes words^2 / 512 + 3 * words gas for memory, and some 53,000."""
    return ZERO + PUSH4 + (32 * (words - 1)).to_bytes(4) + MSTORE + STOP


def test_the_largest_contract_is_created_and_a_byte_more_is_refused(client: ChainClient) -> None:
    created = client.send(None, contract_of(CODE_LIMIT))
    assert client.code_size(str(created.contract_address)) == CODE_LIMIT
    before = client.transaction_count(client.sender, "pending")
    with pytest.raises(RpcRefusedError, match=r"CreateContractSizeLimit|code is too large"):
        client.send(None, contract_of(CODE_LIMIT + 1))
    assert client.transaction_count(client.sender, "pending") == before


def test_the_largest_init_code_is_run_and_a_byte_more_is_refused(client: ChainClient) -> None:
    assert client.send(None, bytes(INIT_CODE_LIMIT)).gas_used > 21_000
    with pytest.raises(RpcRefusedError, match=r"initcode size"):
        client.send(None, bytes(INIT_CODE_LIMIT + 1))


def test_an_invalid_instruction_is_refused_and_is_no_revert(client: ChainClient) -> None:
    with pytest.raises(RpcRefusedError, match=r"InvalidFEOpcode|invalid opcode"):
        client.send(None, INVALID)


def test_more_gas_than_a_block_holds_is_refused(client: ChainClient) -> None:
    with pytest.raises(RpcRefusedError, match=r"[Oo]ut of gas|ran out of gas"):
        client.send(None, work(125_000))


def test_the_margin_on_the_gas_does_not_exceed_what_a_transaction_may_have(
    client: ChainClient,
) -> None:
    done = client.send(None, work(88_000))
    assert 15_000_000 < done.gas_used < TRANSACTION_GAS_CAP < done.gas_used * 1.2
    sent = client.transaction(done.tx_hash)
    assert sent is not None
    assert sent["gas"] == TRANSACTION_GAS_CAP


def test_a_need_above_the_cap_is_the_chains_to_refuse(client: ChainClient) -> None:
    if client.w3.client_version.startswith("anvil"):
        # it lets it pass, as chains without the rule do
        done = client.send(None, work(95_500))
        assert TRANSACTION_GAS_CAP < done.gas_used < 30_000_000
        return
    with pytest.raises(RpcRefusedError, match="ran out of gas"):
        client.send(None, work(95_500))


def test_a_transfer_of_more_than_the_account_holds_is_refused(client: ChainClient) -> None:
    with pytest.raises(InsufficientFundsError, match="fund the account"):
        client.send(client.sender, b"", value=200 * 10**18)
