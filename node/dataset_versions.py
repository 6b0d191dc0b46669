"""Versions of a hospital's data: a further file of records, and the retirement of older shards."""

from collections.abc import Callable
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.node.home import NodeHome
from zkfl.node.shard_vault import ShardVault
from zkfl.public_file import read_public_file

SUFFIXES = (".csv", ".parquet")
_LIMIT = 256 * 1024 * 1024


class DatasetVersionError(ZkflError):
    """A file is no further version of a hospital's records, or nothing can be retired."""


def add_records(home: NodeHome, source: Path, check: Callable[[Path], None]) -> int:
    """Copy a file of records into a hospital's folder as its next version, unless it is there.

    Parameters
    ----------
    home
        The hospital's folder.
    source
        The file, CSV or Parquet.
    check
        Refuses a file whose records cannot be admitted; nothing is copied then.

    Returns
    -------
    int
        The version.

    Raises
    ------
    DatasetVersionError
        It is neither CSV nor Parquet, or the folder holds it as an older version.
    PublicFileError
        It cannot be read.
    """
    if source.suffix not in SUFFIXES:
        raise DatasetVersionError(f"{source} is neither a .csv nor a .parquet file")
    content = read_public_file(source, _LIMIT)
    latest = home.latest_version()
    for version in range(1, latest + 1):
        if not _holds(home, version, content):
            continue
        if version == latest:
            return latest
        raise DatasetVersionError(
            f"{source} holds the records of version {version}, and version {latest} is the newest: "
            "the same records twice would count twice"
        )
    check(source)
    target = home.root / f"records-v{latest + 1}{source.suffix}"
    write_atomically(target, content)
    return latest + 1


def _holds(home: NodeHome, version: int, content: bytes) -> bool:
    try:
        path = home.records_of(version)
    except ZkflError:
        # an older version may have been deleted once its shards were retired
        return False
    return path.exists() and read_public_file(path, _LIMIT) == content


def first_shard_of_latest(vault: ShardVault, admitted: int) -> int:
    """Return the first shard of the newest version of which all shards are admitted.

    Parameters
    ----------
    vault
        The hospital's shards.
    admitted
        How many the chain holds.

    Raises
    ------
    DatasetVersionError
        Some are not admitted, or there is one version only.
    """
    versions = [vault.version_of(index) for index in range(len(vault))]
    if len(versions) != admitted:
        raise DatasetVersionError(
            f"{len(versions)} shards are sealed and the chain holds {admitted}: admit the rest "
            "before older ones are retired"
        )
    first = versions.index(versions[-1]) if versions else 0
    if first == 0:
        raise DatasetVersionError(
            "there is one version of the records only: admit a further one first, or say below "
            "which shard to retire"
        )
    return first
