"""A hospital that exists for one message: real update, commitments, mask and ciphertext."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from bench.clock import Seconds, Value, timed
from bench.honest_inputs import honest_inputs
from zkfl.cache import cache_folder
from zkfl.chain.protocol import mask_context
from zkfl.commitments import Committer
from zkfl.curve import G1Point
from zkfl.encryption import scheme_named
from zkfl.field import SCALAR_MODULUS
from zkfl.masks import MaskKey, mask_vector
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.prover import prove
from zkfl.zk_circuits.training_reference import training_update

SCHEME = "bfv"
_NOBODY = "0x" + "00" * 20
_PROVE_SECONDS = 600.0


@dataclass(frozen=True)
class Task:
    """What a virtual hospital is asked for.

    Attributes
    ----------
    instance
        Name of the circuits.
    place
        Its own in the cohort, from 0 on; also the seed of its records.
    cohort
        Mask keys by address, its own among them.
    weight
        ``w_i``.
    public_context
        Encrypts.
    proves
        Whether it proves its training step, or only takes it.
    """

    instance: str
    place: int
    cohort: Mapping[str, bytes]
    weight: int
    public_context: bytes
    proves: bool


@dataclass(frozen=True)
class Contribution:
    """What it makes of it: commitments, the encrypted masked update, seconds by step."""

    update: G1Point
    mask: G1Point
    ciphertext: bytes
    proof: bytes
    seconds: dict[str, Seconds]


def address_of(place: int) -> str:
    """Return the address of the virtual hospital at a place."""
    return "0x" + format(place + 1, "040x")


@cache
def ground(instance: str) -> tuple[BuiltCircuit, Committer]:
    """Return training circuit and commitment key; once a process, as in a node."""
    definition = get_instance(instance).training
    srs = cached_demo_srs(definition.spec.logrows)
    circuit = build_circuit(definition, srs.path, cache_folder() / "circuits")
    return circuit, Committer(srs.path)


def contribute(key: MaskKey, task: Task) -> Contribution:
    """Take one training step on records of its own, and seal what came of it."""
    circuit, committer = ground(task.instance)
    spec, clock = circuit.definition.spec, _Clock()
    inputs = honest_inputs(circuit.definition, task.place)
    inputs["model"] = [0] * spec.model_length
    update, _ = clock.time("train", lambda: training_update(spec, **inputs))
    proof = clock.time("prove", lambda: _proof(circuit, inputs)) if task.proves else b""
    context = mask_context(1, _NOBODY, 1, 1)
    mask = clock.time(
        "mask",
        lambda: mask_vector(key, task.cohort, address_of(task.place), context, spec.model_length),
    )
    points = clock.time("commit", lambda: (committer.commit(update), committer.commit(mask)))
    masked = [(task.weight * u + m) % SCALAR_MODULUS for u, m in zip(update, mask, strict=True)]
    ciphertext = clock.time(
        "encrypt", lambda: scheme_named(SCHEME).encrypt(task.public_context, masked)
    )
    return Contribution(*points, ciphertext, proof, clock.seconds)


def _proof(circuit: BuiltCircuit, inputs: dict[str, list[int]]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="zkfl-bench-") as scratch:
        return prove(circuit, inputs, _PROVE_SECONDS, scratch=Path(scratch)).data


class _Clock:
    def __init__(self) -> None:
        self.seconds: dict[str, Seconds] = {}

    def time(self, step: str, work: Callable[[], Value]) -> Value:
        self.seconds[step], value = timed(work)
        return value
