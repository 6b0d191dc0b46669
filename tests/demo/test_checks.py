"""How far the verified model's AUC may be from plain FedAvg's before a demo calls it a failure."""

import re
from dataclasses import replace

import pytest

from zkfl.demo.checks import LARGEST_AUC_GAP, DemoCheckError, check_result, largest_gap
from zkfl.evaluation.comparison import Comparison
from zkfl.evaluation.metrics import Metrics

WDBC = Metrics(142, 53, 0.96, 0.99, 0.9, 0.99, 0.94)
TCGA_BRCA = Metrics(97, 14, 0.86, 0.84, 0.0, 1.0, 0.0)


def comparison(plain: Metrics, verified_auc: float | None) -> Comparison:
    verified = replace(plain, auc=verified_auc)
    return Comparison("toy", (verified,), (plain,), (plain,), {})


def test_where_many_records_are_held_out_half_a_point_is_the_limit() -> None:
    assert largest_gap(WDBC, 0.99) == LARGEST_AUC_GAP
    check_result(comparison(WDBC, 0.9851))


def test_where_few_are_held_out_a_fifth_of_the_standard_error_is() -> None:
    # sqrt((.84*.16 + 13*(.84/1.16 - .84^2) + 82*(2*.84^2/1.84 - .84^2)) / (14*83)) = 0.0682
    assert largest_gap(TCGA_BRCA, 0.84) == pytest.approx(0.2 * 0.0682, abs=1e-4)
    check_result(comparison(TCGA_BRCA, 0.833))


@pytest.mark.parametrize(("plain", "verified"), [(WDBC, 0.984), (TCGA_BRCA, 0.82)])
def test_a_larger_gap_is_refused(plain: Metrics, verified: float) -> None:
    with pytest.raises(DemoCheckError, match=re.escape("fixed point costs too much")):
        check_result(comparison(plain, verified))


def test_without_an_auc_nothing_is_believed() -> None:
    with pytest.raises(DemoCheckError, match="all of one class"):
        check_result(comparison(WDBC, None))
