"""Where the current round stands: who has done what, what it waits for, and until when."""

from datetime import UTC, datetime

from zkfl.chain.errors import ContractRevertError
from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED, Participation, Round, RoundStatus, WeightRule
from zkfl.cli.consortium_session import StepError
from zkfl.cli.output import tell, tell_entry
from zkfl.member_names import hospital_name

_WAITS_FOR = {
    RoundStatus.NONE: "records to be admitted (zkfl admit), then a round (zkfl open)",
    RoundStatus.OPEN: "hospitals to submit (zkfl train), then to be closed (zkfl close)",
    RoundStatus.DISPUTED: "hospitals to split their masks (zkfl answer)",
    RoundStatus.PUBLISHED: "hospitals to acknowledge the model (zkfl acknowledge)",
    RoundStatus.REVEALING: "hospitals to reveal (zkfl answer), then the model (zkfl open-model)",
    RoundStatus.FINAL: "nothing; the next round can open (zkfl open)",
    RoundStatus.FAILED: "nothing; the next round can open (zkfl open)",
}
_BENEFITS = "benefits to be proven (zkfl prove-benefit), then the next round (zkfl open)"
_ASKS = {RoundStatus.DISPUTED, RoundStatus.REVEALING}


def show_status(registry: Registry) -> None:
    """Print the current round's state to standard output, all of it as after one block."""
    registry = registry.at(registry.client.block_number())
    round_id = registry.current_round()
    state = registry.round(round_id)
    if state.status is RoundStatus.NONE:
        tell("round      none yet", round=None, status=state.status.name)
    else:
        _show_round(registry, round_id, state)
    unproven = [] if state.status.in_progress else unproven_benefits(registry)
    waits_for = _BENEFITS if unproven else _waits_for(state)
    tell(f"waits for  {waits_for}", waits_for=waits_for)
    _show_unproven(registry, unproven)
    if state.status.in_progress:
        tell(f"until      {_until(registry, state)}", deadline=state.deadline)
        _show_challenges(registry, round_id)
    _show_excluded(registry)
    model = registry.model_hash().hex()
    tell(f"model      {model}", model=model)


def moment(seconds: int) -> str:
    """Return a time of the chain in words."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def explained_refusal(
    registry: Registry, round_id: int, error: ContractRevertError, then: str
) -> Exception:
    """Return what it means that a round cannot become final, where proofs can be challenged."""
    if error.name != "ChallengesOpen":
        return error
    until = moment(registry.challenge_deadline(round_id))
    return StepError(
        f"round {round_id} cannot be final yet: its proofs may be challenged until {until}; "
        f"{then} after that"
    )


def unproven_benefits(registry: Registry) -> list[str]:
    """Return the members that the next round waits for: they may still prove a benefit."""
    round_id = registry.final_round()
    if not round_id or registry.config().weight_rule is not WeightRule.BENEFIT:
        return []
    if registry.block_timestamp() > registry.round(round_id).deadline:
        return []
    return [
        member
        for member in registry.cohort(round_id)
        if registry.member_of(member).active and not registry.benefit_of(round_id, member).proven
    ]


def _show_unproven(registry: Registry, members: list[str]) -> None:
    round_id = registry.final_round()
    deadline = registry.round(round_id).deadline
    for member in members:
        name = hospital_name(registry, member)
        entry: dict[str, object] = {
            "name": name,
            "address": member,
            "round": round_id,
            "deadline": deadline,
        }
        until = moment(deadline)
        text = f"benefit    {name} may prove that of round {round_id} until {until}"
        tell_entry("unproven_benefits", entry, text)


def _show_round(registry: Registry, round_id: int, state: Round) -> None:
    cohort = registry.cohort(round_id)
    why = f" ({state.failure.name})" if state.status is RoundStatus.FAILED else ""
    tell(
        f"round      {round_id} {state.status.name}{why}, attempt {state.attempt}",
        round=round_id,
        status=state.status.name,
        failure=state.failure.name if why else None,
        attempt=state.attempt,
    )
    tell(
        f"submitted  {state.submissions} of {len(cohort)}",
        submitted=state.submissions,
        cohort=len(cohort),
    )
    if state.rate:
        tell(f"rate       {state.rate}", rate=state.rate)
    names = [hospital_name(registry, member) for member in cohort]
    width = max(map(len, names), default=0)
    for place, (name, member) in enumerate(zip(names, cohort, strict=True)):
        part = registry.participation(round_id, member)
        label = "hospitals" if place == 0 else ""
        did = _did(part, state)
        entry: dict[str, object] = {"name": name, "address": member, "did": did.split(", ")}
        tell_entry("hospitals", entry, f"{label:10} {name:{width}}  {did}")


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
    passed = registry.block_timestamp() > state.deadline
    return moment(state.deadline) + (": that has passed (zkfl push)" if passed else "")


def _show_challenges(registry: Registry, round_id: int) -> None:
    deadline = registry.challenge_deadline(round_id)
    if deadline:
        text = f"challenge  nothing is final before {moment(deadline)} (zkfl challenge)"
        tell(text, challenge_deadline=deadline)


def _show_excluded(registry: Registry) -> None:
    for address in registry.members():
        blame = registry.member_of(address).blame
        if blame:
            name = hospital_name(registry, address)
            entry: dict[str, object] = {"name": name, "address": address, "blame": blame.name}
            tell_entry("excluded", entry, f"excluded   {name} ({blame.name})")
