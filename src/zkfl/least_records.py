"""How full a shard has to be, and whether records make such shards.

A shard's weight is multiplied by its slots over the used ones, and with it the noise of its
hospital and the pull of each record. So a consortium agrees on the fewest used slots of a shard,
and the registry admits none that has fewer.
"""

from zkfl.consortium import Consortium, ConsortiumError
from zkfl.errors import ZkflError
from zkfl.zk_circuits.spec import CircuitSpec

_DEFAULT_PART = 4


class TooFewRecordsError(ZkflError):
    """Records make shards that are emptier than the consortium agreed on."""


class MinimumRecordsError(ConsortiumError):
    """Shards cannot always be as full as a consortium file asks for."""


def minimum_records(consortium: Consortium, spec: CircuitSpec) -> int:
    """Return the fewest used slots of a shard: as agreed, else a quarter of its slots, rounded up.

    Raises
    ------
    MinimumRecordsError
        It is more than half of them: one record too many for a shard makes two half-full ones.
    """
    if consortium.minimum_records is None:
        return -(-spec.slots // _DEFAULT_PART)
    half = (spec.slots + 1) // 2
    if consortium.minimum_records > half:
        raise MinimumRecordsError(
            f"minimum_records {consortium.minimum_records} is more than half of the {spec.slots} "
            f"slots of a shard of the circuits {spec.name!r}, {half}: {spec.slots + 1} records "
            "would make two shards that are too empty; lower it in the consortium file"
        )
    return consortium.minimum_records


def require_full_shards(records: int, slots: int, minimum: int) -> None:
    """Check that records, dealt evenly into shards, fill each of them as agreed.

    Parameters
    ----------
    records
        How many a hospital has; or how many are new, where they become a version of their own.
    slots
        Of a shard.
    minimum
        Of used slots.

    Raises
    ------
    TooFewRecordsError
        They do not.
    """
    shards = -(-records // slots)
    smallest = records // max(1, shards)
    if smallest < minimum:
        raise TooFewRecordsError(
            f"{records} records make {shards} shards of {slots} slots, the emptiest with "
            f"{smallest}: this consortium admits none with fewer than {minimum} "
            "(minimum_records), since few records would weigh as much as many; bring more"
        )
