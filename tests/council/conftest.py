"""A consortium of ada, bay, cay and dee with an office; eve has keys and belongs to nobody.

Founded once a session, over verifiers that accept: no test here is about proofs. A test gets
a copy of the folders and a chain that is put back.
"""

import contextlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from eth_account import Account

from zkfl.atomic_file import write_atomically
from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.council_states import CouncilRules
from zkfl.chain.deploy import DeployConfig, deploy
from zkfl.chain.deployment import Deployment, save_deployment
from zkfl.chain.keys import write_keystore
from zkfl.chain.registry import Registry
from zkfl.chain.roles import Role, Roles
from zkfl.chain.router import Router
from zkfl.council import CouncilDesk, open_desk
from zkfl.hand_over import hand_over
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_account, open_client
from zkfl.workspace import Workspace

CHAIN_ID = 31_777
DAY = 86_400
RULES = CouncilRules(quorum_bps=6_666, delay=2 * DAY, membership_delay=0, lifetime=14 * DAY)
MEMBERS = ("ada", "bay", "cay", "dee")
SCRYPT_COST = 1 << 10


@dataclass(frozen=True)
class Town:
    """A consortium, where it lives, and who can act."""

    workspace: Workspace
    deployment: Deployment
    anvil: Anvil

    def home(self, name: str) -> NodeHome:
        known = self.workspace.role(name)
        return NodeHome.open(known if known.exists() else self.workspace.site(name))

    def address(self, name: str) -> str:
        return str(open_account(self.home(name)).address)

    def client(self, name: str, url: str | None = None) -> ChainClient:
        return open_client(self.home(name), url or self.anvil.url, CHAIN_ID)

    def registry(self, name: str = "office") -> Registry:
        return Registry(self.client(name), self.deployment.registry)

    def router(self, name: str = "office") -> Router:
        return Router(self.client(name), self.deployment.router)

    def roles(self, name: str = "office") -> Roles:
        registry = self.registry(name)
        return Roles(registry.client, registry.address, registry.abi)

    def desk(self, name: str, url: str | None = None) -> CouncilDesk:
        return open_desk(self.workspace, self.home(name), url or self.anvil.url)

    def decide(self, number: int, *voters: str) -> None:
        """Let others vote for a proposal that somebody made."""
        for name in voters:
            desk = self.desk(name)
            desk.vote(desk.entry(number))

    def is_member(self, name: str) -> bool:
        return self.registry().member_of(self.address(name)).active

    def holds(self, role: Role, name: str) -> bool:
        return self.roles().holds(role, self.address(name))


@pytest.fixture(scope="session")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    with running_anvil(tmp_path_factory.mktemp("anvil") / "anvil.log", chain_id=CHAIN_ID) as chain:
        yield chain


def settle(workspace: Workspace, anvil: Anvil) -> None:
    """Make everybody's folder and chain key, and fund them."""
    folders = [workspace.role(role) for role in ("office", "aggregator", "guardian")]
    folders += [workspace.site(name) for name in (*MEMBERS, "eve")]
    for folder in folders:
        home = NodeHome.create(folder)
        write_atomically(home.chain_password, b"a password of tests")
        account = Account.create()
        write_keystore(home.chain_key, account, "a password of tests", iterations=SCRYPT_COST)
        anvil.fund(account.address)


@pytest.fixture(scope="session")
def founded(
    anvil: Anvil, sample_deployment: DeployConfig, tmp_path_factory: pytest.TempPathFactory
) -> Town:
    return found_town(anvil, sample_deployment, tmp_path_factory.mktemp("founded") / "all")


@pytest.fixture(scope="session")
def handed_over(
    anvil: Anvil, sample_deployment: DeployConfig, tmp_path_factory: pytest.TempPathFactory
) -> Town:
    town = found_town(anvil, sample_deployment, tmp_path_factory.mktemp("handed-over") / "all")
    hand_over(town.workspace, town.client("office"), RULES)
    return town


def found_town(anvil: Anvil, agreed: DeployConfig, root: Path) -> Town:
    workspace = Workspace(root)
    settle(workspace, anvil)
    addresses = {
        name: str(open_account(NodeHome(workspace.site(name))).address) for name in MEMBERS
    }
    config = replace(
        agreed,
        aggregator=str(open_account(NodeHome(workspace.role("aggregator"))).address),
        guardian=str(open_account(NodeHome(workspace.role("guardian"))).address),
        key_holder=addresses["ada"],
        members=[(address, name) for name, address in addresses.items()],
    )
    office = open_client(NodeHome(workspace.role("office")), anvil.url, CHAIN_ID)
    deployment = deploy(office, config)
    save_deployment(workspace.deployment, deployment)
    return Town(workspace, deployment, anvil)


@contextlib.contextmanager
def undone(town: Town, folder: Path) -> Iterator[Town]:
    snapshot = town.anvil.control("evm_snapshot")
    shutil.copytree(town.workspace.root, folder)
    try:
        yield replace(town, workspace=Workspace(folder))
    finally:
        town.anvil.control("evm_revert", snapshot)


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Iterator[Town]:
    """Before the hand-over: the office owns everything."""
    with undone(founded, tmp_path / "town") as copy:
        yield copy


@pytest.fixture
def governed(handed_over: Town, tmp_path: Path) -> Iterator[Town]:
    """After the hand-over: the council has all powers."""
    with undone(handed_over, tmp_path / "town") as copy:
        yield copy


@pytest.fixture
def proposed(governed: Town) -> int:
    """The number of a proposal by ada, to add eve."""
    number, _ = governed.desk("ada").propose_member(governed.address("eve"), "Eve", "agreed")
    return number


@pytest.fixture
def council_command(governed: Town, run_zkfl: Callable[..., object]) -> Callable[..., object]:
    """Run ``zkfl council`` on the governed town."""

    def run(verb: str, *words: object) -> object:
        where = (governed.workspace.root, "--rpc-url", governed.anvil.url)
        return run_zkfl("council", verb, *where, *words)

    return run
