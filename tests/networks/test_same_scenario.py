"""Two rounds of four hospitals on anvil and on Hardhat's network end in the same model."""

import re
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.node_names import NODE_NAMES
from zkfl.chain.states import RoundStatus
from zkfl.field import vector_from_bytes

if TYPE_CHECKING:
    from conftest import Play

OPEN, CLOSED, PUBLISHED, FINAL = (
    RoundStatus.OPEN,
    RoundStatus.CLOSED,
    RoundStatus.PUBLISHED,
    RoundStatus.FINAL,
)
EXPECTED_ERRORS = {
    "a round without shards": "TooFewMembers",
    "a second round": "RoundInProgress",
    "a close before all have submitted": "SubmissionsMissing",
    "a proof with another byte 31": "DataCommitmentMismatch",
    "a proof with another byte 3359": "InvalidProof",
    "a short proof": "ProofLengthMismatch",
    "no member's opening": "AccessControlUnauthorizedAccount",
    "a second update": "AlreadySubmitted",
}
# proofs are drawn afresh, blocks have their own times
FRESH = re.compile(r"(proofHash=0x[0-9a-f]{64}|deadline=\d+)")


@pytest.mark.parametrize("name", NODE_NAMES)
def test_the_scenario_ends_in_two_final_rounds(played: "Play", name: str) -> None:
    outcome = played(name).outcome
    # the first round is open again after the push, for those who stayed
    assert outcome.statuses == [
        OPEN,
        OPEN,
        CLOSED,
        PUBLISHED,
        FINAL,
        OPEN,
        CLOSED,
        PUBLISHED,
        FINAL,
    ]
    assert [sorted(updates) for updates in outcome.updates] == [
        ["ada", "bay", "cay"],
        ["ada", "bay", "cay", "dee"],
    ]
    assert outcome.events.count("ShardAdmitted") == 4
    assert outcome.events.count("UpdateSubmitted") == 3 + 4
    assert outcome.events.count("RoundFailed") == 0


@pytest.mark.parametrize("name", NODE_NAMES)
def test_every_model_on_chain_is_opened_by_the_file_of_its_hash(played: "Play", name: str) -> None:
    stage = played(name)
    ground = stage.nodes["ada"].ground
    for point, digest in stage.outcome.models:
        model = vector_from_bytes(ground.store.get(bytes.fromhex(digest)), ground.spec.model_length)
        assert ground.committer.commit(model) == point
    assert len({digest for _, digest in stage.outcome.models}) == 2


@pytest.mark.parametrize("name", NODE_NAMES)
def test_every_refusal_names_the_contracts_error(played: "Play", name: str) -> None:
    said = dict(played(name).outcome.refusals)
    assert {what: _error(text) for what, text in said.items()} == EXPECTED_ERRORS


def test_both_networks_agree(played: "Play") -> None:
    anvil, hardhat = (played(name).outcome for name in NODE_NAMES)
    assert anvil.addresses == hardhat.addresses
    assert anvil.deployment_gas == hardhat.deployment_gas
    assert anvil.shards == hardhat.shards
    assert anvil.contexts == hardhat.contexts
    assert anvil.statuses == hardhat.statuses
    assert anvil.updates == hardhat.updates
    assert anvil.models == hardhat.models
    assert anvil.events == hardhat.events
    assert _timeless(anvil.refusals) == _timeless(hardhat.refusals)


def _error(text: str) -> str:
    """Return the name of the error in a refusal of the client."""
    found = re.match(r"the call reverts: (\w+)\(", text)
    assert found, text
    return found[1]


def _timeless(refusals: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(what, FRESH.sub("fresh", text)) for what, text in refusals]
