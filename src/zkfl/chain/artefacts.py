"""Compiled contracts, and a cache of them by the hash of all that went in."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.errors import ChainError

MAX_RUNTIME_BYTES = 24_576
"""EIP-170, https://eips.ethereum.org/EIPS/eip-170"""


class OversizeContractError(ChainError):
    """A contract has more code than the chain takes."""


class UnlinkedLibraryError(ChainError):
    """A contract calls a library that has no address in it yet."""


class Artefact(BaseModel):
    """One compiled contract.

    Attributes
    ----------
    name, source
        The contract, and the source unit it stands in.
    abi
        As solc writes it.
    bytecode_hex
        Creation code without 0x; empty for interfaces and abstract contracts; with
        placeholders where a library must be linked.
    links
        Byte offsets in the creation code by ``source:library``.
    runtime_size
        Bytes of deployed code.
    content_hash
        SHA-256 of sources, settings and compiler version.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: str
    source: str
    abi: list[dict[str, Any]]
    bytecode_hex: Annotated[str, Field(pattern=r"^([0-9a-zA-Z_$]{2})*$")]
    links: dict[str, list[int]]
    runtime_size: Annotated[int, Field(ge=0)]
    content_hash: str

    def bytecode(self, libraries: Mapping[str, str] | None = None) -> bytes:
        """Return the creation code, linked.

        Parameters
        ----------
        libraries
            Addresses by ``source:library``.

        Raises
        ------
        UnlinkedLibraryError
            A library's address is missing.
        OversizeContractError
            The contract has more than 24,576 bytes of runtime code.
        """
        self.require_deployable()
        code = self.bytecode_hex
        for library, offsets in self.links.items():
            address = (libraries or {}).get(library)
            if address is None:
                raise UnlinkedLibraryError(f"{self.name} needs the address of {library}")
            for offset in offsets:
                digits = address.removeprefix("0x").lower()
                code = code[: 2 * offset] + digits + code[2 * offset + 40 :]
        return bytes.fromhex(code)

    def require_deployable(self) -> None:
        """Raise `OversizeContractError` unless a chain takes the code."""
        if self.runtime_size > MAX_RUNTIME_BYTES:
            raise OversizeContractError(
                f"{self.name} has {self.runtime_size} bytes of runtime code, a chain takes "
                f"{MAX_RUNTIME_BYTES} (EIP-170): for a verifier, raise logrows or lower the "
                "number of columns of its circuit"
            )


Artefacts = dict[str, Artefact]
"""By contract name."""
_STORED = TypeAdapter(Artefacts)


def load_cached(folder: Path, content_hash: str) -> Artefacts | None:
    """Return what was stored under a hash; None if nothing whole and well-formed is there."""
    try:
        artefacts = _STORED.validate_json((folder / f"{content_hash}.json").read_bytes())
    except (OSError, ValidationError):
        return None
    belongs = all(artefact.content_hash == content_hash for artefact in artefacts.values())
    return artefacts if belongs else None


def store(folder: Path, content_hash: str, artefacts: Artefacts) -> None:
    """Store under a hash, in one step."""
    plain = {name: artefact.model_dump() for name, artefact in artefacts.items()}
    text = json.dumps(plain, sort_keys=True)
    write_atomically(folder / f"{content_hash}.json", text.encode())
