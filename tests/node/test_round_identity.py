"""A round's identity holds its rate where circuits take one, and is as it was where they do not."""

import hashlib
import json

from zkfl.chain.states import UNSTATED, FailureReason, G1Point, Participation, Round, RoundStatus
from zkfl.node.round_identity import round_identity

POINT = G1Point(1, 2)


def state(rate: int) -> Round:
    status, failure = RoundStatus.OPEN, FailureReason.NONE
    hashes = (UNSTATED, UNSTATED, UNSTATED)
    return Round(status, failure, 1, 3, 0, 0, 0, rate, b"\x05" * 32, POINT, POINT, *hashes)


def part() -> Participation:
    return Participation(2, 1 << 14, 16, False, False, POINT, POINT, UNSTATED, UNSTATED)  # noqa: FBT003 - positions


def test_circuits_without_a_rate_keep_their_identities() -> None:
    shown = {
        "tag": "zkfl.round-identity.v2",
        "model": ["0x1", "0x2"],
        "encryption_context": "05" * 32,
        "shard": part().shard_index,
        "share": part().share,
        "weight": part().weight,
    }
    expected = hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).digest()
    assert round_identity(state(0), part()) == expected
    assert round_identity(state(7), part(), None) == expected


def test_another_rate_is_another_round() -> None:
    rates = (None, 1, 2, 1024)
    assert len({round_identity(state(1), part(), rate) for rate in rates}) == len(rates)
