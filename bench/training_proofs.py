"""What one proof of training costs, by model and by the records of a step."""

from collections.abc import Iterator

from bench.batches import BATCHES
from bench.circuits import LARGE_LOGROWS, REPEATS, measure_circuit
from bench.definitions import definition_of
from zkfl.zk_circuits.instances import instance_names

QUICK = ("tiny",)
_KIND = "training"
_LEFT_OUT = {"cells_by_group", "cells_by_operation", "circuit", "shard"}
"""Of these the part `circuits` tells."""


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Measure every instance and every batch; ``quick`` takes only ``tiny``, once."""
    for name in QUICK if quick else ordered_names():
        yield _measure(name, 1 if quick else REPEATS)


def ordered_names() -> list[str]:
    """Return instances and batches, those of one model together, small batches first."""
    models = list(instance_names())
    places = {name: (models.index(name), definition_of(name, _KIND).spec.slots) for name in models}
    places |= {name: (models.index(batch.instance), batch.slots) for name, batch in BATCHES.items()}
    return sorted(places, key=lambda name: places[name])


def _measure(name: str, repeats: int) -> dict[str, object]:
    spec = definition_of(name, _KIND).spec
    figures = measure_circuit(name, _KIND, repeats)
    return {
        "model": BATCHES[name].instance if name in BATCHES else name,
        "family": spec.model.family,
        "parameters": spec.parameters,
        "features": spec.features,
        "batch": spec.slots,
        "can_be_chosen": name not in BATCHES,
        "proofs": 1 if spec.logrows >= LARGE_LOGROWS else repeats,
        **{key: value for key, value in figures.items() if key not in _LEFT_OUT},
    }
