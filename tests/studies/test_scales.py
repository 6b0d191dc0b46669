"""Circuits at every scale hold what honest hospitals bring."""

import re

import pytest

from zkfl.studies.errors import StudyError
from zkfl.studies.scales import SCALES, spec_at
from zkfl.studies.study import STUDIES


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_every_scale_has_circuits(name: str) -> None:
    spec = STUDIES[name].spec
    made = [spec_at(spec, scale_bits) for scale_bits in SCALES]
    assert [each.scale_bits for each in made] == list(SCALES)
    rows = [each.logrows for each in made]
    assert rows == sorted(rows)
    assert all(each.logit_integer <= each.table_bound for each in made)
    assert all(each.training_base <= each.usable_rows for each in made)


def test_the_studys_own_scale_is_its_own_circuit() -> None:
    spec = STUDIES["wdbc"].spec
    assert spec_at(spec, spec.scale_bits).model_copy(update={"name": "wdbc"}) == spec


def test_a_scale_beyond_all_rows_is_refused() -> None:
    wide = STUDIES["wdbc"].spec.model_copy(update={"logit_bound": 2.0**12})
    with pytest.raises(StudyError, match=re.escape("no circuit of up to 2^20 rows holds scale 13")):
        spec_at(wide, 13)
