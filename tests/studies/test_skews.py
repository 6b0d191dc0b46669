"""Unlike sites are made of the same records, each at one site."""

from collections.abc import Callable

import numpy as np
import pytest

from zkfl.evaluation.baselines import ShardRecords
from zkfl.node.records.standardise import FeatureBounds
from zkfl.studies.skews import Deal, feature_shift, label_skew, quantity_skew

BOUNDS = FeatureBounds(4, 4)
SITES = 6
Make = Callable[[int, int], ShardRecords]


def rng(seed: int = 3) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("deal", [label_skew(SITES, 0.3, rng()), quantity_skew(SITES, 0.3, rng())])
def test_every_record_is_at_one_site(make_records: Make, deal: Deal) -> None:
    train, test = make_records(1, 200), make_records(2, 60)
    sites = deal(train, test)
    assert len(sites) == SITES
    for whole, parts in ((train, [s.train for s in sites]), (test, [s.test for s in sites])):
        features = np.concatenate([part.features for part in parts])
        order, expected = np.lexsort(features.T), np.lexsort(whole.features.T)
        np.testing.assert_array_equal(features[order], whole.features[expected])
        labels = np.concatenate([part.labels for part in parts])
        np.testing.assert_array_equal(labels[order], whole.labels[expected])


def spread_of_rates(make: Make, alpha: float) -> float:
    sites = label_skew(SITES, alpha, rng())(make(1, 2000), make(2, 60))
    rates = [site.train.labels.mean() for site in sites if len(site.train.labels)]
    return float(np.ptp(rates))


def test_a_smaller_alpha_makes_labels_less_alike(make_records: Make) -> None:
    alike, unlike = (spread_of_rates(make_records, alpha) for alpha in (1000.0, 0.3))
    assert alike < 0.1
    assert unlike > 0.5


def test_skewed_sizes_keep_the_rate_of_labels(make_records: Make) -> None:
    train = make_records(1, 2000)
    sites = quantity_skew(SITES, 0.3, rng())(train, make_records(2, 60))
    sizes = [len(site.train.labels) for site in sites]
    assert max(sizes) > 10 * (min(sizes) + 1)
    large = [site.train.labels.mean() for site in sites if len(site.train.labels) > 100]
    np.testing.assert_allclose(large, train.labels.mean(), atol=0.01)


def test_test_records_are_dealt_like_training_records(make_records: Make) -> None:
    sites = label_skew(SITES, 0.3, rng())(make_records(1, 2000), make_records(2, 2000))
    for site in sites:
        assert len(site.test.labels) == pytest.approx(len(site.train.labels), abs=60)


def test_no_shift_leaves_bounded_rows_as_they_are(make_records: Make) -> None:
    train, test = make_records(1, 60), make_records(2, 30)
    sites = feature_shift(SITES, 0.0, FeatureBounds(64, 64), rng())(train, test)
    together = np.concatenate([site.train.features for site in sites])
    np.testing.assert_allclose(np.sort(together, axis=0), np.sort(train.features, axis=0))


def test_shifted_rows_keep_the_bounds_and_share_a_scanner(make_records: Make) -> None:
    train, test = make_records(1, 600), make_records(2, 600)
    sites = feature_shift(SITES, 1.0, BOUNDS, rng())(train, test)
    means = []
    for site in sites:
        assert np.linalg.norm(site.train.features, axis=1).max() <= 4 + 1e-9
        np.testing.assert_allclose(
            site.train.features.mean(axis=0), site.test.features.mean(axis=0), atol=0.8
        )
        means.append(site.train.features.mean(axis=0))
    assert np.ptp(means, axis=0).max() > 1
