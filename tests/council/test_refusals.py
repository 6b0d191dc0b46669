"""Each wrong input is refused for its own reason, and nothing is sent."""

import io
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from eth_account import Account

from zkfl.chain.council_calls import Call
from zkfl.chain.errors import ContractRevertError, NoCodeError
from zkfl.chain.roles import Role
from zkfl.cli.exit_codes import ExitCode
from zkfl.council import CouncilDesk, CouncilError

TRAINING = b"\x03" * 32
FRESH = Account.create().address
Command = Callable[..., SimpleNamespace]
Attempt = Callable[[CouncilDesk, SimpleNamespace], object]


@pytest.mark.parametrize(
    ("attempt", "reason"),
    [
        (lambda d, t: d.propose_member(t.address("bay"), "Bay", "x"), "active member already"),
        (lambda d, _: d.propose_member(FRESH.lower(), "F", "x"), "no checksummed address"),
        (lambda d, _: d.propose_member("eve", "Eve", "x"), "'eve' is no checksummed address"),
        (lambda d, _: d.propose_member(FRESH, "", "x"), "'' is no name"),
        (lambda d, _: d.propose_member(FRESH, "é" * 33, "x"), "is no name of a hospital"),
        (lambda d, _: d.propose_member(FRESH, "a\x1b[2J", "x"), r"'a\\x1b\[2J' is no name"),
        (lambda d, _: d.propose_removal(FRESH, "x"), "no active member"),
        (lambda d, _: d.propose_removal("0x12", "x"), "'0x12' is no checksummed address"),
        (
            lambda d, t: d.propose_role(Role.AGGREGATOR, t.address("aggregator"), "x"),
            "is AGGREGATOR already",
        ),
        (lambda d, _: d.propose_role(Role.GUARDIAN, "x", "x"), "no checksummed address"),
        (lambda d, _: d.propose_role_removal(Role.KEY_HOLDER, FRESH, "x"), "is not KEY_HOLDER"),
        (lambda d, _: d.propose_role_removal(Role.GUARDIAN, "", "x"), "no checksummed address"),
        (lambda d, _: d.propose_circuit_removal("03", "x"), "'03' is no hash of a manifest"),
        (lambda d, _: d.propose_circuit_removal("0g" * 32, "x"), "is no hash of a manifest"),
        (lambda d, _: d.propose_circuit_removal("09" * 32, "x"), "is not registered"),
        (
            lambda d, t: d.propose_circuit(TRAINING.hex(), t.deployment.router, 384, 6, "x"),
            "is registered already",
        ),
        (
            lambda d, t: d.propose_circuit("09" * 32, t.deployment.router, 383, 6, "x"),
            "383 bytes with 6 points cannot be",
        ),
        (
            lambda d, t: d.propose_circuit("09" * 32, t.deployment.router, 384, 0, "x"),
            "384 bytes with 0 points cannot be",
        ),
        (
            lambda d, t: d.propose_circuit("09" * 32, t.deployment.router, 1 << 32, 6, "x"),
            "4294967296 bytes with 6 points cannot be",
        ),
        (
            lambda d, t: d.propose_circuit("09" * 32, t.deployment.router, 1 << 20, 256, "x"),
            "with 256 points cannot be",
        ),
        (lambda d, _: d.entry(1), "there is no proposal 1"),
    ],
)
def test_what_makes_no_sense_is_not_proposed(
    governed: SimpleNamespace, attempt: Attempt, reason: str
) -> None:
    desk = governed.desk("ada")
    sent = desk.council.client.transaction_count(governed.address("ada"), "pending")
    with pytest.raises(CouncilError, match=reason):
        attempt(desk, governed)
    assert desk.council.client.transaction_count(governed.address("ada"), "pending") == sent


def test_a_verifier_without_code_is_not_proposed(governed: SimpleNamespace) -> None:
    with pytest.raises(NoCodeError, match=FRESH):
        governed.desk("ada").propose_circuit("09" * 32, FRESH, 384, 6, "x")


@pytest.mark.parametrize(
    ("attempt", "error"),
    [
        (lambda d, _: d.propose_member(FRESH, "Fay", ""), "InvalidDescription"),
        (lambda d, _: d.propose_member(FRESH, "Fay", "x" * 513), "InvalidDescription"),
        (lambda d, t: d.council.propose(Call(t.address("eve"), b""), "x"), "CallNotAllowed"),
        (lambda d, t: d.council.propose(transfer_of_the_router(t), "x"), "CallNotAllowed"),
        (lambda d, t: d.council.propose(grant_of_admin(t), "x"), "RoleNotAllowed"),
        (
            lambda d, t: d.council.propose(longer(d.calls.remove_member(t.address("dee"))), "x"),
            "MalformedCall",
        ),
        (lambda d, _: d.council.vote(1, b"\x01" * 32), "DigestMismatch"),
        (lambda d, _: d.council.vote(2, b"\x01" * 32), "ProposalUnknown"),
        (lambda d, _: d.vote(d.entry(1)), "AlreadyVoted"),
        (lambda d, _: d.council.execute(1), "QuorumNotReached"),
        (lambda d, _: d.council.execute(2), "ProposalUnknown"),
        (lambda d, _: d.council.withdraw_vote(2), "ProposalUnknown"),
        (lambda d, _: d.council.recount(2), "ProposalUnknown"),
        (lambda d, _: d.council.accept_router(), "OwnableUnauthorizedAccount"),
    ],
)
@pytest.mark.usefixtures("proposed")
def test_the_contract_refuses_by_name(
    governed: SimpleNamespace, attempt: Attempt, error: str
) -> None:
    with pytest.raises(ContractRevertError) as refused:
        attempt(governed.desk("ada"), governed)
    assert refused.value.name == error


@pytest.mark.parametrize("name", ["office", "aggregator", "guardian", "eve"])
def test_who_is_no_member_has_no_vote(governed: SimpleNamespace, proposed: int, name: str) -> None:
    desk = governed.desk(name)
    for attempt in (
        lambda: desk.propose_removal(governed.address("ada"), "x"),
        lambda: desk.vote(desk.entry(proposed)),
    ):
        with pytest.raises(ContractRevertError, match="NotAnActiveMember"):
            attempt()
    with pytest.raises(ContractRevertError, match="NotVoted"):
        desk.council.withdraw_vote(proposed)


def test_the_guardian_pauses_and_can_do_nothing_else(governed: SimpleNamespace) -> None:
    registry, router = governed.registry("guardian"), governed.router("guardian")
    registry.pause()
    registry.unpause()
    guardian = governed.address("guardian")
    for attempt in (
        lambda: registry.add_member(guardian, "Guardian"),
        lambda: registry.remove_member(governed.address("ada")),
        lambda: governed.roles("guardian").grant(Role.GUARDIAN, governed.address("eve")),
        lambda: governed.roles("guardian").grant(Role.ADMIN, guardian),
    ):
        with pytest.raises(ContractRevertError, match="AccessControlUnauthorizedAccount"):
            attempt()
    for attempt in (
        lambda: router.remove(TRAINING),
        lambda: router.transfer_ownership(guardian),
    ):
        with pytest.raises(ContractRevertError, match="OwnableUnauthorizedAccount"):
            attempt()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["vote", 1, "--site", "bay", "--digest", "00" * 8], "it is not what you read"),
        (["vote", 1, "--site", "bay", "--digest", ""], "fewer than 16 digits"),
        (["vote", 2, "--site", "bay", "--digest", "00" * 8], "there is no proposal 2"),
        (["vote", 1, "--site", "zed", "--digest", "00" * 8], "is no node folder"),
        (["execute", 1], "QuorumNotReached"),
        (["execute", 9], "there is no proposal 9"),
        (["withdraw", 1, "--site", "bay"], "NotVoted"),
    ],
)
@pytest.mark.usefixtures("proposed")
def test_the_commands_say_what_was_wrong(
    council_command: Command, words: list[object], message: str
) -> None:
    verb, *rest = words
    done = council_command(str(verb), *rest)
    assert done.status in {ExitCode.NOT_NOW, ExitCode.REFUSED, ExitCode.KEYS}
    assert message in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_without_a_digest_or_a_yes_there_is_no_vote(
    governed: SimpleNamespace,
    proposed: int,
    council_command: Command,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(answer))
    done = council_command("vote", proposed, "--site", "bay")
    assert done.status == ExitCode.ABORTED
    assert "Aborted" in done.err
    assert not governed.desk("bay").council.voted(proposed, governed.address("bay"))


def test_a_yes_is_a_vote(
    governed: SimpleNamespace,
    proposed: int,
    council_command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    assert council_command("vote", proposed, "--site", "bay").status == 0
    assert governed.desk("bay").council.voted(proposed, governed.address("bay"))


@pytest.mark.parametrize(
    "words",
    [
        ["vote", 0, "--site", "bay"],
        ["vote", "first", "--site", "bay"],
        ["list", "--last", 0],
        ["propose-role", "--site", "ada", "--role", "admin", "--account", FRESH, "--why", "x"],
        ["hand-over", "--quorum-bps", 5_000, "--yes"],
        ["hand-over", "--quorum-bps", 10_001, "--yes"],
        ["hand-over", "--delay", -1, "--yes"],
    ],
)
def test_values_out_of_range_are_usage_errors(
    council_command: Command, words: list[object]
) -> None:
    verb, *rest = words
    done = council_command(str(verb), *rest)
    assert done.status == 2
    assert "Usage:" in done.err


def transfer_of_the_router(town: SimpleNamespace) -> Call:
    router = town.router("eve")
    contract = router.client.w3.eth.contract(abi=router.abi)
    data = contract.encode_abi("transferOwnership", args=[town.address("eve")])
    return Call(router.address, bytes.fromhex(data[2:]))


def grant_of_admin(town: SimpleNamespace) -> Call:
    registry = town.registry("eve")
    contract = registry.client.w3.eth.contract(abi=registry.abi)
    data = contract.encode_abi("grantRole", args=[bytes(32), town.address("eve")])
    return Call(registry.address, bytes.fromhex(data[2:]))


def longer(call: Call) -> Call:
    return Call(call.target, call.data + b"\x00")
