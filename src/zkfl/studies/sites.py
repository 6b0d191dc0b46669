"""A federation as the circuits see it: each site's records dealt into shards, twice over.

Once as the integers that are admitted and proven about, once as the floating-point records
that they were rounded from, so that plain training meets the same records in the same shards.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from zkfl.datasets.federation import Federation
from zkfl.evaluation.baselines import ShardRecords
from zkfl.node.records.shards import make_shards
from zkfl.node.records.standardise import FeatureBounds, quantise
from zkfl.zk_circuits.layout import pack_data
from zkfl.zk_circuits.spec import CircuitSpec


@dataclass(frozen=True)
class Site:
    """One hospital's shards.

    Attributes
    ----------
    name
        Of the hospital.
    vectors
        A data vector a shard; their blinders are zeros, which change no number of an update.
    shards
        The same records, not rounded.
    """

    name: str
    vectors: tuple[list[int], ...]
    shards: tuple[ShardRecords, ...]

    @property
    def records(self) -> int:
        """Records of all shards."""
        return sum(len(shard.labels) for shard in self.shards)


def make_sites(federation: Federation, spec: CircuitSpec, seed: int) -> tuple[Site, ...]:
    """Deal every hospital's records into shards, shuffled by keys made of the seed."""
    return tuple(
        make_site(hospital.name, ShardRecords(hospital.features, hospital.labels), spec, seed)
        for hospital in federation.hospitals
    )


def make_site(name: str, records: ShardRecords, spec: CircuitSpec, seed: int) -> Site:
    """Deal a site's records, which must be within the bounds, into shards."""
    bounds = FeatureBounds(spec.feature_bound, spec.norm_bound, spec.scale_bits)
    key = hashlib.sha256(f"zkfl.studies/shards/{name}/{seed}".encode()).digest()
    # the places of the records go through the node's own dealing, and say which went where
    places = np.arange(len(records.labels), dtype=np.int64)[:, None]
    dealt = make_shards(places, records.labels, spec.slots, key)
    chosen = [shard.features[: shard.used, 0] for shard in dealt]
    integers = quantise(records.features, bounds)
    blinders = [0] * spec.data_blinders
    return Site(
        name,
        tuple(pack_data(spec, integers[c], records.labels[c], blinders) for c in chosen),
        tuple(ShardRecords(records.features[c], records.labels[c]) for c in chosen),
    )
