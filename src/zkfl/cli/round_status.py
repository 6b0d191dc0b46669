"""Where the current round stands: who has done what, what it waits for, and until when."""

from datetime import UTC, datetime

from rich.console import Console

from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED, Participation, Round, RoundStatus
from zkfl.cli.consortium_session import hospital_name
from zkfl.cli.output import result_console

_WAITS_FOR = {
    RoundStatus.NONE: "records to be admitted (zkfl admit), then a round (zkfl open)",
    RoundStatus.OPEN: "hospitals to submit (zkfl train), then to be closed (zkfl close)",
    RoundStatus.DISPUTED: "hospitals to split their masks (zkfl answer)",
    RoundStatus.PUBLISHED: "hospitals to acknowledge the model (zkfl acknowledge)",
    RoundStatus.REVEALING: "hospitals to reveal (zkfl answer), then the model (zkfl open-model)",
    RoundStatus.FINAL: "nothing; the next round can open (zkfl open)",
    RoundStatus.FAILED: "nothing; the next round can open (zkfl open)",
}
_ASKS = {RoundStatus.DISPUTED, RoundStatus.REVEALING}


def show_status(registry: Registry) -> None:
    """Print the current round's state to standard output."""
    round_id = registry.current_round()
    state = registry.round(round_id)
    console = result_console()
    if state.status is RoundStatus.NONE:
        console.print("round      none yet")
    else:
        _show_round(console, registry, round_id, state)
    console.print(f"waits for  {_waits_for(state)}")
    if state.status.in_progress:
        console.print(f"until      {_until(registry, state)}")
        _show_challenges(console, registry, round_id)
    _show_excluded(console, registry)
    console.print(f"model      {registry.model_hash().hex()}")


def moment(seconds: int) -> str:
    """Return a time of the chain in words."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _show_round(console: Console, registry: Registry, round_id: int, state: Round) -> None:
    cohort = registry.cohort(round_id)
    why = f" ({state.failure.name})" if state.status is RoundStatus.FAILED else ""
    console.print(f"round      {round_id} {state.status.name}{why}, attempt {state.attempt}")
    console.print(f"submitted  {state.submissions} of {len(cohort)}")
    names = [hospital_name(registry, member) for member in cohort]
    width = max(map(len, names), default=0)
    for place, (name, member) in enumerate(zip(names, cohort, strict=True)):
        part = registry.participation(round_id, member)
        label = "hospitals" if place == 0 else ""
        console.print(f"{label:10} {name:{width}}  {_did(part, state)}", markup=False)


def _did(part: Participation, state: Round) -> str:
    """Return what a hospital has done, and what it is asked for."""
    done = ["submitted" if part.submitted else "not submitted"]
    if state.status in _ASKS:
        done.append("answered" if part.answered else "not answered")
    if part.acknowledged != UNSTATED:
        same = part.acknowledged == state.model_hash
        done.append("acknowledged" if same else "acknowledged another model")
    elif state.status is RoundStatus.PUBLISHED:
        done.append("not acknowledged")
    return ", ".join(done)


def _waits_for(state: Round) -> str:
    if state.status is RoundStatus.CLOSED:
        if state.sum_hash != UNSTATED:
            return "the aggregator to publish the model (zkfl close)"
        if state.encrypted_sum_hash != UNSTATED:
            return "the key holder to open the sum (zkfl close)"
        return "the aggregator to announce the sum (zkfl close)"
    return _WAITS_FOR[state.status]


def _until(registry: Registry, state: Round) -> str:
    passed = registry.client.block_timestamp() > state.deadline
    return moment(state.deadline) + (": that has passed (zkfl push)" if passed else "")


def _show_challenges(console: Console, registry: Registry, round_id: int) -> None:
    deadline = registry.challenge_deadline(round_id)
    if deadline:
        console.print(f"challenge  nothing is final before {moment(deadline)} (zkfl challenge)")


def _show_excluded(console: Console, registry: Registry) -> None:
    for address in registry.members():
        blame = registry.member_of(address).blame
        if blame:
            name = hospital_name(registry, address)
            console.print(f"excluded   {name} ({blame.name})", markup=False)
