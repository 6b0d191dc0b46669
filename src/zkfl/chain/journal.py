"""The transaction in flight, on disk: a restart resumes it instead of sending another.

The last ones that were mined are kept beside it. A chain that loses their blocks needs them
again, before it can take the one in flight.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.errors import ChainError
from zkfl.folders import FolderError, make_folder
from zkfl.json_problems import json_problems

KEPT = 32
"""Mined transactions of one account that are kept: more than blocks that a chain loses."""
_Hash = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]


class JournalError(ChainError):
    """The journal's file cannot be understood."""


class PendingTransaction(BaseModel):
    """A signed transaction that was, or was about to be, broadcast.

    Attributes
    ----------
    request
        Hash of what was asked for: recipient, data and value, but neither nonce nor fees.
    tx_hash, raw
        The signed transaction; it holds no secret.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    request: _Hash
    tx_hash: _Hash
    raw: Annotated[str, Field(pattern=r"^0x([0-9a-f]{2})+$")]
    nonce: Annotated[int, Field(ge=0)]
    gas: Annotated[int, Field(gt=0)]


class Journal:
    """At most one pending transaction of one account on one chain, and the last mined ones.

    Parameters
    ----------
    folder
        Where the file lives; without one the journal lasts as long as the process.
    chain_id, genesis, account
        Name the file, so that a chain that was reset starts a new journal.
    """

    def __init__(self, folder: Path | None, chain_id: int, genesis: bytes, account: str) -> None:
        name = f"{chain_id}-{genesis[:8].hex()}-{account.lower()}.json"
        self.path = None if folder is None else folder / name
        self._pending: PendingTransaction | None = None
        self._mined: dict[int, PendingTransaction] = {}

    def pending(self) -> PendingTransaction | None:
        """Return the transaction in flight, if there is one.

        Raises
        ------
        JournalError
            The file is not one that this class wrote.
        """
        if self.path is None or not self.path.exists():
            return self._pending
        try:
            return _load(self.path)
        except ValidationError as error:
            raise JournalError(
                f"{self.path} is no journal of a pending transaction: {json_problems(error)}. Look "
                "the account up on the chain, and remove the file once nothing of it is pending"
            ) from error

    def mined(self, first: int, before: int) -> Iterator[PendingTransaction]:
        """Yield the kept transactions of these nonces, the second not included.

        Raises
        ------
        JournalError
            A file of one is damaged.
        """
        for nonce in range(max(first, before - KEPT), before):
            kept = self._mined.get(nonce) if self.path is None else self._load_mined(nonce)
            if kept is not None:
                yield kept

    def record(self, pending: PendingTransaction) -> None:
        """Remember a transaction; to be called before it is first broadcast."""
        self._pending = pending
        if self.path is not None:
            write_atomically(self.path, pending.model_dump_json().encode())

    def settle(self, pending: PendingTransaction) -> None:
        """Keep the pending transaction among the mined ones; to be called once it is mined."""
        self._mined[pending.nonce] = pending
        self._mined.pop(pending.nonce - KEPT, None)
        if self.path is not None and self.path.exists():
            try:
                make_folder(self._mined_path(0).parent)
                self.path.replace(self._mined_path(pending.nonce))
                self._mined_path(pending.nonce - KEPT).unlink(missing_ok=True)
            except (OSError, FolderError):
                # a full disk: what is mined need not be kept, but must not stay in flight
                self.path.unlink(missing_ok=True)
        self._pending = None

    def clear(self) -> None:
        """Forget it; to be called when it can never be mined."""
        self._pending = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)

    def _load_mined(self, nonce: int) -> PendingTransaction | None:
        path = self._mined_path(nonce)
        if not path.exists():
            return None
        try:
            return _load(path)
        except ValidationError as error:
            raise JournalError(
                f"{path} is no journal of a mined transaction: {json_problems(error)}. Remove the "
                "file: it is needed only where the chain lost its block"
            ) from error

    def _mined_path(self, nonce: int) -> Path:
        """Return where a mined transaction is kept, by a journal that has a folder."""
        here = Path() if self.path is None else self.path
        return here.parent / "mined" / f"{here.stem}-{nonce}.json"


def _load(path: Path) -> PendingTransaction:
    return PendingTransaction.model_validate_json(path.read_bytes())
