"""What members decide, from the proposal to the execution, through the command line."""

import shutil
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from zkfl.atomic_file import write_atomically
from zkfl.chain.council_states import ProposalStatus
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.roles import Role
from zkfl.cli.exit_codes import ExitCode

DAY = 86_400
TRAINING = b"\x03" * 32
Command = Callable[..., SimpleNamespace]


def digest(town: SimpleNamespace, number: int) -> str:
    return str(town.desk("bay").entry(number).proposal.digest().hex())[:16]


def pass_(town: SimpleNamespace, command: Command, number: int, *voters: str) -> None:
    for name in voters:
        done = command("vote", number, "--site", name, "--digest", digest(town, number))
        assert done.status == 0, done.err


def made(done: SimpleNamespace) -> int:
    assert done.status == 0, done.err
    label, number = done.out.split()
    assert label == "proposal"
    return int(number)


def test_a_hospital_joins(governed: SimpleNamespace, council_command: Command) -> None:
    eve = governed.address("eve")
    words = ("--site", "ada", "--account", eve, "--name", "Eve & Sons", "--why", "agreed in May")
    number = made(council_command("propose-member", *words))
    pass_(governed, council_command, number, "bay", "cay")
    assert not governed.is_member("eve")
    done = council_command("execute", number, "--site", "dee")
    assert done.status == 0, done.err
    assert f'add member {eve}, named "Eve & Sons"' in done.err
    assert governed.registry().member_of(eve).name == "Eve & Sons"
    assert governed.registry().members()[-1] == eve
    # and has a vote of its own from now on
    removal, _ = governed.desk("eve").propose_removal(governed.address("dee"), "they left")
    assert governed.desk("ada").entry(removal).tally == (1, 5, 4)


def test_a_hospital_is_removed(governed: SimpleNamespace, council_command: Command) -> None:
    dee = governed.address("dee")
    words = ("--site", "ada", "--account", dee, "--why", "stopped three rounds")
    number = made(council_command("propose-removal", *words))
    pass_(governed, council_command, number, "bay", "cay")
    assert council_command("execute", number).status == 0
    assert not governed.is_member("dee")
    with pytest.raises(ContractRevertError, match="NotAnActiveMember"):
        governed.desk("dee").propose_member(dee, "Dee", "take us back")


def test_the_aggregator_is_replaced(governed: SimpleNamespace, council_command: Command) -> None:
    eve, old = governed.address("eve"), governed.address("aggregator")
    words = ("--site", "ada", "--role", "aggregator", "--why", "new data centre")
    numbers = [
        made(council_command("propose-role", *words, "--account", eve)),
        made(council_command("propose-role", *words, "--account", old, "--revoke")),
    ]
    for number in numbers:
        pass_(governed, council_command, number, "bay", "cay")
    early = council_command("execute", numbers[0])
    assert early.status == ExitCode.NOT_NOW
    assert f"proposal {numbers[0]} waits until 20" in early.err
    governed.anvil.advance_time(2 * DAY)
    for number in numbers:
        assert council_command("execute", number).status == 0
    assert governed.holds(Role.AGGREGATOR, "eve")
    assert not governed.holds(Role.AGGREGATOR, "aggregator")


def test_a_circuit_is_tombstoned_after_the_delay(
    governed: SimpleNamespace, council_command: Command
) -> None:
    words = ("--site", "ada", "--circuit", TRAINING.hex(), "--why", "verifier has a bug")
    number = made(council_command("propose-circuit-removal", *words))
    pass_(governed, council_command, number, "bay", "cay")
    governed.anvil.advance_time(2 * DAY - 60)
    assert council_command("execute", number).status == ExitCode.NOT_NOW
    assert not governed.router().route(TRAINING).removed
    with pytest.raises(ContractRevertError, match="DelayNotOver"):
        governed.desk("ada").council.execute(number)
    governed.anvil.advance_time(120)
    assert council_command("execute", number).status == 0
    assert governed.router().route(TRAINING).removed
    again = council_command("execute", number)
    assert again.status == ExitCode.REFUSED
    assert "ProposalExecuted" in again.err


def test_a_circuit_is_registered(governed: SimpleNamespace, council_command: Command) -> None:
    circuit, verifier = b"\x07" * 32, governed.deployment.training.verifier
    sizes = ("--proof-length", 512, "--commitments", 6)
    words = ("--site", "ada", "--circuit", circuit.hex(), "--verifier", verifier, *sizes)
    number = made(council_command("propose-circuit", *words, "--why", "version 2"))
    pass_(governed, council_command, number, "bay", "cay")
    governed.anvil.advance_time(2 * DAY)
    assert council_command("execute", number).status == 0
    route = governed.router().route(circuit)
    assert (route.verifier, route.proof_length, route.commitments) == (verifier, 512, 6)


def test_a_vote_withdrawn_stops_it(
    governed: SimpleNamespace, proposed: int, council_command: Command
) -> None:
    pass_(governed, council_command, proposed, "bay", "cay")
    assert council_command("withdraw", proposed, "--site", "bay").status == 0
    assert not governed.desk("ada").council.voted(proposed, governed.address("bay"))
    refused = council_command("execute", proposed)
    assert refused.status == ExitCode.REFUSED
    assert "QuorumNotReached" in refused.err
    assert not governed.is_member("eve")


def test_a_proposal_expires(governed: SimpleNamespace, proposed: int) -> None:
    governed.anvil.advance_time(14 * DAY + 10)
    desk = governed.desk("bay")
    assert desk.entry(proposed).status is ProposalStatus.EXPIRED
    with pytest.raises(ContractRevertError, match="ProposalExpired"):
        desk.vote(desk.entry(proposed))


def test_a_quorum_by_a_member_that_went_is_recorded_by_the_first_who_executes(
    governed: SimpleNamespace, council_command: Command
) -> None:
    circuit, _ = governed.desk("ada").propose_circuit_removal(TRAINING.hex(), "a bug")
    governed.decide(circuit, "bay")
    removal, _ = governed.desk("ada").propose_removal(governed.address("dee"), "they left")
    governed.decide(removal, "bay", "cay")
    governed.desk("ada").council.execute(removal)
    # two of three are a quorum
    assert "reached by a change of members" in council_command("list").out
    first = council_command("execute", circuit)
    assert first.status == ExitCode.NOT_NOW
    assert "quorum recorded" in first.err
    assert "waits until" in first.err
    governed.anvil.advance_time(2 * DAY)
    assert council_command("execute", circuit).status == 0


def test_the_list_shows_everything_a_voter_needs(
    governed: SimpleNamespace, proposed: int, council_command: Command
) -> None:
    governed.desk("bay").propose_circuit_removal(TRAINING.hex(), "a bug")
    done = council_command("list")
    assert done.status == 0
    first, second = done.out.strip().split("\n\n")
    assert f"remove circuit {TRAINING.hex()} for good" in first
    assert second.splitlines()[:6] == [
        f"proposal  {proposed} VOTING",
        f'does      add member {governed.address("eve")}, named "Eve"',
        "because   agreed",
        f"by        {governed.address('ada')} (ada)",
        "votes     1 of 4 members, 3 needed",
        f"digest    {digest(governed, proposed)}",
    ]
    assert council_command("list", "--last", 1).out.strip() == first
    assert council_command("list", "--site", "eve").out == done.out


def test_a_hospital_alone_in_its_folder_lists_without_a_key_and_executes(
    governed: SimpleNamespace, proposed: int, council_command: Command
) -> None:
    governed.decide(proposed, "bay", "cay")
    root = governed.workspace.root
    shutil.rmtree(root / "roles")
    for name in ("ada", "cay", "dee", "eve"):
        shutil.rmtree(root / "sites" / name)
    password = governed.home("bay").chain_password
    content = password.read_bytes()
    password.unlink()
    done = council_command("list")
    assert done.status == 0
    assert f"proposal  {proposed} READY" in done.out
    assert council_command("execute", proposed).status == ExitCode.KEYS
    write_atomically(password, content)
    assert council_command("execute", proposed).status == 0


def test_where_no_party_is_nothing_is_listed(
    governed: SimpleNamespace, council_command: Command
) -> None:
    for folder in ("roles", "sites"):
        shutil.rmtree(governed.workspace.root / folder)
    done = council_command("list")
    assert done.status == ExitCode.KEYS
    assert "roles/office is no node folder" in done.err.replace("\n", "")


def test_an_empty_list(council_command: Command) -> None:
    done = council_command("list")
    assert (done.status, done.out) == (0, "")
    assert "no proposals yet" in done.err
