"""Admission: records become shards, shards are proven well formed and committed on chain."""

import secrets
from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.field import random_elements
from zkfl.node.home import NodeHome
from zkfl.node.records.shards import MIN_KEY_BYTES, Shard, make_shards
from zkfl.node.shard_vault import SealedShard, ShardVault
from zkfl.private_file import read_private_file
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


def seal_shards(
    spec: CircuitSpec,
    features: NDArray[np.int64],
    labels: NDArray[np.int64],
    home: NodeHome,
    vault: ShardVault,
) -> Sequence[SealedShard]:
    """Cut records into shards with fresh blinders and store them, once.

    Parameters
    ----------
    spec
        Sizes of the circuits.
    features
        int64 ``(N, F)`` at scale ``s``.
    labels
        int64 ``(N,)``, 0 or 1.
    home, vault
        Where the hospital keeps them.

    Raises
    ------
    PreprocessingError
        The records make no shards.
    AdmissionError
        The vault holds shards that these records do not make: the records have changed.
    """
    shards = make_shards(features, labels, spec.slots, _shuffling_key(home))
    kept = [vault.load(index) for index in range(len(vault))]
    _require_same_records(spec, kept, shards, home)
    for index in range(len(kept), len(shards)):
        vault.save(_seal(spec, index, shards[index]))
    return [vault.load(index) for index in range(len(shards))]


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


def _seal(spec: CircuitSpec, index: int, shard: Shard) -> SealedShard:
    return SealedShard(index, shard.used, _vector(spec, shard, random_elements(spec.data_blinders)))


def _vector(spec: CircuitSpec, shard: Shard, blinders: list[int]) -> list[int]:
    count = shard.used
    return pack_data(spec, shard.features[:count], shard.labels[:count], blinders)


def _shuffling_key(home: NodeHome) -> bytes:
    """Return the key that orders this hospital's records, drawing it at first."""
    path = home.root / "keys" / "shuffle.key"
    if not path.exists():
        write_atomically(path, secrets.token_bytes(MIN_KEY_BYTES))
    return read_private_file(path)
