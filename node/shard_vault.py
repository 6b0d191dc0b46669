"""A hospital's shards as vectors, blinders included, on its own disk."""

from dataclasses import dataclass, field

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.field import ELEMENT_BYTES, FieldError, vector_from_bytes, vector_to_bytes
from zkfl.node.home import NodeHome
from zkfl.node.opening_count import start_count
from zkfl.private_file import read_private_file

_VECTOR_LIMIT = 64 * 1024 * 1024
_PROOF_LIMIT = 1024 * 1024


class ShardVaultError(ZkflError):
    """A stored shard is missing, damaged, or does not belong to this circuit."""


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
    version
        Of the hospital's data that its records are from.
    """

    index: int
    count: int
    vector: list[int] = field(repr=False)
    version: int = 1


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
        start_count(self._home, shard.index)
        write_atomically(folder / "version", str(shard.version).encode())
        # Written last: a shard without a count was cut short and does not exist.
        write_atomically(folder / "count", str(shard.count).encode())

    def load(self, index: int) -> SealedShard:
        """Read a shard.

        Raises
        ------
        ShardVaultError
            There is none of this index, or its files are damaged.
        PrivateFileError
            Its files are open to others.
        """
        folder = self._home.shard(index)
        if not (folder / "count").exists():
            raise ShardVaultError(f"{folder} holds no shard {index}: run zkfl admit first")
        vector = read_private_file(folder / "data.vector", limit=_VECTOR_LIMIT)
        try:
            count = int(read_private_file(folder / "count", limit=16))
            entries = vector_from_bytes(vector, self._data_length)
            return SealedShard(index, count, entries, self.version_of(index))
        except (ValueError, FieldError):
            # the cause could quote an entry, so it is not chained
            raise ShardVaultError(
                f"the files in {folder} are damaged or belong to another circuit (data.vector has "
                f"{len(vector)} bytes of {self._data_length * ELEMENT_BYTES}): restore them"
            ) from None

    def version_of(self, index: int) -> int:
        """Return the version of the data that a shard's records are from.

        Raises
        ------
        ShardVaultError
            The file that says so is damaged.
        """
        path = self._home.shard(index) / "version"
        if not path.exists():
            # sealed when there was one version only
            return 1
        text = read_private_file(path, limit=16)
        if not text.isdigit() or int(text) < 1:
            raise ShardVaultError(f"{path} holds no version of data: restore it")
        return int(text)

    def admission_proof(self, index: int) -> bytes | None:
        """Return the proof that a shard is well formed, None before it was made."""
        path = self._home.shard(index) / "admission.proof"
        return read_private_file(path, limit=_PROOF_LIMIT) if path.exists() else None

    def keep_admission_proof(self, index: int, proof: bytes) -> None:
        """Store an admission proof before it is sent: a second one would open the shard again."""
        write_atomically(self._home.shard(index) / "admission.proof", proof)
