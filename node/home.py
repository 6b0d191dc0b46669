"""Where a hospital keeps what only it may see."""

from dataclasses import dataclass
from pathlib import Path

from zkfl.errors import ZkflError
from zkfl.scratch import fresh_scratch

_FOLDER_MODE = 0o700


class NodeHomeError(ZkflError):
    """The node's folder is missing or open to others."""


@dataclass(frozen=True)
class NodeHome:
    """The folder of one hospital.

    Attributes
    ----------
    root
        Holds ``records.csv`` or ``records.parquet``, ``keys/`` and ``state/``; mode 0700.
    """

    root: Path

    @classmethod
    def create(cls, root: Path) -> "NodeHome":
        """Make the folders, closed to everybody else."""
        for folder in (root, root / "keys", root / "state"):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(_FOLDER_MODE)
        return cls(root)

    @classmethod
    def open(cls, root: Path) -> "NodeHome":
        """Open an existing folder.

        Raises
        ------
        NodeHomeError
            It is missing, or group or world may enter it.
        """
        if not (root / "state").is_dir():
            raise NodeHomeError(f"{root} is no node folder: make one with zkfl init")
        mode = root.stat().st_mode & 0o077
        if mode:
            raise NodeHomeError(f"{root} is open to others: run chmod 700 {root}")
        return cls(root)

    @property
    def records(self) -> Path:
        """The hospital's records: ``records.parquet`` if there is one, else ``records.csv``.

        Raises
        ------
        NodeHomeError
            Both are there.
        """
        csv, parquet = self.root / "records.csv", self.root / "records.parquet"
        if csv.exists() and parquet.exists():
            raise NodeHomeError(f"{csv} and {parquet} are both there: which one? Remove the other")
        return parquet if parquet.exists() else csv

    def records_of(self, version: int) -> Path:
        """Return the file of a version of the records: version 1 is `records`, others are added.

        Raises
        ------
        NodeHomeError
            There is none, or a CSV and a Parquet file.
        """
        if version == 1:
            return self.records
        found = [path for path in self._added_records(version) if path.exists()]
        if len(found) != 1:
            raise NodeHomeError(
                f"{self.root} holds {len(found)} files of records of version {version}, expected "
                f"one of {', '.join(path.name for path in self._added_records(version))}"
            )
        return found[0]

    def latest_version(self) -> int:
        """Return the newest version of the hospital's data."""
        version = 1
        while any(path.exists() for path in self._added_records(version + 1)):
            version += 1
        return version

    def _added_records(self, version: int) -> tuple[Path, Path]:
        stem = f"records-v{version}"
        return self.root / f"{stem}.csv", self.root / f"{stem}.parquet"

    @property
    def chain_key(self) -> Path:
        """Keystore v3 of the chain key."""
        return self.root / "keys" / "chain.json"

    @property
    def chain_password(self) -> Path:
        """Password file of the keystore, mode 0600."""
        return self.root / "keys" / "chain.password"

    @property
    def mask_key(self) -> Path:
        """X25519 private key under the chain key's password, mode 0600."""
        return self.root / "keys" / "mask.key"

    @property
    def shuffling_key(self) -> Path:
        """Key that orders the records before they are cut into shards, mode 0600."""
        return self.root / "keys" / "shuffle.key"

    @property
    def he_secret(self) -> Path:
        """Secret TenSEAL context under the chain key's password; at key holders only."""
        return self.root / "keys" / "he-secret.ctx"

    @property
    def he_public(self) -> Path:
        """TenSEAL context without the secret key; at the key holder, for everyone."""
        return self.root / "he-public.ctx"

    @property
    def transactions(self) -> Path:
        """Journal of the transaction in flight."""
        return self.root / "state" / "transactions"

    @property
    def binding(self) -> Path:
        """Says which member of which consortium the folder serves."""
        return self.root / "state" / "binding.json"

    @property
    def mask_splits(self) -> Path:
        """What this node stated in disputes about masks, and who stated what does not cancel."""
        return self.root / "state" / "mask-splits.json"

    @property
    def next_chain_key(self) -> Path:
        """Keystore v3 of the chain key that is to replace the present one."""
        return self.root / "keys" / "chain-next.json"

    @property
    def next_chain_password(self) -> Path:
        """Password file of that keystore, mode 0600."""
        return self.root / "keys" / "chain-next.password"

    @property
    def next_mask_key(self) -> Path:
        """X25519 private key that is to replace the present one, mode 0600."""
        return self.root / "keys" / "mask-next.key"

    def sealed_before(self, secret: Path) -> Path:
        """Return the empty file that says that a secret's file was sealed once."""
        return self.root / "state" / "sealed" / secret.name

    @property
    def pinned_keys(self) -> Path:
        """Others' keys as this node knows them."""
        return self.root / "state" / "pinned-keys.json"

    def fresh_scratch(self) -> Path:
        """Return an empty folder for witnesses, which hold records in the clear.

        A run that was killed leaves its witness behind; it is deleted here, and never lay
        outside of this folder. Folders of runs that still go on are locked, and stay.

        Raises
        ------
        ScratchError
            What a killed run left cannot be deleted.
        """
        return fresh_scratch(self.root / "state" / "scratch")

    def shard(self, shard_index: int) -> Path:
        """Folder of one shard's vector."""
        return self.root / "state" / "shards" / str(shard_index)

    def round(self, round_id: int) -> Path:
        """Folder of one round's secrets, proof and ciphertext."""
        return self.root / "state" / "rounds" / str(round_id)
