"""Consortia over Flower, for tests: every party with a store of its own, a SuperLink between."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

import pytest
from flwr.app import Context, Message
from flwr.clientapp import ClientApp
from flwr.serverapp import ServerApp

from zkfl.aggregator.coordinator import Coordinator
from zkfl.aggregator.turns import AggregatorTurns
from zkfl.artifacts import ArtifactStore
from zkfl.exchange import Exchange
from zkfl.flower.aggregator_run import AggregatorRunError, InsideAddress, run_at_link
from zkfl.flower.certificates import load_node_keys, load_private_key
from zkfl.flower.client_app import hospital_app
from zkfl.flower.files import FlowerFiles
from zkfl.flower.link_address import LinkAddress
from zkfl.flower.messages import ACTION
from zkfl.flower.server_app import Pace, aggregator_app
from zkfl.flower.superlink import LinkFiles, SuperLink
from zkfl.flower.supernode import Supernode
from zkfl.node.hospital import HospitalNode, SharedGround
from zkfl.node.turns import HospitalTurns

if TYPE_CHECKING:
    from conftest import Site

ADMITTED = ("ada", "bay", "cay")
MOST_PASSES = 400
"""Two rounds take about 30, at a second or more each."""
MOST_RUNS = 5


class FlowerFederation:
    """A consortium whose parties have stores of their own, and a SuperLink between them."""

    def __init__(self, site: "Site") -> None:
        self.site = site
        self.files = FlowerFiles(site.workspace)
        self.files.ensure(site.consortium.hospitals, [])
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

    def aggregate(self, rounds: int) -> None:
        """Take the aggregator through rounds, in this thread; fail with what was said."""
        registry = self.site.coordinator().registry
        turns = AggregatorTurns(Coordinator(registry, self.ground("aggregator")), rounds, 3)
        exchange = Exchange(registry, self.ground("aggregator"))
        passes = count()

        def over() -> bool:
            assert next(passes) < MOST_PASSES, f"the rounds do not end: {self.said}"
            return turns.is_finished() and self._all_hold_the_model()

        app = aggregator_app(exchange, turns.take, over, self.said.append, Pace(1.0))
        self._run_again(app)

    def _all_hold_the_model(self) -> bool:
        """Tell it; a round is final when enough have acknowledged, and others come later."""
        digest = self.site.coordinator().registry.model_hash()
        return all(self.store(name).holds(digest) for name in ADMITTED)

    def _run_again(self, app: ServerApp) -> None:
        """Run at the SuperLink, anew where it was away, as the aggregator's command does."""
        for _ in range(MOST_RUNS):
            try:
                return run_at_link(app, self.inside)
            except AggregatorRunError as error:
                self.said.append(str(error))
        raise AssertionError(f"the SuperLink takes no run: {self.said}")

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
def federation(site: "Site") -> FlowerFederation:
    """The consortium in an open round, its parties with stores of their own."""
    return FlowerFederation(site)
