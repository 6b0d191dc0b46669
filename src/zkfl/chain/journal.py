"""The transaction in flight, on disk: a restart resumes it instead of sending another."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.errors import ChainError
from zkfl.json_problems import json_problems

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
    """At most one pending transaction of one account on one chain.

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
            return PendingTransaction.model_validate_json(self.path.read_bytes())
        except ValidationError as error:
            raise JournalError(
                f"{self.path} is no journal of a pending transaction: {json_problems(error)}. Look "
                "the account up on the chain, and remove the file once nothing of it is pending"
            ) from error

    def record(self, pending: PendingTransaction) -> None:
        """Remember a transaction; to be called before it is first broadcast."""
        self._pending = pending
        if self.path is not None:
            write_atomically(self.path, pending.model_dump_json().encode())

    def clear(self) -> None:
        """Forget it; to be called when its fate is known."""
        self._pending = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)
