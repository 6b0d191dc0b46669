"""Parties over Flower: keys, the SuperLink, the aggregator and nodes beside it."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import zkfl.flower.aggregator_run as inside
from zkfl.aggregator.turns import AggregatorTurns
from zkfl.cli.consortium_session import chosen_sites, open_folder, open_parties, say, saying
from zkfl.cli.output import error_console, keep_facts, tell, tell_entry
from zkfl.cli.party_logs import log_as_party
from zkfl.cli.running_steps import TurnTeller
from zkfl.exchange import Exchange
from zkfl.flower.certificates import RENEWAL_DAYS, load_node_keys, load_private_key
from zkfl.flower.client_app import hospital_app
from zkfl.flower.files import FlowerFiles
from zkfl.flower.link_address import LinkAddress
from zkfl.flower.party import LatestTurn, beside, serve_again
from zkfl.flower.server_app import aggregator_app
from zkfl.flower.superlink import LOOPBACK, LinkFiles, SuperLink
from zkfl.flower.supernode import Supernode
from zkfl.node.turns import HospitalTurns
from zkfl.turn_loop import Listener, Pace, TurnTaker, run_turns, stopped_by_signals
from zkfl.turns import Turn, Watch
from zkfl.workspace import Workspace

_LOOK_SECONDS = 2.0


def keys(folder: Path, hosts: list[str]) -> None:
    """Make what Flower needs of the folder's parties."""
    workspace, consortium = open_folder(folder)
    files = FlowerFiles(workspace)
    made = files.ensure(consortium.hospitals, hosts)
    for what in made:
        tell_entry("made", {"what": what}, f"made  {what}")
    if not made:
        say("everything is there")
    keep_facts(authority=str(files.authority), nodes=str(files.nodes))


def link(folder: Path, outside: tuple[str, int], inside_port: int) -> None:
    """Run the SuperLink until it is stopped."""
    files = FlowerFiles(Workspace(folder))
    ends = files.certificates.require_valid()
    if ends - datetime.now(UTC) < timedelta(days=RENEWAL_DAYS):
        say(f"its certificate ends on {ends:%Y-%m-%d}: zkfl flower keys makes a new one")
    link_files = LinkFiles(
        files.certificates.server,
        files.certificates.server_key,
        files.authority,
        files.runtime_secret(),
    )
    superlink = SuperLink(link_files, outside, inside_port)
    tell(
        f"SuperLink  {outside[0]}:{outside[1]}, for the aggregator {LOOPBACK}:{inside_port}",
        outside=f"{outside[0]}:{outside[1]}",
        inside=f"{LOOPBACK}:{inside_port}",
    )
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(superlink, files.nodes))
    error_console().print("the SuperLink is stopped")


async def _serve(superlink: SuperLink, nodes: Path) -> None:
    """Serve, and let in whoever has a key in the folder of nodes."""
    serving = asyncio.create_task(superlink.serve())
    while not serving.done():
        added, removed = superlink.register(load_node_keys(nodes))
        for name in added:
            say(f"node {name} is let in")
        for name in removed:
            say(f"node {name} is shut out")
        await asyncio.wait([serving], timeout=_LOOK_SECONDS)
    await serving


def aggregator(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Path,
    rounds: int | None,
    least_members: int | None,
    quiet: float,
    inside_port: int,
    rpc_url: str,
    srs: Path | None,
    interval: float,
) -> None:
    """Take the aggregator's turns, and exchange with every hospital at the SuperLink."""
    workspace, consortium = open_folder(folder)
    log_as_party(workspace.role("aggregator"), "aggregator")
    files = FlowerFiles(workspace)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    coordinator = opener.coordinator()
    exchange = Exchange(opener.coordinator().registry, coordinator.ground)
    address = inside.InsideAddress(
        f"{LOOPBACK}:{inside_port}", files.authority, files.runtime_secret()
    )

    def serve(latest: LatestTurn, stop: threading.Event) -> None:
        app = aggregator_app(exchange, latest, stop.is_set, say)
        serve_again(lambda: inside.run_at_link(app, address), stop, say)

    def party_of(watch: Watch) -> TurnTaker:
        return AggregatorTurns(coordinator, rounds, least_members, quiet, watch)

    _run("aggregator", party_of, serve, interval)


def node(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Path,
    site: str,
    superlink: str,
    authority: Path | None,
    rounds: int | None,
    rpc_url: str,
    srs: Path | None,
    interval: float,
) -> None:
    """Take a hospital's turns, and answer what the SuperLink brings."""
    workspace, consortium = open_folder(folder)
    [name] = chosen_sites(consortium, [site])
    log_as_party(workspace.site(name), name)
    files = FlowerFiles(workspace)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    hospital = opener.node(name, saying(name))
    exchange = Exchange(opener.registry(hospital.home), hospital.ground)
    address = LinkAddress(superlink, authority or files.authority)
    key = load_private_key(files.node_key(name))

    def serve(latest: LatestTurn, stop: threading.Event) -> None:
        supernode = Supernode(hospital_app(exchange, latest), address, key, say)
        serve_again(lambda: supernode.serve(stop), stop, say)

    _run(name, lambda watch: HospitalTurns(hospital, rounds, watch), serve, interval)


def _run(
    name: str,
    party_of: Callable[[Watch], TurnTaker],
    serve: Callable[[LatestTurn, threading.Event], None],
    interval: float,
) -> None:
    teller, latest = TurnTeller(name), LatestTurn()

    def listen(turn: Turn) -> None:
        latest.keep(turn)
        teller.turn(turn)

    with stopped_by_signals() as stop:
        ended = threading.Event()
        turns = party_of(Watch(teller.done, stop.is_set))
        finished = beside(
            lambda: serve(latest, ended),
            lambda: run_turns(turns, Listener(listen, teller.outage), stop, Pace(interval)),
            ended,
            stop,
        )
    keep_facts(party=name, finished=finished)
    teller.end(finished=finished)
