"""Formulas that Python and Solidity share; ``docs/reference/protocol.md`` has the text.

``tests/vectors`` binds both sides.
"""

from collections.abc import Mapping, Sequence
from math import isqrt

from eth_abi.abi import encode
from eth_utils.crypto import keccak

from zkfl.chain.errors import ChainError
from zkfl.chain.states import WeightRule
from zkfl.field import SCALAR_MODULUS

WEIGHT_BITS = 16
WHOLE_SHARE = 1 << WEIGHT_BITS
"""The sum of all shares of a cohort."""
BASE_LEVEL = LARGEST_LEVEL = 16
"""What everybody's records count for under ``BENEFIT``, and the most that a proof adds."""
_ADMISSION_TAG = keccak(text="zkfl.admission.v1")
_TRAINING_TAG = keccak(text="zkfl.training.v1")
_BENEFIT_TAG = keccak(text="zkfl.benefit.v1")
_TEST_ADMISSION_TAG = keccak(text="zkfl.test-admission.v1")
_EVALUATION_TAG = keccak(text="zkfl.evaluation.v1")
_INFERENCE_TAG = keccak(text="zkfl.inference.v1")
_MASK_TAG = keccak(text="zkfl.mask.v1")
_COHORT_TAG = keccak(text="zkfl.mask-cohort.v1")
_NOBODY = "0x" + "0" * 40
_SQUARE_ROOT_SCALE = 1 << 32


class ProtocolError(ChainError):
    """Numbers from which no shares, weights or shards can be computed."""


def admission_context(chain_id: int, registry: str, member: str, shard_index: int) -> int:
    """Return the field element that ties an admission proof to its place."""
    return _context(_ADMISSION_TAG, chain_id, registry, member, shard_index)


def training_context(chain_id: int, registry: str, member: str, round_id: int) -> int:
    """Return the field element that ties a training proof to its place."""
    return _context(_TRAINING_TAG, chain_id, registry, member, round_id)


def benefit_context(chain_id: int, registry: str, member: str, round_id: int) -> int:
    """Return the field element that ties a proof of benefit to its place."""
    return _context(_BENEFIT_TAG, chain_id, registry, member, round_id)


def held_out_context(chain_id: int, metrics: str, member: str, shard_index: int) -> int:
    """Return the field element that ties a test shard's admission proof to its place."""
    return _context(_TEST_ADMISSION_TAG, chain_id, metrics, member, shard_index)


def evaluation_context(chain_id: int, metrics: str, member: str, round_id: int) -> int:
    """Return the field element that ties a proof of metrics to its place."""
    return _context(_EVALUATION_TAG, chain_id, metrics, member, round_id)


def inference_context(chain_id: int, registry: str, round_id: int) -> int:
    """Return the field element that ties a proven prediction to its model; it names no member."""
    return _context(_INFERENCE_TAG, chain_id, registry, _NOBODY, round_id)


def mask_context(chain_id: int, registry: str, round_id: int, attempt: int) -> bytes:
    """Return the 32 bytes that salt the pairwise mask keys of one attempt."""
    types = ("bytes32", "uint256", "address", "uint256", "uint256")
    return bytes(keccak(encode(types, (_MASK_TAG, chain_id, registry, round_id, attempt))))


def mask_cohort(mask_keys: Mapping[str, bytes]) -> bytes:
    """Return the 32 bytes that name a cohort in a split of masks.

    Parameters
    ----------
    mask_keys
        Announced key, 32 bytes, by address, in the cohort's order.
    """
    types = ("bytes32", "address[]", "bytes32[]")
    named = (_COHORT_TAG, list(mask_keys), list(mask_keys.values()))
    return bytes(keccak(encode(types, named)))


def scores(rule: WeightRule, records: Sequence[int]) -> list[int]:
    """Return each member's score from its admitted records."""
    if rule is WeightRule.EQUAL:
        return [1 for _ in records]
    if rule is WeightRule.SQUARE_ROOT:
        return [isqrt(count * _SQUARE_ROOT_SCALE) for count in records]
    return list(records)


def rewarded(records: int, level: int) -> int:
    """Return what a member's records count for under ``BENEFIT`` at a proven level.

    Raises
    ------
    ProtocolError
        The level is not in ``[0, LARGEST_LEVEL]``.
    """
    if not 0 <= level <= LARGEST_LEVEL:
        raise ProtocolError(f"levels are 0 to {LARGEST_LEVEL}, got {level}")
    return records * (BASE_LEVEL + level)


def shares(rule: WeightRule, records: Sequence[int], cap_share: int = WHOLE_SHARE) -> list[int]:
    """Return shares in units of 2^-16, in cohort order, that sum to exactly 2^16.

    Parameters
    ----------
    records
        Admitted records by member, in cohort order, each at least 1; under ``BENEFIT`` as
        `rewarded` counts them.
    cap_share
        Largest share under ``CAPPED``; ignored by the other rules.

    Raises
    ------
    ProtocolError
        No members, a member without records, or a cap that leaves part of the whole unassigned.
    """
    if not records or min(records) < 1:
        raise ProtocolError(f"every member of a cohort has records, got {list(records)}")
    if rule is not WeightRule.CAPPED:
        return _largest_remainder(scores(rule, records), WHOLE_SHARE)
    if cap_share * len(records) < WHOLE_SHARE:
        raise ProtocolError(
            f"{len(records)} shares of at most {cap_share} do not reach {WHOLE_SHARE}: "
            "raise the cap or the cohort"
        )
    return _capped(list(records), cap_share)


def weight(share: int, shard_slots: int, used_slots: int) -> int:
    """Return ``round_half_up(share * B / c)``.

    Raises
    ------
    ProtocolError
        ``used_slots`` is not in ``[1, shard_slots]``.
    """
    if not 1 <= used_slots <= shard_slots:
        raise ProtocolError(f"a shard uses 1 to {shard_slots} slots, got {used_slots}")
    return (2 * share * shard_slots + used_slots) // (2 * used_slots)


def selected_shard(selection_seed: bytes, member_id: int, shard_count: int, round_id: int) -> int:
    """Return the index of the shard that a member trains on in a round.

    Raises
    ------
    ProtocolError
        The member has no shard.
    """
    if shard_count < 1:
        raise ProtocolError(f"member {member_id} has no admitted shard")
    digest = keccak(encode(("bytes32", "uint256"), (selection_seed, member_id)))
    return (int.from_bytes(digest, "big") % shard_count + round_id) % shard_count


def _context(tag: bytes, chain_id: int, contract: str, member: str, index: int) -> int:
    types = ("bytes32", "uint256", "address", "address", "uint256")
    digest = keccak(encode(types, (tag, chain_id, contract, member, index)))
    return int.from_bytes(digest, "big") % SCALAR_MODULUS


def _largest_remainder(scores: Sequence[int], whole: int) -> list[int]:
    """Split ``whole`` in proportion; leftover units go to the largest remainders, ties first."""
    total = sum(scores)
    parts = [score * whole // total for score in scores]
    left = whole - sum(parts)
    by_remainder = sorted(range(len(scores)), key=lambda i: (-(scores[i] * whole % total), i))
    for place in by_remainder[:left]:
        parts[place] += 1
    return parts


def _capped(records: list[int], cap: int) -> list[int]:
    """Cap, share the rest among the others, and again until nobody exceeds the cap."""
    capped: set[int] = set()
    while True:
        free = [i for i in range(len(records)) if i not in capped]
        whole = WHOLE_SHARE - cap * len(capped)
        total = sum(records[i] for i in free)
        above = {i for i in free if records[i] * whole > cap * total}
        if not above:
            break
        capped |= above
    parts = dict.fromkeys(capped, cap)
    if free:
        split = _largest_remainder([records[i] for i in free], whole)
        parts |= dict(zip(free, split, strict=True))
    return [parts[i] for i in range(len(records))]
