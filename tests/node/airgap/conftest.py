"""Hospitals without a network, for tests: each with its relay on the mainland."""

import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.airgap.airgapped_site import AirgappedSite
from zkfl.airgap.offline_turn import OfflineTurn, take_offline_turn
from zkfl.airgap.relay import Import, Relay
from zkfl.artifacts import ArtifactStore
from zkfl.chain.fees import FeeLimits
from zkfl.chain.registry import Registry
from zkfl.chain.transactions import ReceiptLimits
from zkfl.node.hospital import HospitalNode
from zkfl.node.turns import HospitalTurns
from zkfl.parties import require_agreed
from zkfl.party_accounts import open_account
from zkfl.turns import Turn

if TYPE_CHECKING:
    from conftest import Site


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

    def __init__(self, site: "Site", name: str, folder: Path) -> None:
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
def settle(tmp_path: Path) -> Callable[["Site", str], Island]:
    """Put a hospital of a consortium on an island of its own."""
    return lambda site, name: Island(site, name, tmp_path)


@pytest.fixture(scope="session")
def first_export(founded: "Site", tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """The folder of bay's relay after its first export, and the bundle."""
    folder = tmp_path_factory.mktemp("mainland")
    island = Island(founded, "bay", folder)
    return folder / "relay-bay", island.relay.export(founded.anvil.url).content


@pytest.fixture
def bundle(first_export: tuple[Path, bytes]) -> bytes:
    """The first bundle from bay's relay."""
    return first_export[1]


@pytest.fixture
def island(site: "Site", first_export: tuple[Path, bytes], tmp_path: Path) -> Island:
    """The island of bay, which has not taken that bundle yet."""
    shutil.copytree(first_export[0], tmp_path / "relay-bay")
    return Island(site, "bay", tmp_path)
