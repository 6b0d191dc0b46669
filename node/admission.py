"""Admission: records become shards, shards are proven well formed and committed on chain."""

import secrets
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zkfl.errors import ZkflError
from zkfl.field import random_elements
from zkfl.node.home import NodeHome
from zkfl.node.records.shards import MIN_KEY_BYTES, Shard, make_shards
from zkfl.node.shard_vault import SealedShard, ShardVault
from zkfl.node.shuffling_key import load_shuffling_key
from zkfl.zk_circuits.layout import pack_data
from zkfl.zk_circuits.prover import Proof
from zkfl.zk_circuits.spec import CircuitSpec


class AdmissionError(ZkflError):
    """The shards on disk and the shards on chain do not agree."""


class AdmissionProver(Protocol):
    """Proves that a shard is well formed."""

    def __call__(self, inputs: dict[str, list[int]]) -> Proof:
        """Return a verified proof; ``inputs`` are field elements by tensor name."""
        ...


def seal_shards(  # noqa: PLR0913, PLR0917 - records, their version, and where they go
    spec: CircuitSpec,
    features: NDArray[np.int64],
    labels: NDArray[np.int64],
    home: NodeHome,
    vault: ShardVault,
    version: int = 1,
) -> Sequence[SealedShard]:
    """Cut records into shards with fresh blinders and store them, once.

    Shards of a newer version come behind those of all older ones.

    Parameters
    ----------
    spec
        Sizes of the circuits.
    features
        int64 ``(N, F)`` at scale ``s``.
    labels
        int64 ``(N,)``, numbers of classes.
    home, vault
        Where the hospital keeps them.
    version
        Of the hospital's data that these records are.

    Raises
    ------
    PreprocessingError
        The records make no shards.
    AdmissionError
        The vault holds shards that these records do not make: the records have changed; or
        shards of a newer version, behind which these would come.
    ShufflingKeyError
        The vault holds shards, and the key that ordered their records is gone.
    """
    key = load_shuffling_key(home, len(vault))
    shards = make_shards(features, labels, spec.slots, key, spec.model.class_count)
    places = [index for index in range(len(vault)) if vault.version_of(index) == version]
    kept = [vault.load(index) for index in places]
    _require_same_records(spec, kept, shards, home)
    _require_newest(vault, version, len(shards) - len(kept))
    for shard in shards[len(kept) :]:
        places.append(len(vault))
        vault.save(_seal(spec, places[-1], shard, version))
    return [vault.load(index) for index in places]


def require_shards(
    spec: CircuitSpec, features: NDArray[np.int64], labels: NDArray[np.int64]
) -> None:
    """Check that records make shards, as `seal_shards` does; nothing is stored.

    Raises
    ------
    PreprocessingError
        They do not.
    """
    key = secrets.token_bytes(MIN_KEY_BYTES)
    for shard in make_shards(features, labels, spec.slots, key, spec.model.class_count):
        _vector(spec, shard, [0] * spec.data_blinders)


def _require_newest(vault: ShardVault, version: int, missing: int) -> None:
    newer = [index for index in range(len(vault)) if vault.version_of(index) > version]
    if missing and newer:
        raise AdmissionError(
            f"{missing} shards of version {version} of the records were never sealed, and shard "
            f"{newer[0]} is of a newer version already: the records of version {version} have "
            "grown since; add what is new to a version of its own"
        )


def _require_same_records(
    spec: CircuitSpec, kept: list[SealedShard], shards: list[Shard], home: NodeHome
) -> None:
    """Refuse to mix two deals of different records: one could be in two shards, or in none."""
    body = spec.data_length - spec.data_blinders
    same = len(kept) <= len(shards) and all(
        old.vector[:body] == _vector(spec, new, [0] * spec.data_blinders)[:body]
        for old, new in zip(kept, shards, strict=False)
    )
    if not same:
        raise AdmissionError(
            f"{home.root} holds {len(kept)} shards that its records, which make {len(shards)}, do "
            "not: the records have changed since they were sealed, or a shard is damaged; restore "
            "them"
        )


def _seal(spec: CircuitSpec, index: int, shard: Shard, version: int) -> SealedShard:
    vector = _vector(spec, shard, random_elements(spec.data_blinders))
    return SealedShard(index, shard.used, vector, version)


def _vector(spec: CircuitSpec, shard: Shard, blinders: list[int]) -> list[int]:
    count = shard.used
    return pack_data(spec, shard.features[:count], shard.labels[:count], blinders)
