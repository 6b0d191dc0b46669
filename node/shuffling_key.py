"""The key that orders a hospital's records before they are cut into shards, drawn once."""

import secrets

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.node.home import NodeHome
from zkfl.node.records.shards import MIN_KEY_BYTES
from zkfl.private_file import read_private_file


class ShufflingKeyError(ZkflError):
    """The key is missing though shards were made with it, or it would be overwritten."""


def create_shuffling_key(home: NodeHome) -> None:
    """Draw the key.

    Raises
    ------
    ShufflingKeyError
        There is one already: sealed shards depend on it.
    """
    if home.shuffling_key.exists():
        raise ShufflingKeyError(f"{home.shuffling_key} exists: it is not overwritten")
    write_atomically(home.shuffling_key, secrets.token_bytes(MIN_KEY_BYTES))


def load_shuffling_key(home: NodeHome, sealed: int) -> bytes:
    """Read the key; folders of earlier versions draw it with their first shards.

    Parameters
    ----------
    home
        The hospital's folder.
    sealed
        How many shards it holds.

    Raises
    ------
    ShufflingKeyError
        It is missing, and shards were made with it: another key would order the records anew.
    PrivateFileError
        Its file is open to others.
    """
    if not home.shuffling_key.exists():
        if sealed:
            raise ShufflingKeyError(
                f"{home.shuffling_key} is missing, and {sealed} shards were cut with it: restore "
                "it from a copy of keys/"
            )
        create_shuffling_key(home)
    return read_private_file(home.shuffling_key)
