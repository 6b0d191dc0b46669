"""A federation as the circuits see it: each site's records dealt into shards, twice over.

Once as the integers that are admitted and proven about, once as the floating-point records
that they were rounded from, so that plain training meets the same records in the same shards.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from zkfl.datasets.federation import Federation, Hospital
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
    bounds = FeatureBounds(spec.feature_bound, spec.norm_bound, spec.scale_bits)
    return tuple(_site(hospital, spec, bounds, seed) for hospital in federation.hospitals)


def _site(hospital: Hospital, spec: CircuitSpec, bounds: FeatureBounds, seed: int) -> Site:
    key = hashlib.sha256(f"zkfl.studies/shards/{hospital.name}/{seed}".encode()).digest()
    # the places of the records go through the node's own dealing, and say which went where
    places = np.arange(len(hospital.labels), dtype=np.int64)[:, None]
    dealt = make_shards(places, hospital.labels, spec.slots, key)
    chosen = [shard.features[: shard.used, 0] for shard in dealt]
    integers = quantise(hospital.features, bounds)
    blinders = [0] * spec.data_blinders
    return Site(
        hospital.name,
        tuple(pack_data(spec, integers[c], hospital.labels[c], blinders) for c in chosen),
        tuple(ShardRecords(hospital.features[c], hospital.labels[c]) for c in chosen),
    )
