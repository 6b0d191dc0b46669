"""The global model as any party holds it: fetched by hash, checked against its commitment."""

from zkfl.artifacts import ArtifactHashMismatchError, ArtifactNotFoundError, ArtifactStore
from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED, G1Point, RoundStatus
from zkfl.commitments import Committer
from zkfl.errors import ZkflError
from zkfl.field import vector_from_bytes, vector_to_bytes

NO_MODEL = UNSTATED
"""The chain's model hash before the first final round."""


class ModelMismatchError(ZkflError):
    """A model vector does not open the commitment on chain."""


def checked_model(
    store: ArtifactStore, committer: Committer, digest: bytes, length: int, expected: G1Point
) -> list[int]:
    """Return the model vector of a hash if it opens a commitment.

    Parameters
    ----------
    store
        Where artefacts are found by hash.
    committer
        Of the consortium's SRS.
    digest
        SHA-256 of the vector file, 32 bytes; zeros for the zero model.
    length
        ``M``.
    expected
        The commitment on chain.

    Returns
    -------
    list[int]
        ``M`` field elements at scale ``s + 39``.

    Raises
    ------
    ModelMismatchError
        The vector commits to another point.
    FieldError, ArtifactError
        There is no such file, or it is no vector of this length.
    """
    vector = [0] * length if digest == NO_MODEL else vector_from_bytes(store.get(digest), length)
    actual = committer.commit(vector)
    if tuple(actual) != tuple(expected):
        raise ModelMismatchError(
            f"the model {digest.hex()} commits to {tuple(actual)}, the chain holds "
            f"{tuple(expected)}: whoever published it published another model"
        )
    return vector


def current_model(
    registry: Registry, store: ArtifactStore, committer: Committer, length: int
) -> list[int]:
    """Return the consortium's current model; raises as `checked_model`.

    A model that was opened on chain is taken from there if the store lacks its file.
    """
    return found_model(registry, store, committer, registry.model_hash(), length, registry.model())


def found_model(  # noqa: PLR0913, PLR0917 - as many as a model is found and checked by
    registry: Registry,
    store: ArtifactStore,
    committer: Committer,
    digest: bytes,
    length: int,
    expected: G1Point,
) -> list[int]:
    """Return the model vector of a hash, from the store or from the chain; as `checked_model`."""
    try:
        return checked_model(store, committer, digest, length, expected)
    except (ArtifactNotFoundError, ArtifactHashMismatchError):
        if not recover_opened_model(registry, store, digest):
            raise
        return checked_model(store, committer, digest, length, expected)


def recover_opened_model(registry: Registry, store: ArtifactStore, digest: bytes) -> bool:
    """Store the file of a model that somebody opened on chain; False if nobody did."""
    for event in registry.events(names=["ModelOpened"]):
        if event.values["modelHash"] == digest:
            return store.put(vector_to_bytes(event.values["model"])) == digest
    return False


def model_hash_before(registry: Registry, round_id: int) -> bytes:
    """Return the hash of G: the model of the last final round before one, or no model."""
    earlier = (registry.round(number) for number in range(round_id - 1, 0, -1))
    final = (before.model_hash for before in earlier if before.status is RoundStatus.FINAL)
    return next(final, NO_MODEL)
