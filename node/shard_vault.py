"""A hospital's shards as vectors, blinders included, on its own disk."""

from dataclasses import dataclass

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.field import vector_from_bytes, vector_to_bytes
from zkfl.node.home import NodeHome
from zkfl.private_file import read_private_file

_VECTOR_LIMIT = 64 * 1024 * 1024


class ShardVaultError(ZkflError):
    """A stored shard is missing or does not belong to this circuit."""


@dataclass(frozen=True)
class SealedShard:
    """One shard as it is committed.

    Attributes
    ----------
    index
        Its place among the hospital's shards, from 0.
    count
        Used slots.
    vector
        ``data_length`` field elements: features, labels, slot mask, blinders.
    """

    index: int
    count: int
    vector: list[int]


class ShardVault:
    """Stores shards before they are admitted, so that blinders are drawn once."""

    def __init__(self, home: NodeHome, data_length: int) -> None:
        self._home = home
        self._data_length = data_length

    def __len__(self) -> int:
        """Return the number of stored shards."""
        index = 0
        while (self._home.shard(index) / "count").exists():
            index += 1
        return index

    def save(self, shard: SealedShard) -> None:
        """Store a shard, readable by this user alone."""
        folder = self._home.shard(shard.index)
        write_atomically(folder / "data.vector", vector_to_bytes(shard.vector))
        # Written last: a shard without a count was cut short and does not exist.
        write_atomically(folder / "count", str(shard.count).encode())

    def load(self, index: int) -> SealedShard:
        """Read a shard.

        Raises
        ------
        ShardVaultError
            There is none of this index.
        FieldError
            Its vector has another length or holds no field elements.
        """
        folder = self._home.shard(index)
        if not (folder / "count").exists():
            raise ShardVaultError(f"{folder} holds no shard {index}: run zkfl admit first")
        count = int(read_private_file(folder / "count", limit=16))
        vector = read_private_file(folder / "data.vector", limit=_VECTOR_LIMIT)
        return SealedShard(index, count, vector_from_bytes(vector, self._data_length))
