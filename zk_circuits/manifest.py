"""The manifest of a built circuit: the one place that knows its scales, shapes and hashes."""

import hashlib
from pathlib import Path
from typing import Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field

from zkfl.zk_circuits.circuit import CircuitDefinition, TensorSpec
from zkfl.zk_circuits.spec import CircuitSpec

_HASH = r"^[0-9a-f]{64}$"


class TensorEntry(BaseModel):
    """One committed vector: its name, entries, EZKL scale and meaning."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    length: int = Field(ge=1)
    scale: int
    meaning: str

    @classmethod
    def of(cls, tensor: TensorSpec) -> "TensorEntry":
        """Copy a tensor of a definition."""
        return cls(
            name=tensor.name, length=tensor.length, scale=tensor.scale, meaning=tensor.meaning
        )


class ArtefactHashes(BaseModel):
    """SHA-256, in hex, of what a circuit was built from and of what came out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    onnx: str = Field(pattern=_HASH)
    settings: str = Field(pattern=_HASH)
    verifying_key: str = Field(pattern=_HASH)
    verifier: str = Field(pattern=_HASH)
    srs: str = Field(pattern=_HASH)


class Manifest(BaseModel):
    """Everything a party must agree on to accept proofs of one circuit.

    Attributes
    ----------
    circuit
        Kind and instance, for example ``admission-wdbc``.
    statement
        What a valid proof shows.
    spec
        Sizes, bounds and training constants.
    max_openings
        Proofs that may open one data vector.
    inputs, outputs
        In the order of the points at the start of a proof.
    logrows
        log2 of the rows.
    zero_commitment
        ``U``, the commitment of the zero vector: x and y in hex with 0x.
    commitments
        Points at the start of a proof.
    proof_length
        Bytes of a proof; every proof of the circuit has this length.
    hashes
        Of the artefacts.
    ezkl
        Version of EZKL.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: Literal["zkfl.circuit.v1"] = "zkfl.circuit.v1"
    circuit: str
    statement: str
    spec: CircuitSpec
    max_openings: int
    data_length: int
    inputs: tuple[TensorEntry, ...]
    outputs: tuple[TensorEntry, ...]
    logrows: int
    zero_commitment: tuple[str, str]
    commitments: int
    proof_length: int
    hashes: ArtefactHashes
    ezkl: str

    def canonical_json(self) -> bytes:
        """Serialise by RFC 8785, so that equal manifests have equal bytes."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    def manifest_hash(self) -> bytes:
        """Return the 32 bytes by which contracts know the circuit: SHA-256 of the JSON."""
        return hashlib.sha256(self.canonical_json()).digest()

    def zero_point(self) -> tuple[int, int]:
        """Return ``U`` as integers."""
        return int(self.zero_commitment[0], 16), int(self.zero_commitment[1], 16)

    @classmethod
    def load(cls, path: Path) -> "Manifest":
        """Read a manifest file; pydantic's error names what is malformed."""
        return cls.model_validate_json(path.read_bytes())


def make_manifest(
    definition: CircuitDefinition,
    hashes: ArtefactHashes,
    zero_point: tuple[int, int],
    proof_length: int,
    ezkl_version: str,
) -> Manifest:
    """Describe a circuit that has been built and has proved once."""
    return Manifest(
        circuit=definition.name,
        statement=definition.statement,
        spec=definition.spec,
        max_openings=definition.spec.max_openings,
        data_length=definition.spec.data_length,
        inputs=tuple(TensorEntry.of(tensor) for tensor in definition.inputs),
        outputs=tuple(TensorEntry.of(tensor) for tensor in definition.outputs),
        logrows=definition.spec.logrows,
        zero_commitment=(hex(zero_point[0]), hex(zero_point[1])),
        commitments=definition.commitments,
        proof_length=proof_length,
        hashes=hashes,
        ezkl=ezkl_version,
    )
