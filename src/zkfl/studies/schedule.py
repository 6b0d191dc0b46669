"""Shares and shards as the contract chooses them, with a seed in place of the chain's."""

import hashlib
from collections.abc import Sequence

from zkfl.chain.protocol import selected_shard, shares
from zkfl.chain.states import WeightRule
from zkfl.evaluation.baselines import Selection
from zkfl.studies.sites import Site


def make_schedule(sites: Sequence[Site], rounds: int, seed: int) -> list[list[Selection]]:
    """Return by round and site what `ConsortiumRegistry` would choose under ``records``."""
    drawn = hashlib.sha256(f"zkfl.studies/selection/{seed}".encode()).digest()
    split = shares(WeightRule.RECORDS, [site.records for site in sites])
    return [
        [
            Selection(selected_shard(drawn, place, len(site.vectors), number), share)
            for place, (site, share) in enumerate(zip(sites, split, strict=True), start=1)
        ]
        for number in range(1, rounds + 1)
    ]
