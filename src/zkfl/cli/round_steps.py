"""A round: opened, trained, closed, acknowledged; its state, and the model that it made."""

from dataclasses import asdict
from pathlib import Path

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.chain.transactions import TxResult
from zkfl.cli.consortium_session import (
    StepError,
    chosen_sites,
    current_round,
    deployment_of,
    open_folder,
    open_parties,
    say,
    saying,
    show,
)
from zkfl.cli.output import tell_entry
from zkfl.cli.round_status import explained_refusal, moment, show_status
from zkfl.cli.round_watch import watch_round
from zkfl.key_holders import key_holders
from zkfl.member_names import hospital_name
from zkfl.node.hospital import HospitalNode
from zkfl.parties import open_reader

_DISPUTED = "the masks do not cancel: every hospital splits its mask (zkfl answer)"
_LEVELS = 16
_REVEALING = "the sum does not open C(G'): every hospital reveals its masked update (zkfl answer)"


def open_(folder: Path, rpc_url: str, srs: Path | None) -> None:
    """Open a round, as the aggregator, unless one is in progress."""
    coordinator = open_parties(*open_folder(folder), rpc_url, srs).coordinator()
    registry = coordinator.registry
    latest = registry.current_round()
    status = registry.round(latest).status
    if status.in_progress:
        now = "" if status is RoundStatus.OPEN else f", and is {status.name}"
        say(f"round {latest} is open already{now}: it has to end before the next one")
        show_status(registry)
        return
    open_next(coordinator)


def open_next(coordinator: Coordinator) -> int:
    """Open a round and return its number, or explain who it waits for."""
    registry = coordinator.registry
    try:
        round_id, result = coordinator.open_round()
    except ContractRevertError as error:
        if error.name == "TooFewMembers":
            raise _too_few(registry, error) from error
        if error.name == "BenefitMissing":
            raise _benefit_missing(registry, error) from error
        raise
    show(f"round {round_id} opened", result)
    return round_id


def _too_few(registry: Registry, error: ContractRevertError) -> StepError:
    members = {member: registry.member_of(member) for member in registry.members()}
    idle = [
        hospital_name(registry, m) for m, is_ in members.items() if is_.active and not is_.records
    ]
    without = f"; without admitted records: {', '.join(idle)} (run zkfl admit)" if idle else ""
    return StepError(
        f"{error.values['cohort']} hospitals can take part, {error.values['minimum']} are needed"
        f"{without}"
    )


def _benefit_missing(registry: Registry, error: ContractRevertError) -> StepError:
    name = hospital_name(registry, str(error.values["member"]))
    last = registry.final_round()
    return StepError(
        f"{name} may still prove its benefit of round {last} (zkfl prove-benefit), until "
        f"{moment(registry.round(last).deadline)}"
    )


def train(folder: Path, site: list[str] | None, rpc_url: str, srs: Path | None) -> None:
    """Train, prove and submit; in a further attempt, mask what is proven again."""
    workspace, consortium = open_folder(folder)
    names = chosen_sites(consortium, site, workspace)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    for name in names:
        node = opener.node(name, saying(name))
        round_id = round_of(node, name)
        if not takes_part(node, name, round_id, named=bool(site)):
            continue
        again = node.registry.round(round_id).attempt > 1
        result = node.remask(round_id) if again else node.submit(round_id)
        show(f"{name}: update", result)


def round_of(node: HospitalNode, name: str) -> int:
    """Return the round in progress; `StepError` if there is none to train in."""
    try:
        return current_round(node.registry)
    except StepError as error:
        raise StepError(f"{name} has nothing to train on: {error}") from error


def takes_part(node: HospitalNode, name: str, round_id: int, *, named: bool) -> bool:
    """Tell whether a hospital is in the cohort; refuse one that was named and is not."""
    if node.address in node.registry.cohort(round_id):
        return True
    message = f"{name} takes no part in round {round_id}: zkfl status shows its cohort"
    if named:
        raise StepError(message)
    say(message)
    return False


def close(folder: Path, rpc_url: str, srs: Path | None) -> None:
    """Close the current round, announce and open its sum, publish its model."""
    workspace, consortium = open_folder(folder)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    coordinator = opener.coordinator()
    registry = coordinator.registry
    round_id = registry.current_round()
    if registry.round(round_id).status is RoundStatus.FINAL:
        say(f"round {round_id} is final: nothing is left to do")
        return
    round_id = current_round(registry)
    close_round(coordinator, opener.node(consortium.hospitals[0], saying("key holder")), round_id)


def close_round(coordinator: Coordinator, holder: HospitalNode, round_id: int) -> None:
    """Take a round from its submissions to its published model, or say what it waits for."""
    registry = coordinator.registry
    # While the round is open, it goes on without whoever is challenged; later it fails.
    if holder.check_proofs(round_id):
        say("an invalid proof was challenged: see how the round goes on")
        show_status(registry)
        return
    try:
        show(f"round {round_id} closed", coordinator.close_round(round_id))
    except ContractRevertError as error:
        if error.name == "SubmissionsMissing":
            raise _submissions_missing(registry, round_id) from error
        raise
    if _asks_hospitals(registry, round_id):
        return
    if registry.round(round_id).status is RoundStatus.PUBLISHED:
        show("model published", None)
        return
    show("sum announced", coordinator.announce_sum(round_id))
    show("sum", holder.open_sum(round_id))
    if not _asks_hospitals(registry, round_id):
        show("model published", coordinator.publish_model(round_id))


def _asks_hospitals(registry: Registry, round_id: int) -> bool:
    """Say what hospitals are to do where a round does not add up."""
    asked = {RoundStatus.DISPUTED: _DISPUTED, RoundStatus.REVEALING: _REVEALING}
    status = registry.round(round_id).status
    if status in asked:
        say(asked[status])
    return status in asked


def _submissions_missing(registry: Registry, round_id: int) -> StepError:
    missing = [
        hospital_name(registry, member)
        for member in registry.cohort(round_id)
        if not registry.participation(round_id, member).submitted
    ]
    return StepError(
        f"round {round_id} cannot be closed yet: it waits for {', '.join(missing)} (zkfl train); "
        f"after {moment(registry.round(round_id).deadline)} it can go on without (zkfl push)"
    )


def acknowledge(folder: Path, site: list[str] | None, rpc_url: str, srs: Path | None) -> None:
    """Check the published model against the chain and acknowledge it, until it is final."""
    workspace, consortium = open_folder(folder)
    names = chosen_sites(consortium, site, workspace)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    registry = opener.reader()
    for name in names:
        if registry.round(registry.current_round()).status is RoundStatus.FINAL:
            break
        round_id = current_round(registry)
        node = opener.node(name, saying(name))
        if takes_part(node, name, round_id, named=bool(site)):
            show(f"{name}: acknowledged", acknowledged(node, round_id))
    latest = registry.current_round()
    # where parties keep folders of their own, the aggregator publishes the card itself
    if registry.round(latest).status is RoundStatus.FINAL and workspace.role("aggregator").exists():
        show(f"round {latest}: model card", opener.coordinator().publish_card(latest))
    show_status(registry)


def acknowledged(node: HospitalNode, round_id: int) -> TxResult | None:
    """Acknowledge, or explain why it is too early where proofs can be challenged."""
    try:
        return node.acknowledge(round_id)
    except ContractRevertError as error:
        then = "acknowledge its model"
        raise explained_refusal(node.registry, round_id, error, then) from error


def prove_benefit(folder: Path, site: list[str] | None, rpc_url: str, srs: Path | None) -> None:
    """Prove the benefit of the last final round's updates of hospitals."""
    workspace, consortium = open_folder(folder)
    names = chosen_sites(consortium, site, workspace)
    opener = open_parties(workspace, consortium, rpc_url, srs)
    for name in names:
        node = opener.node(name, saying(name))
        round_id = node.registry.final_round()
        if not round_id:
            raise StepError("no round is final yet: there is no benefit to prove")
        if takes_part(node, name, round_id, named=bool(site)):
            show(f"{name}: benefit", node.prove_benefit(round_id))
            level = node.registry.benefit_of(round_id, node.address).level
            entry: dict[str, object] = {"name": name, "round": round_id, "level": level}
            text = f"benefit    {name}: level {level} of {_LEVELS} in round {round_id}"
            tell_entry("benefits", entry, text)


def status(folder: Path, rpc_url: str, *, watch: bool) -> None:
    """Show where the current round stands; if asked to, until it has ended."""
    workspace, _ = open_folder(folder)
    registry = open_reader(workspace, deployment_of(workspace), rpc_url)
    if watch:
        watch_round(registry)
    else:
        show_status(registry)
        _show_unacknowledged(registry)


def _show_unacknowledged(registry: Registry) -> None:
    """Name the key holders of whom nobody knows whether they hold the announced key."""
    for holder in key_holders(registry):
        if not holder.acknowledged:
            text = f"HE key     {holder.name} has not acknowledged it (zkfl he-key acknowledge)"
            tell_entry("unacknowledged", asdict(holder), text)
