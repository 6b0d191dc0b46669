"""Which artefacts a party hands on and takes: those that the chain names now, and no other.

For parties whose stores are not one folder. Whoever carries the artefacts decides nothing: each
is known by the SHA-256 that the registry holds, and has a largest size by what it is.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from zkfl.artifacts import ArtifactError, ArtifactStore
from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED, WeightRule
from zkfl.common_ground import CommonGround
from zkfl.encryption.scheme import MAX_CONTEXT_BYTES
from zkfl.errors import ZkflError
from zkfl.field import ELEMENT_BYTES
from zkfl.model_vector import model_hash_before

LARGEST_CARD = 256 * 1024
"""Bytes; a card of 64 members takes a fifth of it."""
MESSAGE_BYTES = 32 * 1024 * 1024
"""The most that a party hands on at once; the rest follows with the next message."""


class ExchangeError(ZkflError):
    """Something that another party handed on is refused."""


class UnnamedArtifactError(ExchangeError):
    """An artefact that the chain does not name, or does not name any more."""


class OversizeArtifactError(ExchangeError):
    """An artefact that is larger than anything of its kind can be."""


class ExchangedArtifactError(ExchangeError):
    """An artefact whose bytes are not those of its name."""


class ArtifactKind(Enum):
    """What an artefact is for; the value is for people."""

    CONTEXT = "encryption context"
    CIPHERTEXT = "encrypted update"
    ENCRYPTED_SUM = "encrypted sum"
    SUM = "opened sum"
    MODEL = "model"
    CARD = "model card"


@dataclass(frozen=True)
class NamedArtifact:
    """An artefact as the chain names it: its SHA-256 (32 bytes) and what it is."""

    digest: bytes
    kind: ArtifactKind


def named_artifacts(registry: Registry) -> dict[bytes, NamedArtifact]:
    """Return what the chain names for the latest round, and the current model, by SHA-256."""
    found = (NamedArtifact(digest, kind) for digest, kind in _named(registry))
    return {one.digest: one for one in found if one.digest != UNSTATED}


def _named(registry: Registry) -> Iterator[tuple[bytes, ArtifactKind]]:
    yield registry.encryption_context(), ArtifactKind.CONTEXT
    yield registry.model_hash(), ArtifactKind.MODEL
    last = registry.final_round()
    yield registry.model_card_of(last), ArtifactKind.CARD
    if last and registry.config().weight_rule is WeightRule.BENEFIT:
        # a benefit is proven of the step from the model before
        yield model_hash_before(registry, last), ArtifactKind.MODEL
    if round_id := registry.current_round():
        state = registry.round(round_id)
        yield state.encryption_context, ArtifactKind.CONTEXT
        for member in registry.cohort(round_id):
            part = registry.participation(round_id, member)
            yield part.ciphertext_hash, ArtifactKind.CIPHERTEXT
        yield state.encrypted_sum_hash, ArtifactKind.ENCRYPTED_SUM
        yield state.sum_hash, ArtifactKind.SUM
        yield state.model_hash, ArtifactKind.MODEL


class Exchange:
    """A party's store, towards parties with stores of their own.

    Parameters
    ----------
    registry
        Only read.
    ground
        Its store, and what the sizes of artefacts follow from.
    """

    def __init__(self, registry: Registry, ground: CommonGround) -> None:
        self.registry = registry
        self._store: ArtifactStore = ground.store
        vector = ground.spec.model_length * ELEMENT_BYTES
        ciphertext = ground.scheme.largest_ciphertext(ground.spec.model_length)
        self._limits = {
            ArtifactKind.CONTEXT: MAX_CONTEXT_BYTES,
            ArtifactKind.CIPHERTEXT: ciphertext,
            ArtifactKind.ENCRYPTED_SUM: ciphertext,
            ArtifactKind.SUM: vector,
            ArtifactKind.MODEL: vector,
            ArtifactKind.CARD: LARGEST_CARD,
        }
        self._held: set[bytes] = set()
        self._block = b""
        self._named: dict[bytes, NamedArtifact] = {}

    def lacking(self) -> frozenset[bytes]:
        """Return what the chain names and the store lacks."""
        return frozenset(digest for digest in self._current() if not self._holds(digest))

    def offer(self, wanted: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return those of the wanted artefacts that the chain names and the store holds.

        As many as come to `MESSAGE_BYTES`: whoever lacks more asks again.
        """
        offered: dict[bytes, bytes] = {}
        room, asked = MESSAGE_BYTES, set(wanted)
        for digest in sorted(asked & self._current().keys()) if asked else ():
            content = self._content(digest)
            if content is None or (offered and len(content) > room):
                continue
            room -= len(content)
            offered[digest] = content
        return offered

    def largest(self, wanted: Iterable[bytes]) -> int:
        """Return the most bytes that the wanted artefacts have, of those that the chain names."""
        named = self._current()
        return sum(self._limits[named[digest].kind] for digest in wanted if digest in named)

    def take(self, artefacts: Mapping[bytes, bytes]) -> tuple[NamedArtifact, ...]:
        """Store what another party handed on; all of it, or nothing.

        Raises
        ------
        UnnamedArtifactError, OversizeArtifactError, ExchangedArtifactError
            One of them is refused; its name is in the message.
        """
        named = self._current() if artefacts else {}
        taken = tuple(self._checked(named, *one) for one in artefacts.items())
        for one in taken:
            self._store.put(artefacts[one.digest])
        return taken

    def _checked(
        self, named: Mapping[bytes, NamedArtifact], digest: bytes, content: bytes
    ) -> NamedArtifact:
        if digest not in named:
            raise UnnamedArtifactError(
                f"the artefact {digest.hex()} is refused: the chain does not name it in the latest "
                "round; it is of an earlier one, or of nobody"
            )
        one = named[digest]
        if len(content) > self._limits[one.kind]:
            raise OversizeArtifactError(
                f"the {one.kind.value} {digest.hex()} is refused: it has {len(content)} bytes, and "
                f"none has more than {self._limits[one.kind]}"
            )
        actual = hashlib.sha256(content).hexdigest()
        if actual != digest.hex():
            raise ExchangedArtifactError(
                f"the {one.kind.value} {digest.hex()} is refused: what came in its place hashes "
                f"to {actual}"
            )
        return one

    def _current(self) -> dict[bytes, NamedArtifact]:
        """Return what the chain names; it is asked again once it has another latest block."""
        block = self.registry.client.latest_hash()
        if block != self._block:
            self._named = named_artifacts(self.registry)
            self._block = block
            self._held &= self._named.keys()
        return self._named

    def _holds(self, digest: bytes) -> bool:
        """Tell whether the store has an artefact; its bytes are hashed once while it is named."""
        if digest not in self._held and self._store.holds(digest):
            self._held.add(digest)
        return digest in self._held

    def _content(self, digest: bytes) -> bytes | None:
        try:
            return self._store.get(digest)
        except ArtifactError:
            return None
