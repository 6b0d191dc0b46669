"""The circuits that are measured, by names that a child process can be given."""

from bench import baseline_circuit
from bench.batches import BATCHES
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.inference import KIND as INFERENCE
from zkfl.zk_circuits.instances import bench_instance, get_instance

COMMITTED = ("tiny", "heart", "wdbc", "wdbc-mlp", "busi", "cnn")
WIDE = {"64x30": (64, 30, 14), "64x128": (64, 128, 15), "64x512": (64, 512, 17)}
"""Slots, features and logrows of instances that exist for measurements only."""
FIRST_ATTEMPT = baseline_circuit.NAME
KINDS = ("admission", "training")
AFTERWARDS = ("benefit", "evaluation")
"""Only of instances that can be chosen."""


def definition_of(instance: str, kind: str) -> CircuitDefinition:
    """Return the circuit of an instance that is one of `KINDS`, `AFTERWARDS` or `INFERENCE`.

    Of another batch there is only the circuit of training.

    Raises
    ------
    KeyError
        The instance has no circuit of this kind.
    """
    if instance == FIRST_ATTEMPT:
        admits = kind == KINDS[0]
        first = baseline_circuit.first_admission if admits else baseline_circuit.first_training
        return first()
    if instance in BATCHES:
        return BATCHES[instance].training()
    circuits = bench_instance(*WIDE[instance]) if instance in WIDE else get_instance(instance)
    of_kind = dict(zip((*KINDS, *AFTERWARDS), circuits.circuits, strict=True))
    if circuits.inference is not None:
        of_kind[INFERENCE] = circuits.inference
    return of_kind[kind]
