"""Six hospitals and the aggregator as on machines of their own, while one comes and one is lost.

Each party is processes in a network namespace of its own, with a folder that holds its own files
and nobody else's. They reach the chain and the SuperLink over a bridge, and nothing else.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.drills.small_consortium import CONSORTIUM, SCHEMA
from zkfl.flower.files import FlowerFiles
from zkfl.founding import create_parties
from zkfl.node.home import NodeHome
from zkfl.workspace import Workspace

IP = shutil.which("ip")
NEEDS_NAMESPACES = pytest.mark.skipif(
    IP is None or os.geteuid() != 0, reason="network namespaces are root's, and need ip"
)
BRIDGE, HUB = "zkfl-hub", "10.77.0.1"
LINK_PORT, CHAIN_PORT = 9092, 8545
HOSPITALS = ("ada", "bay", "cay", "dot", "eve", "fay")
NEW, LOST, RESTARTED = "fay", "eve", "bay"
DEADLINE = 600.0
WINDOW = 90
"""Seconds in which a round is gone on with without whoever is lost."""
RUN = (
    "import sys; from zkfl.drills.party_process import Limits, run_commands;"
    "run_commands([sys.argv[2:]], sys.argv[1], Limits())"
)


def ip(*words: str) -> None:
    subprocess.run([str(IP), *words], check=True, capture_output=True)


@contextmanager
def network() -> Iterator[None]:
    """Make a namespace a party, each with a cable to one bridge."""
    with ExitStack() as made:
        ip("link", "add", BRIDGE, "type", "bridge")
        made.callback(ip, "link", "del", BRIDGE)
        ip("addr", "add", f"{HUB}/24", "dev", BRIDGE)
        ip("link", "set", BRIDGE, "up")
        for number, name in enumerate(("aggregator", *HOSPITALS)):
            space, cable = space_of(name), f"zkfl-{name[:6]}"
            ip("netns", "add", space)
            made.callback(ip, "netns", "del", space)
            ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", space)
            ip("link", "set", cable, "master", BRIDGE, "up")
            ip("-n", space, "addr", "add", f"10.77.0.{number + 2}/24", "dev", "eth0")
            ip("-n", space, "link", "set", "eth0", "up")
            ip("-n", space, "link", "set", "lo", "up")
        yield


def space_of(name: str) -> str:
    return f"zkfl-{name}"


@contextmanager
def relay(chain: Anvil) -> Iterator[None]:
    """Serve the chain at the bridge."""
    loop, started = asyncio.new_event_loop(), threading.Event()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", int(chain.url.rsplit(":", 1)[1]))
        await asyncio.gather(pump(reader, back), pump(there, writer), return_exceptions=True)

    async def serve() -> None:
        await asyncio.start_server(take, HUB, CHAIN_PORT)
        started.set()

    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(serve(), loop).result(10)
    assert started.wait(10)
    yield
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)


class Party:
    """A party's folder and its processes, in its namespace."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder

    def start(self, *words: str) -> "Running":
        log = self.folder.parent / f"{self.name}-{words[1]}.log"
        command = [str(IP), "netns", "exec", space_of(self.name), sys.executable, "-c", RUN]
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(sys.path),
            "ZKFL_ALLOW_PLAIN_HTTP": "1",
            "ZKFL_RPC_URL": f"http://{HUB}:{CHAIN_PORT}",
        }
        process = subprocess.Popen([*command, str(log), *words], env=environment)
        return Running(process, log)

    def run_node(self) -> "Running":
        link = f"10.77.0.2:{LINK_PORT}"
        words = ("--site", self.name, "--superlink", link, "--interval", "1")
        return self.start("flower", "node", str(self.folder), *words)


class Running:
    """A process and what it wrote."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process = process
        self.log = log

    def text(self) -> str:
        return self.log.read_text() if self.log.exists() else ""

    def wait_for(self, words: str) -> None:
        wait_until(lambda: words in self.text() or self._process.poll() is not None, self)
        assert words in self.text(), self.text()[-3_000:]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self._process.send_signal(number)
        return self._process.wait(DEADLINE)

    def wait(self) -> int:
        return self._process.wait(DEADLINE)


def wait_until(reached: Callable[[], bool], running: Running) -> None:
    deadline = time.monotonic() + DEADLINE
    while not reached():
        assert time.monotonic() < deadline, running.text()[-3_000:]
        time.sleep(0.2)


def write_records(path: Path, seed: int) -> None:
    columns = [*SCHEMA.column_names, SCHEMA.label.name]
    rows = [[*(_value(row, seed, place) for place in range(3)), row % 2] for row in range(8)]
    path.write_text("\n".join(",".join(map(str, row)) for row in [columns, *rows]) + "\n")


def _value(row: int, seed: int, place: int) -> int:
    """Return a measurement; those of the ill are larger."""
    return (50 if row % 2 else 0) + (7 * row + 11 * seed + 13 * place) % 50


@pytest.fixture
def parties(tmp_path: Path) -> Iterator[dict[str, Party]]:
    """The parties of a deployed consortium, each with nothing but its own files."""
    together = Workspace(tmp_path / "together")
    kinds = ("submission", "remask", "publication", "acknowledgement", "reveal")
    windows = {f"{kind}_window": WINDOW for kind in kinds}
    consortium = CONSORTIUM.model_copy(update={"hospitals": HOSPITALS, **windows})
    create_parties(together, consortium, 1 << 12)
    for seed, name in enumerate(HOSPITALS):
        write_records(NodeHome(together.site(name)).records, seed)
    FlowerFiles(together).ensure(HOSPITALS, ["10.77.0.2"])
    with running_anvil(tmp_path / "anvil.log", block_time_seconds=1) as chain:
        for step in (["fund"], ["deploy"]):
            words = [*step, str(together.root), "--rpc-url", chain.url]
            log = tmp_path / "founding.log"
            command = [sys.executable, "-c", RUN, str(log), *words]
            environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
            done = subprocess.run(command, check=False, env=environment)
            assert done.returncode == 0, log.read_text()[-3_000:]
        found = {name: separated(together, name, tmp_path) for name in ("aggregator", *HOSPITALS)}
        shutil.rmtree(together.root)
        with network(), relay(chain):
            yield found


def separated(together: Workspace, name: str, folder: Path) -> Party:
    """Move a party's files to a folder of its own; the newcomer's key stays with it."""
    own = Workspace(folder / name)
    own.root.mkdir()
    for path in (together.consortium, together.deployment):
        shutil.copy(path, own.root)
    (own.root / "flower").mkdir()
    shutil.copy(FlowerFiles(together).authority, FlowerFiles(own).authority)
    if name == "aggregator":
        shutil.copytree(together.role(name), own.role(name))
        shutil.copy(FlowerFiles(together).certificates.server, own.root / "flower")
        public = shutil.ignore_patterns(f"{NEW}.pub")
        shutil.copytree(FlowerFiles(together).nodes, FlowerFiles(own).nodes, ignore=public)
    else:
        shutil.copytree(together.site(name), own.site(name))
        FlowerFiles(own).nodes.mkdir()
        shutil.copy(FlowerFiles(together).nodes / f"{name}.pub", FlowerFiles(own).nodes)
    if name == HOSPITALS[0]:
        # what the key holder announced
        shutil.copytree(together.root / "store", own.root / "store")
    return Party(name, own.root)


@pytest.mark.slow
@pytest.mark.timeout(3_000)
@NEEDS_NAMESPACES
def test_rounds_go_on_while_one_comes_one_is_lost_and_one_restarts(
    parties: dict[str, Party],
) -> None:
    office = parties["aggregator"]
    with ExitStack() as running:
        link = office.start("flower", "link", str(office.folder))
        running.callback(link.end)
        link.wait_for("node eve is let in")
        nodes = {name: parties[name].run_node() for name in HOSPITALS if name != NEW}
        for node in nodes.values():
            running.callback(node.end, signal.SIGKILL)
        aggregate(office, rounds=1, least=5)
        assert members_of(office, 1) == 5

        # one comes: its key is brought to the aggregator while everything runs
        nodes[NEW] = parties[NEW].run_node()
        running.callback(nodes[NEW].end, signal.SIGKILL)
        nodes[NEW].wait_for("does not let this node in")
        key = parties[NEW].folder / "flower" / "nodes" / f"{NEW}.pub"
        shutil.copy(key, office.folder / "flower" / "nodes")
        link.wait_for(f"node {NEW} is let in")
        nodes[NEW].wait_for("shards admitted")

        # one is lost, and one is started again
        nodes[LOST].end(signal.SIGKILL)
        assert nodes[RESTARTED].end(signal.SIGTERM) == 0
        nodes[RESTARTED] = parties[RESTARTED].run_node()
        running.callback(nodes[RESTARTED].end, signal.SIGKILL)
        aggregate(office, rounds=2, least=5)
        assert members_of(office, 2) == 5
    for name in ("ada", RESTARTED, NEW):
        assert "update masked again (round 2, attempt 2)" in nodes[name].text()
    for name, party in parties.items():
        held = {path.name for kind in ("sites", "roles") for path in party.folder.glob(f"{kind}/*")}
        assert held == {name}


def aggregate(office: Party, rounds: int, least: int) -> str:
    """Take the aggregator through rounds, as a process that ends with them."""
    words = ("--rounds", str(rounds), "--least-members", str(least))
    words += ("--interval", "1", "--quiet", "1")
    aggregator = office.start("flower", "aggregator", str(office.folder), *words)
    assert aggregator.wait() == 0, aggregator.text()[-3_000:]
    return aggregator.text()


def members_of(office: Party, round_id: int) -> int:
    """Return how many hospitals a final round's card names, from the aggregator's own store."""
    files = [path.read_bytes() for path in (office.folder / "store").iterdir()]
    cards = [json.loads(content) for content in files if content.startswith(b"{")]
    [card] = [card for card in cards if card["round"] == round_id]
    return len(card["members"])
