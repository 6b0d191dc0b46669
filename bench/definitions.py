"""The circuits that are measured, by names that a child process can be given."""

from bench import baseline_circuit
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.instances import bench_instance, get_instance

COMMITTED = ("tiny", "heart", "wdbc", "wdbc-mlp", "busi", "cnn")
WIDE = {"64x30": (64, 30, 14), "64x128": (64, 128, 15), "64x512": (64, 512, 17)}
"""Slots, features and logrows of instances that exist for measurements only."""
FIRST_ATTEMPT = baseline_circuit.NAME
KINDS = ("admission", "training")
BENEFIT = "benefit"


def definition_of(instance: str, kind: str) -> CircuitDefinition:
    """Return the ``admission``, ``training`` or ``benefit`` circuit of an instance."""
    admits = kind == KINDS[0]
    if instance == FIRST_ATTEMPT:
        first = baseline_circuit.first_admission if admits else baseline_circuit.first_training
        return first()
    circuits = bench_instance(*WIDE[instance]) if instance in WIDE else get_instance(instance)
    return {"admission": circuits.admission, "training": circuits.training}.get(
        kind, circuits.benefit
    )
