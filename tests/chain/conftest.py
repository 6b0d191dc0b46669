from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest

from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.chain.artefacts import Artefact
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_sources
from zkfl.chain.hardhat import running_hardhat
from zkfl.chain.reverts import RevertDecoder
from zkfl.chain.transactions import ProgressCallback, ReceiptLimits, TxResult
from zkfl.chain.transport import RpcLimits

CHAIN_ID = 31_999

COUNTER = """
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

contract Counter {
    struct Point { uint256 x; uint256 y; }

    error TooLow(uint256 given, uint256 least);
    error WrongPoint(Point point, bytes32 tag, string why);
    error Locked(address by);

    event Counted(address indexed by, uint256 value, Point point);

    uint256 public value;
    address public locker;

    function add(uint256 n) external {
        if (n < 10) revert TooLow(n, 10);
        if (locker != address(0)) revert Locked(locker);
        value += n;
        emit Counted(msg.sender, value, Point(n, 2));
    }

    function lock() external { locker = msg.sender; }
    function unlock() external { locker = address(0); }
    function refusePoint() external pure {
        revert WrongPoint(Point(1, 2), bytes32(uint256(7)), "off the curve");
    }
    function refuseText() external pure { revert("not today"); }
    function refuseSilently() external pure { revert(); }
    function divide(uint256 by) external pure returns (uint256) { return 1 / by; }
}
"""


@pytest.fixture(scope="session", params=[running_anvil, running_hardhat], ids=["anvil", "hardhat"])
def anvil(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Anvil]:
    """Either network: what a client does and says on one, it does and says on the other."""
    log = tmp_path_factory.mktemp("chain") / "node.log"
    with request.param(log, chain_id=CHAIN_ID) as chain:
        yield chain


@pytest.fixture(scope="session")
def counter_artefact() -> Artefact:
    return compile_sources({"Counter.sol": COUNTER})["Counter"]


@pytest.fixture
def make_client(anvil: Anvil, counter_artefact: Artefact) -> Callable[..., ChainClient]:
    def make(url: str = anvil.url, **options: object) -> ChainClient:
        options.setdefault("account", anvil.new_account())
        options.setdefault("rpc_limits", RpcLimits(retries=2, backoff_seconds=0.01))
        options.setdefault("receipt_limits", ReceiptLimits(30, 0.01))
        decoder = RevertDecoder([counter_artefact.abi])
        account = options.pop("account")
        return ChainClient(url, account, CHAIN_ID, decoder=decoder, **options)  # type: ignore[arg-type]

    return make


@pytest.fixture
def client(make_client: Callable[..., ChainClient]) -> ChainClient:
    return make_client()


@pytest.fixture
def counter(client: ChainClient, counter_artefact: Artefact) -> SimpleNamespace:
    abi = counter_artefact.abi
    address = client.deploy(abi, counter_artefact.bytecode()).contract_address

    def add(sender: ChainClient, amount: int, report: ProgressCallback | None = None) -> TxResult:
        return sender.transact(str(address), abi, "add", amount, on_progress=report)

    def value() -> int:
        return int(client.call(str(address), abi, "value"))

    return SimpleNamespace(address=address, abi=abi, add=add, value=value)


@pytest.fixture
def manual_mining(anvil: Anvil, counter: SimpleNamespace) -> Iterator[None]:
    # the counter must stand before mining stops
    assert counter.value() == 0
    anvil.control("evm_setAutomine", False)  # noqa: FBT003 (anvil's parameter)
    try:
        yield
    finally:
        anvil.control("evm_mine")
        anvil.control("evm_setAutomine", True)  # noqa: FBT003 (anvil's parameter)
