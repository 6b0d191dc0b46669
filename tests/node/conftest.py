"""A consortium of hospitals whose nodes tests can kill, cut off and confuse.

Founded once a session: three hospitals with admitted shards in an open round, and one, dee,
that has admitted nothing. A test gets a copy of the folders and a chain that is put back.
"""

import asyncio
import csv
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import Context, Message
from flwr.clientapp import ClientApp

from zkfl.aggregator.coordinator import Coordinator
from zkfl.aggregator.turns import AggregatorTurns
from zkfl.airgap.airgapped_site import AirgappedSite
from zkfl.airgap.offline_turn import OfflineTurn, take_offline_turn
from zkfl.airgap.relay import Import, Relay
from zkfl.artifacts import ArtifactStore
from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deployment import Deployment
from zkfl.chain.fees import FeeLimits
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.chain.transactions import ReceiptLimits
from zkfl.chain.transport import RpcLimits
from zkfl.consortium import Consortium
from zkfl.exchange import Exchange
from zkfl.field import SCALAR_MODULUS
from zkfl.flower.aggregator_run import InsideAddress, run_at_link
from zkfl.flower.certificates import load_node_keys, load_private_key
from zkfl.flower.client_app import hospital_app
from zkfl.flower.files import FlowerFiles
from zkfl.flower.link_address import LinkAddress
from zkfl.flower.messages import ACTION
from zkfl.flower.server_app import Pace, aggregator_app
from zkfl.flower.superlink import LinkFiles, SuperLink
from zkfl.flower.supernode import Supernode
from zkfl.founding import (
    Foundation,
    announce_encryption,
    create_parties,
    deploy_consortium,
    found,
    open_ground,
)
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode, SharedGround
from zkfl.node.records.schema import RecordSchema
from zkfl.node.round_journal import RoundJournal
from zkfl.node.turns import HospitalTurns
from zkfl.parties import require_agreed
from zkfl.party_accounts import open_account
from zkfl.turns import Turn
from zkfl.workspace import ROLES, Workspace
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.training_reference import training_update

CHAIN_ID = 31_337
ROUND = 1
RECORDS = {"ada": 12, "bay": 8, "cay": 5, "dee": 10}
"""Records of each hospital: 2, 1 and 1 shards of 8 slots, and 2 that nobody admitted yet."""
ADMITTED = ("ada", "bay", "cay")
SCRYPT_COST = 1 << 12
CHALLENGE_WINDOW = 60
LONG_WINDOW = 1_000_000
"""Seconds; the chain of all these tests is one, and some of them move its clock."""
QUICK = RpcLimits(timeout_seconds=5.0, retries=1, backoff_seconds=0.01)


def schema_of(*columns: str) -> RecordSchema:
    return RecordSchema.model_validate(
        {
            "name": "small",
            "version": 1,
            "description": "a few measurements",
            "source": "made for tests",
            "constants_source": "made for tests",
            "min_rows": 4,
            "max_rows": 100,
            "extra_columns": "reject",
            "label": {"name": "ill", "positive": "ill", "negative": "well"},
            "columns": tuple(
                {
                    "kind": "numeric",
                    "name": name,
                    "unit": "mm",
                    "meaning": name,
                    "min": 0.0,
                    "max": 100.0,
                    "centre": 50.0,
                    "scale": 25.0,
                    "missing": "reject",
                }
                for name in columns
            ),
        }
    )


SCHEMA = schema_of("width", "height", "depth")
SCHEMAS = {"tiny": SCHEMA, "tiny-cnn": schema_of(*(f"pixel_{place}" for place in range(16)))}
"""By circuits."""


def consortium_of(
    scheme: str,
    challenge_window: int = 0,
    rule: str = "records",
    window: int = LONG_WINDOW,
    circuits: str = "tiny",
) -> Consortium:
    return Consortium.model_validate(
        {
            "name": f"small {scheme}",
            "weight_rule": rule,
            "dataset": "wdbc",
            "circuits": circuits,
            "scheme": scheme,
            "challenge_window": challenge_window,
            "submission_window": window,
            "noise_bound": 1 << 23,
            "demo": True,
            "hospitals": tuple(RECORDS),
        }
    )


def write_records(path: Path, rows: int, seed: int, schema: RecordSchema = SCHEMA) -> None:
    rng = np.random.default_rng(seed)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*schema.column_names, schema.label.name])
        for row in range(rows):
            # the ill have larger values, so that hospitals learn the same
            low, high = (50, 100) if row % 2 else (0, 50)
            values = rng.uniform(low, high, len(schema.column_names))
            writer.writerow([*(round(float(v), 2) for v in values), row % 2])


@dataclass(frozen=True)
class Site:
    """A consortium and where it lives."""

    workspace: Workspace
    consortium: Consortium
    foundation: Foundation
    deployment: Deployment
    anvil: Anvil

    def moved_to(self, root: Path) -> "Site":
        """Return the same consortium with a copy of its folders."""
        shutil.copytree(self.workspace.root, root)
        return replace(self, workspace=Workspace(root))

    @property
    def ground(self) -> SharedGround:
        ground = open_ground(self.workspace, self.consortium, self.foundation)
        return replace(ground, schema=SCHEMAS[self.consortium.circuits])

    def registry(self, folder: Path, url: str | None = None, limits: RpcLimits = QUICK) -> Registry:
        home = NodeHome.open(folder)
        client = ChainClient(
            url or self.anvil.url,
            open_account(home),
            CHAIN_ID,
            rpc_limits=limits,
            receipt_limits=ReceiptLimits(30, 0.01),
            decoder=error_decoder(),
            journal_folder=home.transactions,
        )
        return Registry(client, self.deployment.registry)

    def node(self, name: str, url: str | None = None, limits: RpcLimits = QUICK) -> HospitalNode:
        """Start a node: what it knows of earlier runs is what its folder holds."""
        folder = self.workspace.site(name)
        return HospitalNode(NodeHome.open(folder), self.registry(folder, url, limits), self.ground)

    def coordinator(self) -> Coordinator:
        return Coordinator(self.registry(self.workspace.role("aggregator")), self.ground)

    def home(self, name: str) -> NodeHome:
        return NodeHome(self.workspace.site(name))

    def journal(self, name: str) -> RoundJournal:
        return RoundJournal(self.home(name), ROUND)

    def address(self, name: str) -> str:
        return str(open_account(self.home(name)).address)

    def sent(self, name: str) -> int:
        """Return how many transactions of a hospital the chain holds."""
        return self.registry(self.workspace.site(name)).client.transaction_count(
            self.address(name), "pending"
        )

    def run_round(self) -> int:
        """Take the admitted hospitals through a round that becomes final."""
        nodes, coordinator = [self.node(name) for name in ADMITTED], self.coordinator()
        round_id, _ = coordinator.open_round()
        for node in nodes:
            node.submit(round_id)
        coordinator.close_round(round_id)
        coordinator.announce_sum(round_id)
        nodes[0].open_sum(round_id)
        coordinator.publish_model(round_id)
        for node in nodes:
            node.acknowledge(round_id)
        assert coordinator.registry.round(round_id).status is RoundStatus.FINAL
        return round_id

    def expected_model(self, round_id: int, model: list[int]) -> list[int]:
        """Return G' from the hospitals' secrets by integers alone."""
        after = list(model)
        for name in ADMITTED:
            node = self.node(name)
            part = node.registry.participation(round_id, node.address)
            secrets = RoundJournal(node.home, round_id).vector("secrets", node.spec.secrets_length)
            assert secrets is not None
            context = node.registry.training_context(node.address, round_id)
            update, zeros = training_update(
                node.spec,
                data=node.vault.load(part.shard_index).vector,
                model=model,
                secrets=secrets,
                public=pack_public(self.consortium.noise_bound, context),
            )
            assert not any(zeros)
            terms = zip(after, update, strict=True)
            after = [(g + part.weight * u) % SCALAR_MODULUS for g, u in terms]
        return after

    def stored(self) -> set[Path]:
        return set((self.workspace.root / "store").iterdir())


@pytest.fixture(scope="session")
def new_chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], Anvil]]:
    """Start chains, one a consortium: what a test undoes on its own changes no other's."""
    with ExitStack() as chains:

        def start() -> Anvil:
            log = tmp_path_factory.mktemp("anvil") / "anvil.log"
            return chains.enter_context(running_anvil(log, chain_id=CHAIN_ID))

        yield start


def found_site(  # noqa: PLR0913, PLR0917 - what consortia of these tests differ in
    anvil: Anvil,
    root: Path,
    scheme: str,
    challenge_window: int = 0,
    rule: str = "records",
    window: int = LONG_WINDOW,
    circuits: str = "tiny",
) -> Site:
    workspace = Workspace(root)
    consortium = consortium_of(scheme, challenge_window, rule, window, circuits)
    foundation = found(consortium, None)
    create_parties(workspace, consortium, SCRYPT_COST)
    sites = [workspace.site(name) for name in RECORDS]
    for folder in [workspace.role(role) for role in ROLES] + sites:
        anvil.fund(open_account(NodeHome(folder)).address)
    for seed, (name, rows) in enumerate(RECORDS.items()):
        write_records(NodeHome(workspace.site(name)).records, rows, seed, SCHEMAS[circuits])
    office = ChainClient(
        anvil.url,
        open_account(NodeHome(workspace.role("office"))),
        CHAIN_ID,
        decoder=error_decoder(),
    )
    deployment = deploy_consortium(workspace, consortium, foundation, office)
    site = Site(workspace, consortium, foundation, deployment, anvil)
    announce_encryption(workspace, consortium, site.node("ada").registry)
    for name in ADMITTED:
        node = site.node(name)
        node.announce_mask_key()
        node.admit()
    return site


@pytest.fixture(scope="session")
def new_site(
    new_chain: Callable[[], Anvil], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Site]:
    """Found a consortium with three admitted hospitals, by encryption scheme."""
    return lambda scheme, **rest: found_site(
        new_chain(), tmp_path_factory.mktemp(scheme) / "all", scheme, **rest
    )


@pytest.fixture(scope="session")
def make_records() -> Callable[[Path, int, int], None]:
    """Return what writes a file of records: path, rows, seed."""
    return write_records


@pytest.fixture(scope="session")
def founded(new_site: Callable[[str], Site]) -> Site:
    site = new_site("bfv")
    assert site.coordinator().open_round()[0] == ROUND
    return site


@pytest.fixture(scope="session")
def anvil(founded: Site) -> Anvil:
    """The chain of that consortium, for a proxy before it."""
    return founded.anvil


@pytest.fixture(scope="session")
def proven(founded: Site, tmp_path_factory: pytest.TempPathFactory) -> Site:
    site = founded.moved_to(tmp_path_factory.mktemp("proven") / "all")
    site.node("bay").prove(ROUND)
    return site


@pytest.fixture(scope="session")
def rewarding(new_chain: Callable[[], Anvil], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A consortium whose shares are by benefit, before its first round."""
    return found_site(
        new_chain(), tmp_path_factory.mktemp("rewarding") / "all", "bfv", rule="benefit"
    )


@pytest.fixture
def rewarding_site(rewarding: Site, tmp_path: Path) -> Iterator[Site]:
    yield from borrowed(rewarding, tmp_path)


@pytest.fixture(scope="module")
def rewarding_final(
    rewarding: Site,
    founded: Site,  # noqa: ARG001 - made before, or the end of this one would undo it
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    for site in borrowed(rewarding, tmp_path_factory.mktemp("final")):
        assert site.run_round() == ROUND
        yield site


@pytest.fixture
def after(rewarding_final: Site, tmp_path: Path) -> Iterator[Site]:
    """The same after its first round, of which nobody has proven a benefit."""
    yield from borrowed(rewarding_final, tmp_path)


@pytest.fixture
def site(founded: Site, tmp_path: Path) -> Iterator[Site]:
    """The consortium in an open round, to which nobody has contributed."""
    yield from borrowed(founded, tmp_path)


@pytest.fixture(scope="module")
def submitted_once(founded: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    for site in borrowed(founded, tmp_path_factory.mktemp("submitted")):
        for name in ADMITTED:
            site.node(name).submit(ROUND)
        yield site


@pytest.fixture
def submitted_site(submitted_once: Site, tmp_path: Path) -> Iterator[Site]:
    """The consortium in an open round, to which every hospital has submitted."""
    yield from borrowed(submitted_once, tmp_path)


@pytest.fixture
def proven_site(proven: Site, tmp_path: Path) -> Iterator[Site]:
    """The same, but bay has proven its update and not sent it."""
    yield from borrowed(proven, tmp_path)


@pytest.fixture(scope="session")
def posted(new_chain: Callable[[], Anvil], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Four admitted hospitals in an open round that posts proofs, which all have made."""
    root = tmp_path_factory.mktemp("posted") / "all"
    site = found_site(new_chain(), root, "bfv", CHALLENGE_WINDOW)
    late = site.node("dee")
    late.announce_mask_key()
    late.admit()
    assert site.coordinator().open_round()[0] == ROUND
    for name in RECORDS:
        site.node(name).prove(ROUND)
    return site


@pytest.fixture
def posted_site(posted: Site, tmp_path: Path) -> Iterator[Site]:
    """The same, in a copy; nobody has posted yet."""
    yield from borrowed(posted, tmp_path)


def borrowed(site: Site, tmp_path: Path) -> Iterator[Site]:
    moved = site.moved_to(tmp_path / "consortium")
    fees: Any = site.anvil.control("eth_feeHistory", "0x1", "latest", [])
    snapshot = site.anvil.control("evm_snapshot")
    try:
        yield moved
    finally:
        site.anvil.control("evm_revert", snapshot)
        # anvil reverts blocks, and not the fee that it has in mind for the next
        site.anvil.control("anvil_setNextBlockBaseFeePerGas", fees["baseFeePerGas"][-1])


@contextmanager
def no_network() -> Iterator[None]:
    """Let every attempt to reach another process over a socket fail."""

    def refuse(*_: object) -> None:
        raise AssertionError("a node without network asked for one")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", refuse)
        patch.setattr(socket.socket, "connect_ex", refuse)
        yield


class Island:
    """A hospital without a network, and its relay on the mainland.

    Attributes
    ----------
    relay
        Shares the consortium's store.
    here
        The hospital's side.
    store, store_folder
        The hospital's own.
    account
        The hospital's.
    carried
        Every bundle, in either direction.
    """

    def __init__(self, site: Site, name: str, folder: Path) -> None:
        self._site = site
        self._home = site.home(name)
        self.account = open_account(self._home)
        self.address = str(self.account.address)
        self.carried: list[bytes] = []
        self._agreed = False
        self.store_folder = folder / f"store-{name}"
        self.store = ArtifactStore(self.store_folder)
        self.relay = Relay(folder / f"relay-{name}", site.deployment, site.workspace.store)
        here = folder / f"airgap-{name}"
        self.here = AirgappedSite(here, site.deployment, self.account, self.store)
        self.here.trust(self.relay.set_up(self.address))

    def bring_in(self) -> bytes:
        """Carry a fresh bundle to the island, and return it."""
        content = self.relay.export(self._site.anvil.url).content
        self.carried.append(content)
        with no_network():
            self.here.take_in(content)
        return content

    def turn(self) -> OfflineTurn:
        """Let the node take its turn on the last bundle."""
        with no_network():
            ended = take_offline_turn(self.here, FeeLimits(), self._taken)
        self.carried.append(ended.handed.content)
        return ended

    def bring_out(self, content: bytes) -> Import:
        """Carry a bundle of the node to the relay."""
        return self.relay.take_in(content, self._site.anvil.url, ReceiptLimits(30, 0.01))

    def trip(self) -> tuple[list[str], OfflineTurn]:
        """Carry a bundle there and one back; return the calls that were mined, and the turn."""
        self.bring_in()
        ended = self.turn()
        outcomes = self.bring_out(ended.handed.content).outcomes
        assert {outcome.state for outcome in outcomes} <= {"mined"}, outcomes
        assert not ended.unanswered, ended.turn.waits_for
        return [outcome.call for outcome in outcomes], ended

    def _taken(self, registry: Registry) -> Turn:
        site = self._site
        if not self._agreed:
            require_agreed(registry, site.deployment, site.consortium, site.foundation)
            self._agreed = True
        ground = replace(site.ground, store=self.store)
        return HospitalTurns(HospitalNode(self._home, registry, ground)).take()


@pytest.fixture
def settle(tmp_path: Path) -> Callable[[Site, str], Island]:
    """Put a hospital of a consortium on an island of its own."""
    return lambda site, name: Island(site, name, tmp_path)


@pytest.fixture(scope="session")
def first_export(founded: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """The folder of bay's relay after its first export, and the bundle."""
    folder = tmp_path_factory.mktemp("mainland")
    island = Island(founded, "bay", folder)
    return folder / "relay-bay", island.relay.export(founded.anvil.url).content


@pytest.fixture
def bundle(first_export: tuple[Path, bytes]) -> bytes:
    """The first bundle from bay's relay."""
    return first_export[1]


@pytest.fixture
def island(site: Site, first_export: tuple[Path, bytes], tmp_path: Path) -> Island:
    """The island of bay, which has not taken that bundle yet."""
    shutil.copytree(first_export[0], tmp_path / "relay-bay")
    return Island(site, "bay", tmp_path)


class FlowerFederation:
    """A consortium whose parties have stores of their own, and a SuperLink between them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.files = FlowerFiles(site.workspace)
        self.files.ensure(tuple(RECORDS), [])
        self.said: list[str] = []
        self._ports = free_ports(2)
        registry = site.coordinator().registry
        # the key holder has what it announced
        self.store("ada").put(site.workspace.store.get(registry.encryption_context()))

    def store(self, name: str) -> ArtifactStore:
        """Return a party's own store."""
        return ArtifactStore(self.site.workspace.root / "stores" / name)

    def ground(self, name: str) -> SharedGround:
        return replace(self.site.ground, store=self.store(name))

    def exchange(self, name: str) -> Exchange:
        """Return what a hospital hands on and takes."""
        node = self.site.node(name)
        return Exchange(node.registry, self.ground(name))

    @property
    def inside(self) -> InsideAddress:
        address = f"127.0.0.1:{self._ports[1]}"
        return InsideAddress(address, self.files.authority, self.files.runtime_secret())

    @property
    def outside(self) -> LinkAddress:
        return LinkAddress(f"127.0.0.1:{self._ports[0]}", self.files.authority)

    @contextmanager
    def link(self) -> Iterator[SuperLink]:
        """Run the SuperLink; nodes whose public keys are in the folder are let in."""
        made = self.files.certificates
        files = LinkFiles(made.server, made.server_key, made.authority, self.files.runtime_secret())
        link = SuperLink(files, ("127.0.0.1", self._ports[0]), self._ports[1])
        link.register(load_node_keys(self.files.nodes))
        with running(lambda: asyncio.run(link.serve())):
            yield link
            link.stop()

    @contextmanager
    def hospital(
        self, name: str, lie: Callable[[Message], Message] | None = None
    ) -> Iterator[None]:
        """Run a hospital's node; one that is not honest where its answers are changed."""
        node = self.site.node(name)
        own = HospitalNode(node.home, node.registry, self.ground(name))
        app = hospital_app(self.exchange(name), HospitalTurns(own).take)
        if lie is not None:
            app = lying(app, lie)
        key = load_private_key(self.files.node_key(name))
        supernode = Supernode(app, self.outside, key, self.said.append, pause=0.5)
        stop = threading.Event()
        with running(lambda: supernode.serve(stop)):
            yield
            stop.set()

    def aggregate(self, rounds: int, is_over: Callable[[], bool] | None = None) -> None:
        """Take the aggregator through rounds, in this thread."""
        registry = self.site.coordinator().registry
        turns = AggregatorTurns(Coordinator(registry, self.ground("aggregator")), rounds, 3)
        exchange = Exchange(registry, self.ground("aggregator"))
        app = aggregator_app(
            exchange, turns.take, is_over or turns.is_finished, self.said.append, Pace(1.0)
        )
        run_at_link(app, self.inside)

    def run(self, rounds: int, lie: Callable[[Message], Message] | None = None) -> None:
        """Run everybody until so many rounds are final; bay lies where there is a lie."""
        with ExitStack() as parties:
            parties.enter_context(self.link())
            for name in ADMITTED:
                parties.enter_context(self.hospital(name, lie if name == "bay" else None))
            self.aggregate(rounds)


def lying(app: ClientApp, lie: Callable[[Message], Message]) -> ClientApp:
    """Return an app that changes the answers of another."""
    changed = ClientApp()

    @changed.query(ACTION)
    def answer(message: Message, context: Context) -> Message:
        return lie(app(message, context))

    return changed


@contextmanager
def running(work: Callable[[], object]) -> Iterator[None]:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(30)


def free_ports(count: int) -> list[int]:
    with ExitStack() as open_:
        found = [open_.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [int(one.getsockname()[1]) for one in found]


@pytest.fixture
def federation(site: Site) -> FlowerFederation:
    """The consortium in an open round, its parties with stores of their own."""
    return FlowerFederation(site)
