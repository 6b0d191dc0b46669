"""The admission reference equals an honest witness bit for bit, violations included."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zkfl.field import random_elements, to_field
from zkfl.zk_circuits.admission.reference import admission_zeros, is_admissible
from zkfl.zk_circuits.instances import TINY, Instance
from zkfl.zk_circuits.layout import pack_public, unpack_data
from zkfl.zk_circuits.spec import CircuitSpec

if TYPE_CHECKING:
    from conftest import Case, Run

BODY = TINY.slots * (TINY.features + 2)
INTERESTING = st.sampled_from(
    [0, 1, -1, TINY.one, TINY.one - 1, TINY.one + 1, -TINY.one, TINY.one // 2, TINY.feature_table]
)


@given(
    body=st.lists(
        st.one_of(INTERESTING, st.integers(-TINY.feature_table, TINY.feature_table)),
        min_size=BODY,
        max_size=BODY,
    ),
    count=st.integers(-1, TINY.slots + 1),
)
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_reference_equals_the_witness(body: list[int], count: int, run_admission: "Run") -> None:
    data = [to_field(value) for value in body] + random_elements(TINY.data_blinders)
    vectors = {"data": data, "public": pack_public(count, 1)}
    assert run_admission(vectors) == {"zeros": admission_zeros(TINY, **vectors)}


def test_each_feature_value_is_judged_exactly(run_admission: "Run") -> None:
    bound = TINY.feature_integer
    for value in (*range(-bound - 2, -bound + 2), 0, *range(bound - 1, bound + 3)):
        data = [0] * TINY.data_length
        data[0], data[TINY.features] = to_field(value), TINY.one
        outside = run_admission({"data": data, "public": pack_public(1, 0)})["zeros"][0]
        assert (outside == 0) == (abs(value) <= bound)


def test_full_size_shard_is_admissible(
    runner: Callable[..., "Run"],
    honest_case: Callable[[CircuitSpec], "Case"],
    wdbc: Instance,
    tmp_path: Path,
) -> None:
    case = honest_case(wdbc.spec)
    zeros = runner(wdbc.admission, tmp_path)(case.admission())["zeros"]
    assert zeros == [0] * len(zeros)
    assert is_admissible(wdbc.spec, unpack_data(wdbc.spec, case.data))


def test_the_norm_bound_is_exact(run_admission: "Run") -> None:
    limit = round(TINY.norm_bound**2 * TINY.one**2)
    side = int(np.sqrt(limit / TINY.features))
    for last in (side, TINY.feature_integer):
        row = [side, side, last]
        data = [0] * TINY.data_length
        data[: TINY.features + 1] = [*row, TINY.one]
        excess = run_admission({"data": data, "public": pack_public(1, 0)})["zeros"][1]
        assert (excess == 0) == (sum(value**2 for value in row) <= limit)
