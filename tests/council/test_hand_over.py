"""From one owner to all members, in steps that can stop anywhere."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from eth_account import Account

from zkfl.chain.council_record import CouncilRecord, load_council, open_council, save_council
from zkfl.chain.council_states import CouncilRules
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.roles import Role
from zkfl.cli.exit_codes import ExitCode
from zkfl.hand_over import HandOverError, hand_over, require_handed_over

DAY = 86_400
RULES = CouncilRules(6_666, 2 * DAY, 0, 14 * DAY)
STEPS = [
    "council",
    "offer the router to the council",
    "accept the router",
    "make the council the registry's admin",
    "renounce the office's own power",
]
NOBODY = "0x" + "0" * 40


class StoppedError(Exception):
    """The office's machine went down."""


def assert_handed_over(town: SimpleNamespace, record: CouncilRecord) -> None:
    office = town.address("office")
    assert town.router().owner() == record.council
    assert town.router().pending_owner() == NOBODY
    assert town.roles().holders(Role.ADMIN, town.deployment.block_number) == {record.council}
    assert town.roles().holds(Role.ADMIN, record.council)
    with pytest.raises(ContractRevertError, match="AccessControlUnauthorizedAccount"):
        town.registry().add_member(office, "Office")
    with pytest.raises(ContractRevertError, match="OwnableUnauthorizedAccount"):
        town.router().remove(b"\x03" * 32)


def test_every_power_goes_to_the_council(town: SimpleNamespace) -> None:
    steps: list[str] = []
    record = hand_over(town.workspace, town.client("office"), RULES, steps.append)
    assert steps == STEPS
    assert_handed_over(town, record)
    assert load_council(town.workspace.council, town.deployment) == record
    council = open_council(town.client("ada"), record)
    assert council.rules() == RULES
    assert council.registry_address() == town.deployment.registry
    assert council.router_address() == town.deployment.router
    assert council.proposal_count() == 0


@pytest.mark.parametrize("stop", STEPS)
def test_a_hand_over_that_stopped_goes_on_where_it_stood(town: SimpleNamespace, stop: str) -> None:
    done: list[str] = []

    def step(name: str) -> None:
        if name == stop:
            raise StoppedError
        done.append(name)

    with pytest.raises(StoppedError):
        hand_over(town.workspace, town.client("office"), RULES, step)
    rest: list[str] = []
    record = hand_over(town.workspace, town.client("office"), RULES, rest.append)
    assert done + rest == STEPS
    assert_handed_over(town, record)


def test_repeating_a_complete_hand_over_checks_it(governed: SimpleNamespace) -> None:
    steps: list[str] = []
    record = hand_over(governed.workspace, governed.client("office"), RULES, steps.append)
    assert steps == []
    assert_handed_over(governed, record)


def test_only_the_owner_hands_over(town: SimpleNamespace) -> None:
    with pytest.raises(HandOverError, match="the registry belongs to somebody else"):
        hand_over(town.workspace, town.client("eve"), RULES)
    assert not town.workspace.council.exists()


def test_a_router_of_somebody_else_is_not_handed_over(town: SimpleNamespace) -> None:
    town.router().transfer_ownership(town.address("eve"))
    eves = town.router("eve")
    eves.client.transact(eves.address, eves.abi, "acceptOwnership")
    with pytest.raises(HandOverError, match=f"the router belongs to {town.address('eve')}"):
        hand_over(town.workspace, town.client("office"), RULES)
    assert town.holds(Role.ADMIN, "office")


def test_a_second_admin_has_to_renounce_first(town: SimpleNamespace) -> None:
    town.roles().grant(Role.ADMIN, town.address("eve"))
    with pytest.raises(HandOverError, match=town.address("eve")):
        hand_over(town.workspace, town.client("office"), RULES)
    assert town.router().owner() == town.address("office")
    town.roles("eve").renounce(Role.ADMIN)
    assert_handed_over(town, hand_over(town.workspace, town.client("office"), RULES))


def test_too_few_members_are_no_council(town: SimpleNamespace) -> None:
    for name in ("cay", "dee"):
        town.registry().remove_member(town.address(name))
    with pytest.raises(HandOverError, match="2 members are active, a round needs 3"):
        hand_over(town.workspace, town.client("office"), RULES)
    assert not town.workspace.council.exists()


def test_other_rules_than_those_of_the_first_attempt(governed: SimpleNamespace) -> None:
    other = replace(RULES, delay=DAY)
    with pytest.raises(HandOverError, match="repeat the hand-over with its rules"):
        hand_over(governed.workspace, governed.client("office"), other)


@pytest.mark.parametrize(
    ("rules", "value"),
    [
        (replace(RULES, quorum_bps=5_000), {"rule": "quorumBps", "value": 5_000}),
        (replace(RULES, quorum_bps=10_001), {"rule": "quorumBps", "value": 10_001}),
        (replace(RULES, lifetime=2 * DAY), {"rule": "lifetime", "value": 2 * DAY}),
        (replace(RULES, membership_delay=14 * DAY), {"rule": "lifetime", "value": 14 * DAY}),
    ],
)
def test_rules_that_no_council_can_have(
    town: SimpleNamespace, rules: CouncilRules, value: dict[str, object]
) -> None:
    with pytest.raises(ContractRevertError) as refused:
        hand_over(town.workspace, town.client("office"), rules)
    assert (refused.value.name, refused.value.values) == ("InvalidRule", value)
    assert not town.workspace.council.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"quorum_bps": 5_001},
        {"delay": 0},
        {"membership_delay": 1},
        {"lifetime": 15 * DAY},
    ],
)
def test_a_council_of_other_rules_than_its_record_is_not_trusted(
    town: SimpleNamespace, change: dict[str, int]
) -> None:
    """The powers stay with the office: nothing is given to what was not checked."""
    with pytest.raises(StoppedError):
        hand_over(town.workspace, town.client("office"), RULES, stop_at(STEPS[1]))
    true = load_council(town.workspace.council, town.deployment)
    forged = true.model_copy(update=change)
    save_council(town.workspace.council, forged)
    with pytest.raises(NotGenuineError):
        hand_over(town.workspace, town.client("office"), forged.rules())
    assert town.router().owner() == town.address("office")
    assert town.holds(Role.ADMIN, "office")


def test_another_contract_is_not_taken_for_the_council(town: SimpleNamespace) -> None:
    with pytest.raises(StoppedError):
        hand_over(town.workspace, town.client("office"), RULES, stop_at(STEPS[1]))
    true = load_council(town.workspace.council, town.deployment)
    for other in (town.deployment.router, town.address("eve")):
        save_council(town.workspace.council, true.model_copy(update={"council": other}))
        with pytest.raises(NotGenuineError, match=f"the contract at {other} is not the Member"):
            hand_over(town.workspace, town.client("office"), RULES)
    assert town.holds(Role.ADMIN, "office")


def test_a_council_created_by_another_transaction(town: SimpleNamespace) -> None:
    with pytest.raises(StoppedError):
        hand_over(town.workspace, town.client("office"), RULES, stop_at(STEPS[1]))
    true = load_council(town.workspace.council, town.deployment)
    other = true.creation.model_copy(update={"tx_hash": town.deployment.transactions[2].tx_hash})
    save_council(town.workspace.council, true.model_copy(update={"creation": other}))
    with pytest.raises(NotGenuineError, match="ran other creation code"):
        hand_over(town.workspace, town.client("office"), RULES)


def test_half_a_hand_over_is_no_hand_over(town: SimpleNamespace) -> None:
    for stop, missing in [
        (STEPS[1], "owner of the router"),
        (STEPS[2], "owner of the router"),
        (STEPS[3], "admins of the registry"),
        (STEPS[4], "admins of the registry"),
    ]:
        with pytest.raises(StoppedError):
            hand_over(town.workspace, town.client("office"), RULES, stop_at(stop))
        record = load_council(town.workspace.council, town.deployment)
        with pytest.raises(HandOverError, match=missing):
            require_handed_over(town.client("ada"), town.deployment, record)


def test_the_command_hands_over(
    town: SimpleNamespace,
    run_zkfl: Callable[..., SimpleNamespace],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = ("council", "hand-over", town.workspace.root, "--rpc-url", town.anvil.url)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    unsure = run_zkfl(*words)
    assert (unsure.status, town.workspace.council.exists()) == (ExitCode.ABORTED, False)
    done = run_zkfl(*words, "--membership-delay", 0, "--yes")
    assert done.status == 0, done.err
    record = load_council(town.workspace.council, town.deployment)
    assert done.out.split() == ["council", record.council]
    assert record.rules() == RULES
    assert_handed_over(town, record)


def test_the_command_before_any_deployment(
    tmp_path: Path, run_zkfl: Callable[..., SimpleNamespace]
) -> None:
    done = run_zkfl("council", "hand-over", tmp_path, "--yes")
    assert done.status == ExitCode.CONFIG
    assert "error (DeploymentFileError)" in done.err


def stop_at(stop: str) -> Callable[[str], None]:
    def step(name: str) -> None:
        if name == stop:
            raise StoppedError

    return step


def test_an_account_that_never_had_power_cannot_renounce_it(town: SimpleNamespace) -> None:
    stranger = Account.create().address
    assert not town.roles().holds(Role.ADMIN, stranger)
    assert town.roles().holders(Role.ADMIN, 0) == {town.address("office")}
