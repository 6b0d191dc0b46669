"""Unlike sites in proven integers: every way beside its plain twin, on the same shards."""

import numpy as np
import pytest

from zkfl.evaluation.baselines import ShardRecords
from zkfl.field import to_signed
from zkfl.studies import integer_heterogeneity
from zkfl.studies.integer_heterogeneity import (
    LOCAL_STEPS,
    OWN_ROUNDS,
    PROVEN_WAYS,
    measure,
    spec_of,
)
from zkfl.studies.sites import make_site
from zkfl.studies.skews import SkewedSite
from zkfl.studies.study import STUDIES
from zkfl.studies.tables import tables
from zkfl.zk_circuits.instances import WDBC_MLP, get_instance
from zkfl.zk_circuits.layout import pack_model, pack_public, pack_secrets
from zkfl.zk_circuits.spec import DITHER_BITS
from zkfl.zk_circuits.training_reference import training_update

STUDY = STUDIES["wdbc"]


def test_a_row_a_level_and_way_with_its_plain_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    levels = {"label skew": (0.1,), "feature shift": (1.0,)}
    monkeypatch.setattr(integer_heterogeneity, "PROVEN_LEVELS", levels)
    rows = list(measure(STUDY, range(2)))
    expected = [(skew, level[0], way) for skew, level in levels.items() for way in PROVEN_WAYS]
    assert [(row["skew"], row["level"], row["way"]) for row in rows] == expected
    for row in rows:
        figures = [row[name] for name in ("verified", "plain", "difference")]
        verified, plain, difference = (f["value"] for f in figures if isinstance(f, dict))
        assert 0.8 < verified <= 1
        assert difference == pytest.approx(verified - plain)
        assert abs(difference) < 0.005
    text = tables({"integers": rows})["integers"]
    assert len(text.splitlines()) == 2 + len(levels)
    assert "FedProx, mu 0.5: verified / plain" in text
    assert "own heads: in integers / in floats" in text


def test_the_step_cannot_overshoot_and_is_exact() -> None:
    for proximal in (0.0, 0.1, 0.5):
        spec = spec_of(STUDY.spec, proximal)
        curvature = (spec.norm_bound**2 + 1) / 4 + spec.l2 + proximal
        assert spec.learning_rate < 2 / curvature
        assert np.log2(spec.learning_rate).is_integer()
        assert (spec.local_steps, spec.proximal) == (LOCAL_STEPS, proximal)


def test_studies_of_other_families_leave_the_part_out() -> None:
    with_it = {name for name, study in STUDIES.items() if "integers" in study.parts}
    assert with_it == {"wdbc", "heart", "tcga-brca", "busi"}
    assert all(STUDIES[name].spec.model.family == "logistic" for name in with_it)
    assert STUDIES["wdbc-mlp"].spec == WDBC_MLP


def small_unlike() -> integer_heterogeneity.UnlikeSites:
    """Two sites, one of them without records to train on."""
    spec = get_instance("tiny").spec
    rng = np.random.default_rng(3)
    features = rng.uniform(-0.5, 0.5, (12, spec.features))
    records = ShardRecords(features, (features[:, 0] > 0).astype(np.int64))
    none = ShardRecords(features[:0], records.labels[:0])
    sites = [SkewedSite(none, records), SkewedSite(records, records)]
    present = [make_site("site-1", records, spec, 0)]
    return integer_heterogeneity.UnlikeSites(sites, present, [1], 1, 0)


def test_a_head_of_its_own_is_the_update_that_the_circuit_proves() -> None:
    unlike, spec = small_unlike(), spec_of(get_instance("tiny").spec, 0.1)
    start = [5 << 40] * spec.parameters
    models = integer_heterogeneity._own_verified(unlike, spec, start)  # noqa: SLF001 - its way
    by_circuit = list(start)
    secrets = pack_secrets(
        spec, [0] * spec.parameters, [0] * spec.update_blinders, [0] * spec.own_blinders
    )
    site = unlike.present[0]
    for number in range(OWN_ROUNDS):
        shard = number % len(site.vectors)
        model = pack_model(spec, by_circuit, [0] * spec.update_blinders)
        update, zeros = training_update(
            spec, site.vectors[shard], model, secrets, pack_public(0, 0)
        )
        assert not any(zeros)
        factor = round(spec.slots * 2**16 / len(site.shards[shard].labels))
        by_circuit = [
            entry + factor * to_signed(value)
            for entry, value in zip(by_circuit, update[: spec.parameters], strict=True)
        ]
    assert models[1].tolist() == [value / 2**spec.model_scale_bits for value in by_circuit]
    assert by_circuit != start
    assert all((to_signed(value) % (1 << DITHER_BITS)) == 0 for value in update[: spec.parameters])


def test_a_site_without_records_keeps_the_common_model() -> None:
    unlike, spec = small_unlike(), spec_of(get_instance("tiny").spec)
    start = [7 << 40] * spec.parameters
    models = integer_heterogeneity._own_verified(unlike, spec, start)  # noqa: SLF001 - its way
    assert models[0].tolist() == [value / 2**spec.model_scale_bits for value in start]
    assert models[1].tolist() != models[0].tolist()
