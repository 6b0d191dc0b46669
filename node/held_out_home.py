"""The part of a hospital's folder that holds the records that models are tested on."""

from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.node.dataset_versions import SUFFIXES
from zkfl.node.home import NodeHome, NodeHomeError
from zkfl.public_file import read_public_file

_LIMIT = 256 * 1024 * 1024


class HeldOutRecordsError(ZkflError):
    """There are no records to test on, or others than those that were sealed."""


class HeldOutHome(NodeHome):
    """The same folder and keys, with the test records in the place of those that train.

    Test shards are sealed, kept and counted by the same code as training shards, and never mixed
    with them: their folder is another one.
    """

    @property
    def records(self) -> Path:
        """The test records: ``test-records.parquet`` if there is one, else ``test-records.csv``.

        Raises
        ------
        NodeHomeError
            Both are there.
        """
        csv, parquet = (self.root / f"test-records{suffix}" for suffix in SUFFIXES)
        if csv.exists() and parquet.exists():
            raise NodeHomeError(f"{csv} and {parquet} are both there: which one? Remove the other")
        return parquet if parquet.exists() else csv

    def latest_version(self) -> int:
        """Return 1: test records stay as they are, so that models of all rounds are comparable."""
        return 1

    def shard(self, shard_index: int) -> Path:
        """Folder of one test shard's vector."""
        return self.root / "state" / "test-shards" / str(shard_index)

    def evaluation_proof(self, shard_index: int, round_id: int) -> Path:
        """Return where the proof of a round's metrics on a test shard is kept."""
        return self.shard(shard_index) / f"evaluation-{round_id}.proof"

    def has_records(self) -> bool:
        """Tell whether the hospital has records to test on."""
        return self.records.exists()

    def take_records(self, source: Path) -> None:
        """Copy a file of test records into the folder, unless it is there.

        Raises
        ------
        HeldOutRecordsError
            It is neither CSV nor Parquet, or the folder holds other test records.
        PublicFileError
            It cannot be read.
        """
        if source.suffix not in SUFFIXES:
            raise HeldOutRecordsError(f"{source} is neither a .csv nor a .parquet file")
        content = read_public_file(source, _LIMIT)
        if self.has_records():
            if read_public_file(self.records, _LIMIT) == content:
                return
            raise HeldOutRecordsError(
                f"{self.records} holds other test records than {source}: a test set that changes "
                "with the models it tests shows nothing; keep the one that is there"
            )
        write_atomically(self.root / f"test-records{source.suffix}", content)
