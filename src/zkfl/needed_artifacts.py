"""Which artefacts a step needs and a store lacks."""

from collections.abc import Iterable

from zkfl.artifacts import ArtifactStore
from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED
from zkfl.common_ground import CommonGround
from zkfl.model_vector import recover_opened_model


def lacking(store: ArtifactStore, digests: Iterable[bytes]) -> frozenset[bytes]:
    """Return what a store lacks of files that the chain names; a damaged one counts as lacking."""
    return frozenset(d for d in digests if d != UNSTATED and not store.holds(d))


def lacking_models(
    registry: Registry, store: ArtifactStore, digests: Iterable[bytes]
) -> frozenset[bytes]:
    """Return what a store lacks of models; one that was opened on chain is taken from there."""
    return frozenset(
        digest
        for digest in lacking(store, digests)
        if not recover_opened_model(registry, store, digest)
    )


def lacking_to_train(registry: Registry, ground: CommonGround) -> frozenset[bytes]:
    """Return what is needed to contribute to a round: encryption context and current model."""
    context = lacking(ground.store, [registry.encryption_context()])
    return context | lacking_models(registry, ground.store, [registry.model_hash()])


def lacking_to_sum(registry: Registry, ground: CommonGround, round_id: int) -> frozenset[bytes]:
    """Return what is needed to add a closed round's ciphertexts."""
    parts = (registry.participation(round_id, member) for member in registry.cohort(round_id))
    ciphertexts = [part.ciphertext_hash for part in parts]
    return lacking(ground.store, [registry.round(round_id).encryption_context, *ciphertexts])
