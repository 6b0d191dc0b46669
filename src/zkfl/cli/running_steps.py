"""Running a party: its turns, said as they are taken."""

from collections.abc import Callable
from pathlib import Path

from zkfl.aggregator.turns import AggregatorTurns
from zkfl.cli.consortium_session import chosen_site, open_folder, open_parties, saying
from zkfl.cli.output import keep_facts, tell_now
from zkfl.cli.party_logs import log_as_party
from zkfl.errors import ZkflError
from zkfl.node.turns import HospitalTurns
from zkfl.turn_loop import Listener, Pace, TurnTaker, run_turns, stopped_by_signals
from zkfl.turns import Turn, Watch


def run_node(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Path,
    site: str | None,
    rounds: int | None,
    rpc_url: str,
    srs: Path | None,
    interval: float,
    *,
    once: bool,
) -> None:
    """Take a hospital's turns until it is stopped, or so many rounds are final."""
    workspace, consortium = open_folder(folder)
    name = chosen_site(workspace, consortium, site)
    log_as_party(workspace.site(name), name)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    node = opener.node(name, saying(name))
    _run(name, lambda watch: HospitalTurns(node, rounds, watch), Pace(interval), once=once)


def run_aggregator(  # noqa: PLR0913, PLR0917 - each parameter is an option of the command
    folder: Path,
    rounds: int | None,
    least_members: int | None,
    quiet: float,
    rpc_url: str,
    srs: Path | None,
    interval: float,
    *,
    once: bool,
) -> None:
    """Take the aggregator's turns until it is stopped, or so many rounds are final."""
    workspace, consortium = open_folder(folder)
    log_as_party(workspace.role("aggregator"), "aggregator")
    coordinator = open_parties(workspace, consortium, rpc_url, srs).coordinator()
    # one look sees no quiet
    quiet = 0.0 if once else quiet
    _run(
        "aggregator",
        lambda watch: AggregatorTurns(coordinator, rounds, least_members, quiet, watch),
        Pace(interval),
        once=once,
    )


def _run(name: str, party_of: Callable[[Watch], TurnTaker], pace: Pace, *, once: bool) -> None:
    """Let a party take one turn, or turns until it is finished or stopped."""
    teller = TurnTeller(name)
    with stopped_by_signals() as stop:
        party = party_of(Watch(teller.done, stop.is_set))
        if once:
            teller.turn(party.take())
            finished = party.is_finished()
        else:
            finished = run_turns(party, Listener(teller.turn, teller.outage), stop, pace)
            teller.end(finished=finished)
    keep_facts(party=name, finished=finished)


class TurnTeller:
    """Says what a party does: every step, and what it waits for when that changes."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._waits_for: tuple[str, frozenset[bytes]] | None = None

    def done(self, step: str) -> None:
        """Say that a step is done."""
        self._tell({"done": step}, step)

    def turn(self, turn: Turn) -> None:
        """Say what is waited for, if that is new."""
        now = turn.waits_for, turn.missing
        if turn.done or now != self._waits_for:
            missing = sorted(digest.hex() for digest in turn.missing)
            lacks = f"; lacks {', '.join(missing)}" if missing else ""
            event: dict[str, object] = {"waits_for": turn.waits_for, "missing": missing}
            if turn.warning:
                event["warning"] = turn.warning
            loud = "WARNING: " if turn.warning else ""
            self._tell(event, f"{loud}waits for {turn.waits_for}{lacks}")
        self._waits_for = now

    def outage(self, error: ZkflError, seconds: float) -> None:
        """Say that the endpoint is away, and when it is asked again."""
        event: dict[str, object] = {"outage": str(error), "again_in_seconds": seconds}
        self._tell(event, f"asks again in {seconds:g} s: {error}")
        self._waits_for = None

    def end(self, *, finished: bool) -> None:
        """Say why it ends."""
        why = "all rounds that were wanted are final" if finished else "stopped, as asked"
        self._tell({"end": why}, why)

    def _tell(self, event: dict[str, object], text: str) -> None:
        tell_now({"party": self._name, **event}, f"{self._name}: {text}")
