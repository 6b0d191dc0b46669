"""Unlike sites, made of one pool of records: labels, sizes or measurements are skewed.

Label and quantity skew after Hsu, Qi and Brown 2019, https://arxiv.org/abs/1909.06335: shares
of the sites are drawn from a symmetric Dirichlet distribution; the smaller alpha, the less
alike. Training and test records of a site are dealt by the same shares, so that a site is
tested on patients like its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from zkfl.evaluation.baselines import ShardRecords
from zkfl.node.records.standardise import FeatureBounds, winsorise

Generator = np.random.Generator
Deal = Callable[[ShardRecords, ShardRecords], "list[SkewedSite]"]


@dataclass(frozen=True)
class SkewedSite:
    """What one site trains on and is tested on; either may be empty."""

    train: ShardRecords
    test: ShardRecords


def label_skew(sites: int, alpha: float, rng: Generator) -> Deal:
    """Return a deal in which sites see other shares of the classes."""
    return _by_shares(np.stack([rng.dirichlet(np.full(sites, alpha)) for _ in (0, 1)]), rng)


def quantity_skew(sites: int, alpha: float, rng: Generator) -> Deal:
    """Return a deal in which sites differ in size, and not in classes."""
    return _by_shares(np.stack([rng.dirichlet(np.full(sites, alpha))] * 2), rng)


def feature_shift(sites: int, strength: float, bounds: FeatureBounds, rng: Generator) -> Deal:
    """Return a deal into equal sites whose scanners measure differently.

    Each site sees ``gain * x + offset`` with a gain and an offset a feature of its own, both of
    that strength: the offset in standard deviations, the gain as the spread of its logarithm
    divided by two. Rows are bounded again, as admission wants them.
    """
    deal = _by_shares(np.full((2, sites), 1.0 / sites), rng)

    def shifted(train: ShardRecords, test: ShardRecords) -> list[SkewedSite]:
        return [_shift(site, strength, bounds, rng) for site in deal(train, test)]

    return shifted


def _shift(site: SkewedSite, strength: float, bounds: FeatureBounds, rng: Generator) -> SkewedSite:
    width = site.train.features.shape[1]
    gain = np.exp(rng.normal(0.0, strength / 2, width))
    offset = rng.normal(0.0, strength, width)
    train, test = (
        ShardRecords(winsorise(records.features * gain + offset, bounds), records.labels)
        for records in (site.train, site.test)
    )
    return SkewedSite(train, test)


def _by_shares(shares: NDArray[np.float64], rng: Generator) -> Deal:
    """Deal class by class; ``shares`` is ``(2, sites)`` and each row sums to 1."""

    def deal(train: ShardRecords, test: ShardRecords) -> list[SkewedSite]:
        parts = [_dealt(records, shares, rng) for records in (train, test)]
        return [SkewedSite(*pair) for pair in zip(*parts, strict=True)]

    return deal


def _dealt(
    records: ShardRecords, shares: NDArray[np.float64], rng: Generator
) -> list[ShardRecords]:
    sites = np.empty(len(records.labels), dtype=np.int64)
    for label in (0, 1):
        places = rng.permutation(np.flatnonzero(records.labels == label))
        cuts = np.round(np.cumsum(shares[label])[:-1] * len(places)).astype(np.int64)
        for site, chosen in enumerate(np.split(places, cuts)):
            sites[chosen] = site
    return [
        ShardRecords(records.features[sites == s], records.labels[sites == s])
        for s in range(shares.shape[1])
    ]
