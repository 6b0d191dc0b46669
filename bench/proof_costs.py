"""The figures of one circuit that say what a proof costs, without where its rows go."""

from bench.circuits import LARGE_LOGROWS, measure_circuit
from bench.definitions import definition_of

_LEFT_OUT = {"cells_by_group", "cells_by_operation", "circuit", "shard"}
"""Of these the part `circuits` tells."""


def proof_costs(name: str, kind: str, repeats: int) -> dict[str, object]:
    """Measure a circuit of an instance or a batch, and say which model it is of."""
    spec = definition_of(name, kind).spec
    figures = measure_circuit(name, kind, repeats)
    return {
        "family": spec.model.family,
        "parameters": spec.parameters,
        "features": spec.features,
        "batch": spec.slots,
        "proofs": 1 if spec.logrows >= LARGE_LOGROWS else repeats,
        **{key: value for key, value in figures.items() if key not in _LEFT_OUT},
    }
