"""zkfl's training circuit against the one that a first attempt gives, in the same run."""

import tempfile
from pathlib import Path

from bench.baseline_circuit import baseline_definition
from bench.child import measure_in_child
from bench.circuits import measure_build
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.instances import get_instance

_RATIOS = ("cells", "prove_s", "pk_MB", "proof_B", "verify_gas", "peak_MB")


def measure(*, quick: bool) -> list[dict[str, object]]:
    """Measure both on 64 x 30; ``quick`` proves each once instead of three times."""
    repeats = 1 if quick else 3
    ours = measure_in_child(measure_ours, repeats)
    first = measure_in_child(measure_first_attempt, repeats)
    ratios = {name: _ratio(first[name], ours[name]) for name in _RATIOS}
    return [ours, first, {**dict.fromkeys(ours, ""), "circuit": "first attempt / ours", **ratios}]


def measure_ours(repeats: int) -> dict[str, object]:
    """Measure the circuit that zkfl uses."""
    definition = get_instance("wdbc").training
    with tempfile.TemporaryDirectory() as folder:
        srs = cached_demo_srs(definition.spec.logrows).path
        return measure_build(definition, srs, Path(folder), repeats)


def measure_first_attempt(repeats: int) -> dict[str, object]:
    """Measure the first attempt."""
    definition = baseline_definition()
    with tempfile.TemporaryDirectory() as folder:
        srs = cached_demo_srs(definition.spec.logrows).path
        return measure_build(definition, srs, Path(folder), repeats)


def _ratio(first: object, ours: object) -> float:
    assert isinstance(first, int | float)  # noqa: S101 - narrows a JSON value
    assert isinstance(ours, int | float)  # noqa: S101 - narrows a JSON value
    return round(first / ours, 2)
