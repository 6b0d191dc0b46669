"""Chain keys at rest: Web3 Secret Storage v3 files that only their owner can read.

Format: https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage
"""

import getpass
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from pydantic_core import from_json

from zkfl.chain.errors import ChainError

PasswordSource = Callable[[], str]
"""Called once, when the file was found fit to open."""

_GROUP_OR_WORLD = 0o077
_MAX_SECRET_FILE_BYTES = 65_536


class KeyFileError(ChainError):
    """A key or password file is missing, unsafe, malformed, or does not open."""


def password_from_prompt(prompt: str = "Password of the chain key: ") -> PasswordSource:
    """Ask on the terminal, without echo."""
    return lambda: getpass.getpass(prompt)


def password_from_environment(variable: str) -> PasswordSource:
    """Read the variable when the password is needed."""

    def read() -> str:
        password = os.environ.get(variable)
        if not password:
            raise KeyFileError(f"the environment variable {variable} is not set or empty")
        return password

    return read


def password_from_file(path: Path) -> PasswordSource:
    """Read the first line of a file that only its owner can read."""
    return lambda: read_private_file(path).decode().split("\n", 1)[0].rstrip("\r")


def read_private_file(path: Path) -> bytes:
    """Read a file after checking that nobody else can.

    Raises
    ------
    KeyFileError
        It is missing, no regular file, too large, owned by another user, or readable by
        group or world.
    """
    try:
        # The checks are on the open file: a path could be swapped between check and read.
        with path.open("rb") as file:
            _require_private(path, os.fstat(file.fileno()))
            content = file.read(_MAX_SECRET_FILE_BYTES + 1)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from error
    if len(content) > _MAX_SECRET_FILE_BYTES:
        raise KeyFileError(f"{path} is larger than {_MAX_SECRET_FILE_BYTES} bytes: no key file")
    return content


def _require_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileError(f"{path} is not a regular file")
    if status.st_uid not in {os.geteuid(), 0}:
        raise KeyFileError(f"{path} belongs to user {status.st_uid}: it must be yours")
    mode = stat.S_IMODE(status.st_mode)
    if mode & _GROUP_OR_WORLD:
        raise KeyFileError(
            f"{path} has mode {mode:04o}: others can reach it. Run chmod 600 on it, and "
            "replace the key if the machine is shared"
        )


def load_account(path: Path, password: PasswordSource) -> LocalAccount:
    """Decrypt a keystore.

    Raises
    ------
    KeyFileError
        The file is unsafe (see `read_private_file`), no keystore, or the password is wrong.
    """
    content = read_private_file(path)
    try:
        keystore = from_json(content)
        key = Account.decrypt(keystore, password())
    except (ValueError, TypeError, KeyError) as error:
        # the cause could quote the file, so it is named but not chained
        raise KeyFileError(
            f"{path} does not open ({type(error).__name__}): the password is wrong, "
            "or the file is no keystore of version 3"
        ) from None
    account: LocalAccount = Account.from_key(key)
    return account


def write_keystore(
    path: Path, account: LocalAccount, password: str, *, iterations: int | None = None
) -> None:
    """Encrypt an account into a new file of mode 0600.

    Parameters
    ----------
    iterations
        Scrypt's cost ``n``, eth-account's default (2^18) if None.

    Raises
    ------
    KeyFileError
        The password is empty, or the file exists: keys are never overwritten.
    """
    if not password:
        raise KeyFileError("an empty password would leave the key in the open")
    keystore = Account.encrypt(account.key, password, iterations=iterations)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be created: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as file:
        json.dump(keystore, file)
