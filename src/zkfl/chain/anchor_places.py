"""The record of contracts that keep a consortium's anchors: ``anchors.json``."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.deployment import Address
from zkfl.chain.errors import ChainError
from zkfl.json_problems import json_problems
from zkfl.public_file import PublicFileError, read_public_file

_FILE_MODE = 0o644
_MAX_FILE_BYTES = 65_536


class AnchorsFileError(ChainError):
    """``anchors.json`` is unreadable or malformed."""


class AnchorPlace(BaseModel):
    """Where anchors are kept on one chain.

    Attributes
    ----------
    chain_id, contract
        The chain, and the address there.
    block_number
        Of the contract's creation: anchors begin there.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    chain_id: Annotated[int, Field(gt=0)]
    contract: Address
    block_number: Annotated[int, Field(ge=0)]


class AnchorPlaces(BaseModel):
    """The file: one place a chain."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["zkfl.anchors.v1"] = "zkfl.anchors.v1"
    places: list[AnchorPlace] = []

    def on(self, chain_id: int) -> AnchorPlace | None:
        """Return the place on a chain, None where there is none."""
        return next((place for place in self.places if place.chain_id == chain_id), None)


def load_places(path: Path) -> AnchorPlaces:
    """Read a file that `save_place` wrote; no places where there is none.

    Raises
    ------
    AnchorsFileError
        It is unreadable, or of another form.
    """
    if not path.exists():
        return AnchorPlaces()
    try:
        return AnchorPlaces.model_validate_json(read_public_file(path, _MAX_FILE_BYTES))
    except PublicFileError as error:
        raise AnchorsFileError(str(error)) from error
    except ValidationError as error:
        raise AnchorsFileError(
            f"{path} is no record of anchors of this version of zkfl: {json_problems(error)}. "
            "Remove it and name the contract with --contract"
        ) from error


def save_place(path: Path, place: AnchorPlace) -> None:
    """Add a place, in one step; that of the same chain is replaced."""
    others = [known for known in load_places(path).places if known.chain_id != place.chain_id]
    text = AnchorPlaces(places=[*others, place]).model_dump_json(indent=2) + "\n"
    write_atomically(path, text.encode(), _FILE_MODE)
