"""Transactions that a node without network has signed, until it sees that they were mined."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.chain.journal import JournalError, PendingTransaction
from zkfl.json_problems import json_problems
from zkfl.private_file import read_private_file

_LIMIT = 64 * 2**20


class _OutboxFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    transactions: tuple[PendingTransaction, ...]


class Outbox:
    """The signed transactions of one account from a nonce on, on disk.

    A step that is repeated on the same nonce hands out the same bytes; so a file that was lost on
    the way is made again without a second signature.

    Parameters
    ----------
    path
        The file.
    first_nonce
        The account's next nonce as the chain shows it: what was signed below it is settled.
    """

    def __init__(self, path: Path, first_nonce: int) -> None:
        self._path = path
        self._first = first_nonce
        self._kept = {tx.nonce: tx for tx in self._load() if tx.nonce >= first_nonce}
        self._now: list[PendingTransaction] = []

    @property
    def next_nonce(self) -> int:
        """Return the nonce of the next step."""
        return self._first + len(self._now)

    def kept(self) -> PendingTransaction | None:
        """Return what an earlier run signed for the next nonce, if anything."""
        return self._kept.get(self.next_nonce)

    def holds(self, request: str) -> bool:
        """Tell whether this run has taken the step of a request already."""
        return any(transaction.request == request for transaction in self._now)

    def record(self, transaction: PendingTransaction) -> None:
        """Take the transaction of the next nonce; it is on disk when this returns."""
        self._kept[transaction.nonce] = transaction
        self._now.append(transaction)
        ordered = tuple(self._kept[nonce] for nonce in sorted(self._kept))
        content = _OutboxFile(transactions=ordered).model_dump_json()
        write_atomically(self._path, content.encode())

    def transactions(self) -> tuple[PendingTransaction, ...]:
        """Return what this run has signed, or found signed, in order."""
        return tuple(self._now)

    def _load(self) -> tuple[PendingTransaction, ...]:
        if not self._path.exists():
            return ()
        try:
            content = read_private_file(self._path, _LIMIT)
            return _OutboxFile.model_validate_json(content).transactions
        except ValidationError as error:
            raise JournalError(
                f"{self._path} is no list of signed transactions: {json_problems(error)}. Remove "
                "the file: what is not mined yet is signed again"
            ) from error
