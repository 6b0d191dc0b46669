"""Three classes take the route of two, from records to the next model and its proven counts."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zkfl.chain.states import G1Point
from zkfl.field import vector_from_bytes
from zkfl.node.held_out_home import HeldOutHome
from zkfl.node.home_evaluation import evaluate_at_home
from zkfl.node.model_testing import ModelTester
from zkfl.node.own_records import read_records
from zkfl.node.records.schema import RecordSchema
from zkfl.zk_circuits.evaluation.counts import ConfusionCounts
from zkfl.zk_circuits.layout import unpack_model

if TYPE_CHECKING:
    from conftest import Site

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(new_site: Callable[..., "Site"]) -> "Site":
    return new_site("bfv", circuits="tiny-softmax", metrics=True)


def counted(site: "Site", model: list[int]) -> ConfusionCounts:
    """Count the severe against the rest from the file of records, in exact integers."""
    spec, home = site.ground.spec, HeldOutHome(site.workspace.site("bay"))
    features, labels = read_records(home.records, site.ground.schema, spec)
    rows = np.array(unpack_model(spec, model), dtype=object).reshape(-1, 3)
    logits = np.append(features, np.full((len(features), 1), spec.one), axis=1).astype(object)
    logits = logits @ rows
    taken = np.array([row[2] >= max(row[0], row[1]) for row in logits])
    severe = labels == 2
    cells = (severe & taken, ~severe & taken, severe & ~taken, ~severe & ~taken)
    return ConfusionCounts(*(int(cell.sum()) for cell in cells))


def test_two_rounds_of_three_classes(
    site: "Site",
    make_records: Callable[..., None],
    schemas: Mapping[str, RecordSchema],
) -> None:
    held_out: Path = HeldOutHome(site.workspace.site("bay")).records
    make_records(held_out, 6, 50, schemas["tiny-softmax"])
    assert ModelTester(site.node("bay")).admit()
    registry = site.node("ada").registry
    model = [0] * site.ground.spec.model_length
    for _ in range(2):
        round_id = site.run_round()
        expected = site.expected_model(round_id, model)
        model = vector_from_bytes(site.workspace.store.get(registry.model_hash()), len(model))
        assert model == expected
        assert registry.model() == G1Point(*site.ground.committer.commit(model))
    tester = ModelTester(site.node("bay"))
    assert all(proven.sent for proven in tester.prove(round_id))
    counts = counted(site, model)
    assert tester.metrics.metrics_of(round_id).counts == counts
    assert counts.records == 6
    at_home = evaluate_at_home(site.node("bay"), round_id, (), 1)
    assert at_home.counts == counts
