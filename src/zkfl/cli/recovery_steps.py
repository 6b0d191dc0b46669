"""Getting a round through that does not go through by itself: answers, pushes, opened models."""

from pathlib import Path

from zkfl.chain.errors import ContractRevertError
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.cli.consortium_session import (
    StepError,
    chosen_sites,
    current_round,
    open_folder,
    open_parties,
    say,
    saying,
    show,
)
from zkfl.cli.output import PointsCallback, keep_facts, point_progress
from zkfl.cli.round_status import explained_refusal, moment, show_status
from zkfl.member_names import hospital_name
from zkfl.model_opening import open_model as show_model
from zkfl.node.hospital import HospitalNode
from zkfl.posted_proofs import proven_parts


def answer(folder: Path, site: list[str] | None, rpc_url: str, srs: Path | None) -> None:
    """Give what a disputed or a revealing round asks of hospitals."""
    workspace, consortium = open_folder(folder)
    names = chosen_sites(consortium, site, workspace)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    registry = opener.reader()
    for name in names:
        round_id = registry.current_round()
        status = registry.round(round_id).status
        if status not in {RoundStatus.DISPUTED, RoundStatus.REVEALING}:
            where = f"round {round_id} is {status.name}" if round_id else "no round is open"
            say(f"{where}: nothing is asked of {name}")
            continue
        node = opener.node(name, saying(name))
        if node.address in registry.cohort(round_id):
            _answer(node, name, round_id, status)
        else:
            say(f"{name} takes no part in round {round_id}: nothing is asked of it")
    show_status(registry)


def _answer(node: HospitalNode, name: str, round_id: int, status: RoundStatus) -> None:
    if status is RoundStatus.DISPUTED:
        show(f"{name}: mask split", node.split_mask(round_id))
        return
    with point_progress(f"{name}: opening the masked update") as report:
        result = node.reveal(round_id, report)
    show(f"{name}: update revealed", result)


def push(folder: Path, by: str | None, rpc_url: str, srs: Path | None) -> None:
    """Move the current round on after a missed deadline."""
    workspace, consortium = open_folder(folder)
    (name, *_) = chosen_sites(consortium, [by] if by else None, workspace)
    registry = open_parties(workspace, consortium, rpc_url, srs).node(name).registry
    round_id = current_round(registry)
    try:
        show(f"round {round_id} pushed", registry.push_round(round_id))
    except ContractRevertError as error:
        raise _explained(registry, round_id, error) from error
    show_status(registry)


def challenge(
    folder: Path, round_id: int | None, by: str | None, rpc_url: str, srs: Path | None
) -> None:
    """Check every posted proof of a round, and challenge those that are invalid."""
    workspace, consortium = open_folder(folder)
    if not consortium.challenge_window:
        raise StepError(
            f"{consortium.name} has no challenge window: the chain verifies every proof as it "
            "comes, so there is nothing to challenge"
        )
    (name, *_) = chosen_sites(consortium, [by] if by else None, workspace)
    node = open_parties(workspace, consortium, rpc_url, srs).node(name, saying(name))
    chosen = _round_to_check(node.registry, round_id)
    posted = len(proven_parts(node.registry, chosen))
    challenged = node.check_proofs(chosen)
    for member in challenged:
        say(f"{hospital_name(node.registry, member)} posted an invalid proof, and was challenged")
    if challenged:
        # of what the chain found valid, it is said only when nothing is left to challenge
        node.check_proofs(chosen)
    _say_checked(chosen, posted, len(challenged))
    show_status(node.registry)


def _round_to_check(registry: Registry, round_id: int | None) -> int:
    if round_id is None:
        return current_round(registry)
    latest = registry.current_round()
    if round_id > latest:
        there = f"the latest is {latest}" if latest else "none was opened yet"
        raise StepError(f"there is no round {round_id}: {there}")
    return round_id


def _say_checked(round_id: int, posted: int, invalid: int) -> None:
    keep_facts(round=round_id, proofs_checked=posted, proofs_invalid=invalid)
    if posted:
        say(f"round {round_id}: {posted} posted proofs checked, {posted - invalid} of them valid")
    else:
        say(f"round {round_id}: no proof was posted yet, so none was checked")


def _explained(registry: Registry, round_id: int, error: ContractRevertError) -> Exception:
    """Return what a refused push means, where that is known."""
    if error.name == "DeadlineNotReached":
        deadline = moment(registry.round(round_id).deadline)
        return StepError(
            f"round {round_id} cannot be pushed before its deadline, {deadline}: zkfl status shows "
            "what it waits for"
        )
    if error.name == "CohortComplete":
        return StepError(f"everybody has submitted to round {round_id}: run zkfl close")
    return error


def _shown(node: HospitalNode, round_id: int, report: PointsCallback) -> TxResult | None:
    try:
        return show_model(node.registry, round_id, node.ground, report)
    except ContractRevertError as error:
        then = "run zkfl open-model"
        raise explained_refusal(node.registry, round_id, error, then) from error


def open_model(folder: Path, by: str | None, rpc_url: str, srs: Path | None) -> None:
    """Make the current round final by showing its model on chain."""
    workspace, consortium = open_folder(folder)
    (name, *_) = chosen_sites(consortium, [by] if by else None, workspace)
    node = open_parties(workspace, consortium, rpc_url, srs).node(name)
    round_id = node.registry.current_round()
    if node.registry.round(round_id).status is not RoundStatus.FINAL:
        round_id = current_round(node.registry)
    with point_progress("opening C(G')") as report:
        result = _shown(node, round_id, report)
    if result is None:
        say(f"round {round_id} is final, and its file opens C(G'): nothing is left to do")
    else:
        show(f"round {round_id}: model opened", result)
    show_status(node.registry)
