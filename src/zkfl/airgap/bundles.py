"""What the two kinds of bundles say: from the relay to the node, and back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from zkfl.airgap.container import (
    MAX_BUNDLE_BYTES,
    Hash,
    Part,
    Signer,
    Verifier,
    bundle_digest,
    open_bundle,
    peek_header,
    seal_bundle,
    split_parts,
)
from zkfl.airgap.errors import BundleFileError, BundleRefusedError
from zkfl.airgap.reads import Read
from zkfl.chain.deployment import Address
from zkfl.json_problems import json_problems
from zkfl.public_file import PublicFileError, read_public_file

MAX_TRANSACTIONS = 256
MAX_ARTEFACTS = 1_024
MAX_WANTED = 256
_MAX_READS_BYTES = 4 * 2**20
_READS = TypeAdapter(list[Read])
_Header = TypeVar("_Header", bound=BaseModel)
_Number = Annotated[int, Field(ge=0)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Binding(_Strict):
    """For whom a bundle is: one member of one consortium on one chain.

    Attributes
    ----------
    genesis
        Hash of block 0: chains of one id differ in it.
    """

    chain_id: Annotated[int, Field(gt=0)]
    genesis: Hash
    registry: Address
    member: Address

    def require(self, expected: "Binding") -> None:
        """Check that a bundle is for whoever reads it.

        Raises
        ------
        BundleRefusedError
            Something differs.
        """
        given, wanted = self.model_dump(), expected.model_dump()
        wrong = [
            f"{name} {given[name]}, not {wanted[name]}"
            for name in given
            if given[name] != wanted[name]
        ]
        if wrong:
            raise BundleRefusedError(
                f"the bundle is for {'; '.join(wrong)}: it was carried to the wrong machine, or "
                "made for another consortium"
            )


class ChainMoment(_Strict):
    """The block at which all answers of a bundle were read.

    Attributes
    ----------
    timestamp
        Seconds since 1970.
    """

    number: _Number
    hash: Hash
    timestamp: _Number


class ToNodeHeader(_Strict):
    """What the relay brings: answers of the chain at one block, and artefacts.

    Attributes
    ----------
    sequence
        Counts this relay's bundles to this member.
    lacking
        Artefacts that the chain names and the relay does not hold.
    """

    format: Literal["zkfl.bundle.to-node.v1"] = "zkfl.bundle.to-node.v1"
    binding: Binding
    sequence: Annotated[int, Field(ge=1)]
    moment: ChainMoment
    answers: Part
    artefacts: Annotated[tuple[Part, ...], Field(max_length=MAX_ARTEFACTS)]
    lacking: Annotated[tuple[Hash, ...], Field(max_length=MAX_ARTEFACTS)]


class ToRelayHeader(_Strict):
    """What the node hands out: signed transactions, the artefacts that they name, and questions.

    Attributes
    ----------
    sequence
        Counts this node's bundles.
    answers_of
        The relay's bundle that it worked on.
    wanted_reads
        A part: questions to the chain that the relay's bundle did not answer.
    wanted_artefacts
        SHA-256 of what the node needs and does not hold.
    """

    format: Literal["zkfl.bundle.to-relay.v1"] = "zkfl.bundle.to-relay.v1"
    binding: Binding
    sequence: Annotated[int, Field(ge=1)]
    answers_of: Annotated[int, Field(ge=1)]
    transactions: Annotated[tuple[Part, ...], Field(max_length=MAX_TRANSACTIONS)]
    artefacts: Annotated[tuple[Part, ...], Field(max_length=MAX_ARTEFACTS)]
    wanted_reads: Part
    wanted_artefacts: Annotated[tuple[Hash, ...], Field(max_length=MAX_WANTED)]


_ANY_HEADER: TypeAdapter[ToNodeHeader | ToRelayHeader] = TypeAdapter(
    Annotated[ToNodeHeader | ToRelayHeader, Field(discriminator="format")]
)


@dataclass(frozen=True)
class ToNode:
    """A bundle from the relay, verified and taken apart."""

    header: ToNodeHeader
    digest: str
    answers: bytes = field(repr=False)
    artefacts: list[bytes] = field(repr=False)


@dataclass(frozen=True)
class ToRelay:
    """A bundle from the node, verified and taken apart."""

    header: ToRelayHeader
    digest: str
    transactions: list[bytes] = field(repr=False)
    artefacts: list[bytes] = field(repr=False)
    wanted_reads: list[Read] = field(repr=False)


def read_bundle(path: Path) -> bytes:
    """Return the bytes of a bundle's file, nothing of which is checked yet.

    Raises
    ------
    BundleFileError
        It cannot be read, or is larger than a bundle may be.
    """
    try:
        return read_public_file(path, MAX_BUNDLE_BYTES)
    except PublicFileError as error:
        raise BundleFileError(str(error)) from error


def seal_to_node(
    header: ToNodeHeader, answers: bytes, artefacts: Sequence[bytes], sign: Signer
) -> bytes:
    """Return the bytes of a bundle for the node."""
    return seal_bundle(_encoded(header), [answers, *artefacts], sign)


def open_to_node(content: bytes, verify: Verifier) -> ToNode:
    """Verify a bundle from the relay and take it apart.

    Raises
    ------
    BundleFileError
        It is malformed.
    BundleRefusedError
        It is not signed by the relay that `verify` knows.
    """
    raw, rest = open_bundle(content, verify)
    header = _decoded(ToNodeHeader, raw)
    answers, *artefacts = split_parts(rest, [header.answers, *header.artefacts])
    return ToNode(header, bundle_digest(content), answers, artefacts)


def seal_to_relay(
    header: ToRelayHeader, parts: Sequence[bytes], reads: bytes, sign: Signer
) -> bytes:
    """Return the bytes of a bundle for the relay; `parts` are transactions, then artefacts."""
    return seal_bundle(_encoded(header), [*parts, reads], sign)


def open_to_relay(content: bytes, verify: Verifier) -> ToRelay:
    """Verify a bundle from the node and take it apart; raises as `open_to_node`."""
    raw, rest = open_bundle(content, verify)
    header = _decoded(ToRelayHeader, raw)
    count = len(header.transactions)
    parts = [*header.transactions, *header.artefacts, header.wanted_reads]
    *contents, reads = split_parts(rest, parts)
    wanted = decode_reads(reads)
    return ToRelay(header, bundle_digest(content), contents[:count], contents[count:], wanted)


def read_header(content: bytes) -> ToNodeHeader | ToRelayHeader:
    """Return what a bundle says of itself, for showing it: nothing of it is verified.

    Raises
    ------
    BundleFileError
        It is malformed.
    """
    raw = peek_header(content)
    try:
        return _ANY_HEADER.validate_json(raw)
    except ValidationError as error:
        raise BundleFileError(f"the header is none of a bundle: {json_problems(error)}") from error


def encode_reads(reads: Sequence[Read]) -> bytes:
    """Return questions to the chain as JSON."""
    return _READS.dump_json(list(reads))


def decode_reads(content: bytes) -> list[Read]:
    """Return questions to the chain.

    Raises
    ------
    BundleFileError
        They are malformed, or too many.
    """
    try:
        reads = _READS.validate_json(content) if len(content) <= _MAX_READS_BYTES else None
    except ValidationError as error:
        raise BundleFileError(f"the bundle's questions: {json_problems(error)}") from error
    if reads is None or len(reads) > MAX_WANTED:
        raise BundleFileError(
            f"the bundle asks too much: at most {MAX_WANTED} questions, {_MAX_READS_BYTES} bytes"
        )
    return reads


def _encoded(header: BaseModel) -> bytes:
    return rfc8785.dumps(header.model_dump(mode="json"))


def _decoded(kind: type[_Header], raw: bytes) -> _Header:
    try:
        return kind.model_validate_json(raw)
    except ValidationError as error:
        raise BundleFileError(
            f"the header is none of this kind of bundle: {json_problems(error)}"
        ) from error
