"""Sites hold the same records twice, and a schedule is the contract's."""

import numpy as np
import pytest

from zkfl.chain.protocol import WHOLE_SHARE
from zkfl.studies.comparison import compare_seed
from zkfl.studies.schedule import make_schedule
from zkfl.studies.sites import Site, make_sites
from zkfl.studies.study import STUDIES
from zkfl.zk_circuits.layout import unpack_data

STUDY = STUDIES["wdbc"]


@pytest.fixture(scope="module")
def sites() -> tuple[Site, ...]:
    return make_sites(STUDY.federation(seed=2), STUDY.spec, seed=2)


def test_a_vector_is_its_shards_records_rounded_toward_zero(sites: tuple[Site, ...]) -> None:
    one = STUDY.spec.one
    for site in sites:
        for vector, records in zip(site.vectors, site.shards, strict=True):
            shard = unpack_data(STUDY.spec, vector)
            used = shard.mask > 0
            assert (np.abs(shard.features[used] / one - records.features) < 1 / one).all()
            np.testing.assert_array_equal(shard.labels[used] // one, records.labels)


def test_every_training_record_is_in_one_shard(sites: tuple[Site, ...]) -> None:
    federation = STUDY.federation(seed=2)
    for site, hospital in zip(sites, federation.hospitals, strict=True):
        dealt = np.concatenate([shard.features for shard in site.shards])
        np.testing.assert_array_equal(np.sort(dealt, axis=0), np.sort(hospital.features, axis=0))


def test_shares_are_whole_and_shards_take_turns(sites: tuple[Site, ...]) -> None:
    schedule = make_schedule(sites, rounds=6, seed=2)
    assert all(sum(choice.share for choice in choices) == WHOLE_SHARE for choices in schedule)
    for place, site in enumerate(sites):
        chosen = [choices[place].shard for choices in schedule]
        count = len(site.vectors)
        assert set(chosen[:count]) == set(range(count))
        assert chosen[count:] == chosen[:-count]


def test_a_seed_compares_every_way_on_the_same_records() -> None:
    row = compare_seed(STUDY, seed=1)
    again = compare_seed(STUDY, seed=1)
    assert row == again
    ways = row["ways"]
    assert isinstance(ways, dict)
    assert {"verified", "verified, no noise", "plain FedAvg", "pooled"} < set(ways)
    assert {way["records"] for way in ways.values()} == {142}
    assert ways["verified"]["auc"] == pytest.approx(ways["plain FedAvg"]["auc"], abs=0.005)
