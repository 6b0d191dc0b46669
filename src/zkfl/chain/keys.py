"""Chain keys at rest: Web3 Secret Storage v3 files that only their owner can read.

Format: https://ethereum.org/developers/docs/data-structures-and-encoding/web3-secret-storage
"""

import getpass
import json
import os
from collections.abc import Callable
from pathlib import Path

from eth_account import Account
from eth_account.signers.local import LocalAccount
from pydantic_core import from_json

from zkfl.chain.errors import ChainError
from zkfl.logs import logger
from zkfl.private_file import PrivateFileError, read_private_file

_log = logger("chain")
_DEFAULT_COST = 1 << 18
PasswordSource = Callable[[], str]
"""Called once, when the file was found fit to open."""


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
    return lambda: _read(path).decode().split("\n", 1)[0].rstrip("\r")


def _read(path: Path) -> bytes:
    try:
        return read_private_file(path)
    except PrivateFileError as error:
        raise KeyFileError(str(error)) from error


def load_account(path: Path, password: PasswordSource) -> LocalAccount:
    """Decrypt a keystore.

    Raises
    ------
    KeyFileError
        The file is unsafe (see `zkfl.private_file`), no keystore, or the password is wrong.
    """
    content = _read(path)
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
    _log.debug("chain account unlocked", file=path, address=account.address)
    return account


def keystore_cost(path: Path) -> int:
    """Return scrypt's cost ``n`` of a keystore; eth-account's default where it has another kind.

    Raises
    ------
    KeyFileError
        The file is missing, unsafe or no keystore.
    """
    try:
        crypto = from_json(_read(path))["crypto"]
        cost = crypto["kdfparams"]["n"] if crypto["kdf"] == "scrypt" else _DEFAULT_COST
    except (ValueError, TypeError, KeyError):
        raise KeyFileError(f"{path} is no keystore of version 3") from None
    return cost if isinstance(cost, int) else _DEFAULT_COST


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
