"""Only the cohort submits, only while the round is open, and only in time."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from zkfl.chain.states import FailureReason

if TYPE_CHECKING:
    from conftest import Arena

Refused = Callable[[str], AbstractContextManager[Any]]
NewShard = Callable[[int, int], list[int]]

WINDOW = 3_600
HASH = b"\1" * 32


def test_an_address_outside_the_cohort(arena: "Arena", refused: Refused) -> None:
    outsider, zero = arena.outsider(), arena.committer.zero
    with refused("NotInCohort") as error:
        outsider.submit_update(1, arena.honest_proof("ada"), zero, HASH)
    assert error.values == {"roundId": 1, "account": outsider.client.sender}
    with refused("NotInCohort"):
        arena.aggregator.submit_update(1, arena.honest_proof("ada"), zero, HASH)


def test_an_outsider_admits_nothing(arena: "Arena", refused: Refused, new_shard: NewShard) -> None:
    arena.push()
    proof = arena.prove_admission(arena.admission_inputs("ada", new_shard(8, 5), 8)).data
    with refused("NotAMember"):
        arena.outsider().admit_shard(8, proof)


def test_nobody_admits_records_while_a_round_runs(
    arena: "Arena", refused: Refused, new_shard: NewShard
) -> None:
    proof = arena.prove_admission(arena.admission_inputs("ada", new_shard(8, 5), 8)).data
    with refused("RoundInProgress"):
        arena.nodes["ada"].registry.admit_shard(8, proof)


def test_a_removed_member(arena: "Arena", refused: Refused) -> None:
    with refused("RoundInProgress"):
        arena.office.remove_member(arena.nodes["ada"].address)
    arena.push()
    arena.office.remove_member(arena.nodes["ada"].address)
    with refused("TooFewMembers") as error:
        arena.coordinator.open_round()
    assert error.values == {"cohort": 2, "minimum": 3}


def test_a_closed_round(arena: "Arena", refused: Refused) -> None:
    arena.submit_all()
    arena.coordinator.close_round(1)
    with refused("WrongRoundStatus"):
        arena.send("ada", arena.honest_proof("ada"))
    with refused("WrongRoundStatus"):
        arena.chain.close_round(1)


def test_rounds_that_do_not_exist(arena: "Arena", refused: Refused) -> None:
    for round_id in (0, 2, 2**256 - 1):
        with refused("WrongRoundStatus"):
            arena.send("ada", arena.honest_proof("ada"), round_id=round_id)


def test_after_the_deadline(arena: "Arena", refused: Refused) -> None:
    arena.anvil.advance_time(WINDOW + 1)
    with refused("DeadlinePassed") as error:
        arena.send("ada", arena.honest_proof("ada"))
    assert error.values["deadline"] == arena.chain.round(1).deadline


def test_a_failed_round(arena: "Arena", refused: Refused) -> None:
    arena.push()
    with refused("WrongRoundStatus"):
        arena.send("ada", arena.honest_proof("ada"))
    arena.require_failed(FailureReason.TOO_FEW_SUBMISSIONS)


def test_a_round_is_not_pushed_early(arena: "Arena", refused: Refused) -> None:
    with refused("DeadlineNotReached"):
        arena.outsider().push_round(1)


def test_a_round_is_not_closed_before_all_submitted(arena: "Arena", refused: Refused) -> None:
    arena.submit_all(but="cay")
    with refused("SubmissionsMissing") as error:
        arena.coordinator.close_round(1)
    assert error.values == {"roundId": 1, "submissions": 2, "cohort": 3}


def test_roles_are_not_taken(arena: "Arena", refused: Refused) -> None:
    for registry in (arena.outsider(), arena.nodes["bay"].registry, arena.office):
        with refused("AccessControlUnauthorizedAccount"):
            registry.publish_model(1, HASH)
        with refused("AccessControlUnauthorizedAccount"):
            registry.open_round()
    with refused("AccessControlUnauthorizedAccount"):
        arena.aggregator.announce_encryption_context(HASH)
    with refused("AccessControlUnauthorizedAccount"):
        arena.aggregator.add_member(arena.aggregator.client.sender, "mallory")


def test_nobody_outside_the_cohort_acknowledges(arena: "Arena", refused: Refused) -> None:
    arena.to_opened()
    arena.aggregator.publish_model(1, HASH)
    for registry in (arena.outsider(), arena.aggregator):
        with refused("NotInCohort"):
            registry.acknowledge(1, HASH)


def test_a_member_acknowledges_once_and_only_what_is_published(
    arena: "Arena", refused: Refused
) -> None:
    arena.to_opened()
    arena.aggregator.publish_model(1, HASH)
    bay = arena.nodes["bay"].registry
    with refused("ModelHashMismatch"):
        bay.acknowledge(1, b"\2" * 32)
    bay.acknowledge(1, HASH)
    with refused("AlreadyAcknowledged"):
        bay.acknowledge(1, HASH)
