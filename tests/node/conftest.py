"""A consortium of hospitals whose nodes tests can kill, cut off and confuse.

Founded once a session: three hospitals with admitted shards in an open round, and one, dee,
that has admitted nothing. A test gets a copy of the folders and a chain that is put back.
"""

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deployment import Deployment
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.chain.transactions import ReceiptLimits
from zkfl.chain.transport import RpcLimits
from zkfl.consortium import Consortium
from zkfl.field import SCALAR_MODULUS
from zkfl.founding import (
    Foundation,
    announce_encryption,
    create_parties,
    deploy_consortium,
    found,
    open_ground,
)
from zkfl.node.held_out_home import HeldOutHome
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode, SharedGround
from zkfl.node.model_testing import ModelTester
from zkfl.node.records.schema import RecordSchema
from zkfl.node.round_journal import RoundJournal
from zkfl.party_accounts import open_account
from zkfl.rate_schedule import RateSchedule
from zkfl.workspace import ROLES, Workspace
from zkfl.zk_circuits.layout import pack_public
from zkfl.zk_circuits.training_reference import training_update

CHAIN_ID = 31_337
ROUND = 1
RECORDS = {"ada": 12, "bay": 8, "cay": 5, "dee": 10}
"""Records of each hospital: 2, 1 and 1 shards of 8 slots, and 2 that nobody admitted yet."""
HELD_OUT = {"ada": 10, "bay": 6}
"""Test records of those that have some: 2 shards and 1."""
ADMITTED = ("ada", "bay", "cay")
SCRYPT_COST = 1 << 12
CHALLENGE_WINDOW = 60
LONG_WINDOW = 1_000_000
"""Seconds; the chain of all these tests is one, and some of them move its clock."""
QUICK = RpcLimits(timeout_seconds=5.0, retries=1, backoff_seconds=0.01)


ILL: Mapping[str, object] = {"name": "ill", "positive": "ill", "negative": "well"}
GRADE: Mapping[str, object] = {
    "name": "grade",
    "classes": ("well", "ill", "severe"),
    "of_interest": "severe",
}


def schema_of(*columns: str, label: Mapping[str, object] = ILL) -> RecordSchema:
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
            "label": dict(label),
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
SCHEMAS = {
    "tiny": SCHEMA,
    "tiny-rate": SCHEMA,
    "tiny-cnn": schema_of(*(f"pixel_{place}" for place in range(16))),
    "tiny-softmax": schema_of("width", "height", "depth", label=GRADE),
}
"""By circuits."""


def consortium_of(  # noqa: PLR0913 - each differs between some tests
    scheme: str,
    challenge_window: int = 0,
    rule: str = "records",
    window: int = LONG_WINDOW,
    *,
    metrics: bool = False,
    circuits: str = "tiny",
    rates: RateSchedule | None = None,
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
            "proven_metrics": metrics,
            "rate_schedule": rates,
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
            label, share = row % schema.class_count, 100 / schema.class_count
            values = rng.uniform(share * label, share * (label + 1), len(schema.column_names))
            writer.writerow([*(round(float(v), 2) for v in values), label])


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
        schema = SCHEMAS[self.consortium.circuits]
        return replace(ground, schema=schema, metrics=self.deployment.metrics)

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
    *,
    metrics: bool = False,
    circuits: str = "tiny",
    rates: RateSchedule | None = None,
) -> Site:
    workspace = Workspace(root)
    consortium = consortium_of(
        scheme, challenge_window, rule, window, metrics=metrics, circuits=circuits, rates=rates
    )
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
def schemas() -> Mapping[str, RecordSchema]:
    """Return the schemas by circuits."""
    return SCHEMAS


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


@pytest.fixture(scope="session")
def committed(new_chain: Callable[[], Anvil], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Hospitals that committed to test records before the first round, which is final."""
    site = found_site(
        new_chain(), tmp_path_factory.mktemp("committed") / "all", "bfv", metrics=True
    )
    for seed, (name, rows) in enumerate(HELD_OUT.items(), start=50):
        write_records(HeldOutHome(site.workspace.site(name)).records, rows, seed)
        assert ModelTester(site.node(name)).admit()
    assert site.run_round() == ROUND
    return site


@pytest.fixture(scope="session")
def borrow() -> Callable[[Site, Path], Iterator[Site]]:
    """Return what lends a copy of a consortium, and puts its chain back."""
    return borrowed
