"""The two files of a proven prediction: the proof, for anybody, and the record's opening."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.deployment import Address
from zkfl.curve import G1Point
from zkfl.inference.errors import PredictionFileError
from zkfl.json_problems import json_problems
from zkfl.private_file import read_private_file
from zkfl.public_file import PublicFileError, read_public_file
from zkfl.zk_circuits.inference.layout import NO_BLINDERS, RECORD_BLINDERS, pack_record
from zkfl.zk_circuits.spec import CircuitSpec

_MAX_FILE_BYTES = 1 << 18
_PUBLIC_MODE = 0o644
_LARGEST_LOGIT = (1 << 63) - 1
_LARGEST_ROUND = (1 << 63) - 1
_LARGEST_FEATURE = (1 << 53) - 1
"""What a double, and so every reader of JSON, holds exactly."""
_MOST_FEATURES = 1 << 16
_Element = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Feature = Annotated[int, Field(ge=-_LARGEST_FEATURE, le=_LARGEST_FEATURE)]
_STRICT = ConfigDict(extra="forbid", frozen=True, strict=True)


class ProvenPrediction(BaseModel):
    """What a round's model says of a record, with its proof; nothing in it is believed.

    Attributes
    ----------
    chain_id, registry, round
        Whose model, and which.
    circuit
        SHA-256 of the circuit's manifest.
    logit
        Of the record at the circuit's scale, rounded down; from 0 on the class is 1.
    record
        Commitment of the record: x and y.
    features
        Of a public record, at the circuit's scale; None where it is only committed to.
    proof
        As a verifier takes it, in hexadecimal digits.
    """

    model_config = _STRICT

    format: Literal["zkfl.prediction.v1"] = "zkfl.prediction.v1"
    chain_id: Annotated[int, Field(gt=0)]
    registry: Address
    round: Annotated[int, Field(gt=0, le=_LARGEST_ROUND)]
    circuit: _Element
    # a string: not every reader of JSON holds an integer of 64 bits
    logit: Annotated[str, Field(pattern=r"^(0|-?[1-9][0-9]{0,18})$")]
    record: Annotated[list[_Element], Field(min_length=2, max_length=2)]
    features: Annotated[list[_Feature], Field(min_length=1, max_length=_MOST_FEATURES)] | None = (
        None
    )
    proof: Annotated[str, Field(pattern=r"^([0-9a-f]{2})+$")]

    @property
    def logit_integer(self) -> int:
        """The logit as an integer."""
        return int(self.logit)

    @property
    def label(self) -> int:
        """The class: 1 from a logit of 0 on."""
        return int(self.logit_integer >= 0)

    @property
    def record_point(self) -> G1Point:
        """The record's commitment."""
        x, y = (int(coordinate, 16) for coordinate in self.record)
        return G1Point(x, y)

    @property
    def proof_bytes(self) -> bytes:
        """The proof."""
        return bytes.fromhex(self.proof)

    @property
    def opening(self) -> "RecordOpening | None":
        """What a public record opens to."""
        if self.features is None:
            return None
        return RecordOpening.of(self.features, NO_BLINDERS)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file that anybody may have written.

        Raises
        ------
        PredictionFileError
            It is missing, too large, or of another form.
        """
        try:
            prediction = cls.model_validate_json(read_public_file(path, _MAX_FILE_BYTES))
        except PublicFileError as error:
            raise PredictionFileError(str(error)) from error
        except ValidationError as error:
            raise PredictionFileError(
                f"{path} holds no proven prediction: {json_problems(error)}"
            ) from error
        if abs(prediction.logit_integer) > _LARGEST_LOGIT:
            raise PredictionFileError(
                f"{path} states the logit {prediction.logit}, which has more than 64 bits: no "
                "model gives such a logit"
            )
        return prediction

    def save(self, path: Path) -> None:
        """Write the file, for anybody to read."""
        text = self.model_dump_json(indent=2, exclude_none=True) + "\n"
        write_atomically(path, text.encode(), _PUBLIC_MODE)


class RecordOpening(BaseModel):
    """What a record's commitment opens to: as secret as the record.

    Attributes
    ----------
    features
        At the circuit's scale.
    blinders
        Field elements in hexadecimal digits.
    """

    model_config = _STRICT

    format: Literal["zkfl.record-opening.v1"] = "zkfl.record-opening.v1"
    features: Annotated[list[_Feature], Field(min_length=1, max_length=_MOST_FEATURES)] = Field(
        repr=False
    )
    blinders: Annotated[
        list[_Element], Field(min_length=RECORD_BLINDERS, max_length=RECORD_BLINDERS)
    ] = Field(repr=False)

    @classmethod
    def of(cls, features: list[int], blinders: tuple[int, ...] | list[int]) -> Self:
        """Return the opening of a record with these blinders."""
        return cls(features=features, blinders=[f"{blinder:064x}" for blinder in blinders])

    def vector(self, spec: CircuitSpec) -> list[int]:
        """Return the record's vector; raises `LayoutError` where it is another instance's."""
        return pack_record(spec, self.features, [int(blinder, 16) for blinder in self.blinders])

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file that only its owner can read.

        Raises
        ------
        PrivateFileError
            It is missing, or others can read it.
        PredictionFileError
            It is of another form; what it holds is not repeated.
        """
        try:
            return cls.model_validate_json(read_private_file(path, _MAX_FILE_BYTES))
        except ValidationError as error:
            raise PredictionFileError(
                f"{path} holds no opening of a record: restore it from a copy"
            ) from error

    def save(self, path: Path) -> None:
        """Write the file, mode 0600."""
        write_atomically(path, (self.model_dump_json(indent=2) + "\n").encode())
