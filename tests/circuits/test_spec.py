"""A specification that the circuits cannot hold is refused with its reason."""

import pytest

from zkfl.zk_circuits.instances import TINY, UnknownInstanceError, bench_instance, get_instance
from zkfl.zk_circuits.spec import CircuitSpec, SpecError


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data_blinders": 5000}, "needs a second column at logrows 12"),
        ({"feature_bound": 1.5}, "is not a power of two"),
        ({"norm_bound": 1.51}, "norm_bound squared = .* is no multiple"),
        ({"clip": 0.01}, "clip squared = .* is no multiple"),
        ({"logit_bound": 1.0 + 2**-10}, "half of logit_bound"),
        ({"logit_bound": 4.0}, "leaves the lookup table"),
        ({"feature_bound": 2.0}, "leaves the lookup table"),
        ({"admission_legs": 2}, "which admission_base 1024 with 2 legs cannot hold"),
        ({"training_legs": 2}, "which training_base 600 with 2 legs cannot hold"),
    ],
)
def test_an_impossible_spec_is_refused(changes: dict[str, float], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        CircuitSpec.model_validate(TINY.model_dump() | changes)


@pytest.mark.parametrize(
    "changes", [{"data_blinders": 2}, {"update_blinders": 4}, {"own_blinders": 2}]
)
def test_blinders_that_do_not_hide_are_refused(changes: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="greater than or equal"):
        CircuitSpec.model_validate(TINY.model_dump() | changes)


def test_openings_stay_two_below_the_blinders() -> None:
    assert TINY.max_openings == TINY.data_blinders - 2
    assert get_instance("wdbc").spec.max_openings == 2046


def test_an_unknown_instance_is_refused() -> None:
    with pytest.raises(UnknownInstanceError, match="there are wdbc, heart, wdbc-mlp, tiny"):
        get_instance("none")


@pytest.mark.parametrize(("features", "logrows"), [(128, 15), (512, 17)])
def test_bench_instances_are_possible(features: int, logrows: int) -> None:
    instance = bench_instance(64, features, logrows)
    assert instance.training.settings_path is None
    assert instance.spec.parameters == features + 1
