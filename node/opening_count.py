"""How often a shard's vector was opened by a proof that could have left this node.

Every proof reveals one linear equation on the vector that it commits to, and the blinders
hide the records only while there are fewer equations than blinders. The chain counts the
proofs that it accepted. A proof whose transaction was dropped or refused was seen all the
same, by the RPC endpoint at least, so the node keeps a count of its own, and keeps it ahead
of what it sends.
"""

import hashlib
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.json_problems import KEEP, unknown_format
from zkfl.node.home import NodeHome
from zkfl.private_file import PrivateFileError, read_private_file

_LIMIT = 1024
_ADMISSION = 1
"""A shard is proven well formed once before anything else is proven of it."""


class OpeningCountError(ZkflError):
    """The count of a shard is missing, damaged, or behind the chain's."""


class BlindersSpentError(ZkflError):
    """One more proof over a shard could reveal its records."""


class _Count(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    format: Literal["zkfl.openings.v1"] = "zkfl.openings.v1"
    shard: Annotated[int, Field(ge=0)]
    openings: Annotated[int, Field(ge=_ADMISSION)]
    last_proof: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""


def start_count(home: NodeHome, shard_index: int) -> None:
    """Begin a shard's count with its admission proof; to be called before that can exist."""
    _write(_path(home, shard_index), _Count(shard=shard_index, openings=_ADMISSION))


class OpeningCount:
    """The count of one shard, on disk.

    Parameters
    ----------
    home
        The hospital's folder.
    shard_index
        Of the shard.
    limit
        Most proofs over one shard, its admission included: ``max_openings`` of the circuits.
    """

    def __init__(self, home: NodeHome, shard_index: int, limit: int) -> None:
        self._path = _path(home, shard_index)
        self._shard_index = shard_index
        self._limit = limit

    def has_room(self, on_chain: int) -> bool:
        """Tell whether one more proof may be made; raises `OpeningCountError` as `require_room`."""
        return self._read(on_chain).openings < self._limit

    def require_room(self, on_chain: int) -> None:
        """Check that one more proof may be made.

        Parameters
        ----------
        on_chain
            Proofs over the shard that the chain accepted.

        Raises
        ------
        BlindersSpentError
            The limit is reached.
        OpeningCountError
            The count cannot be relied on.
        """
        self._require_room(self._read(on_chain))

    def record(self, proof: bytes, on_chain: int) -> None:
        """Count a proof; to be called before it is sent, and again whenever it is resent.

        A proof that is resent is counted once: it is always the last one that was counted.
        Raises as `require_room`.
        """
        count = self._read(on_chain)
        digest = hashlib.sha256(proof).hexdigest()
        if count.last_proof == digest:
            return
        self._require_room(count)
        openings = count.openings + 1
        counted = _Count(shard=self._shard_index, openings=openings, last_proof=digest)
        _write(self._path, counted)

    def _require_room(self, count: _Count) -> None:
        if count.openings >= self._limit:
            raise BlindersSpentError(
                f"shard {self._shard_index} was opened by {count.openings} proofs of at most "
                f"{self._limit}: one more could reveal its records. Nothing is sent; its records "
                "can be trained on again only in a new consortium, with fresh blinders"
            )

    def _read(self, on_chain: int) -> _Count:
        try:
            count = _Count.model_validate_json(read_private_file(self._path, _LIMIT))
        except ValidationError as error:
            why = unknown_format(error, KEEP) or "its content is damaged"
            raise self._unreadable(why) from error
        except PrivateFileError as error:
            raise self._unreadable(str(error)) from error
        if count.shard != self._shard_index:
            raise OpeningCountError(f"{self._path} counts for shard {count.shard}: restore it")
        if count.openings < on_chain:
            raise OpeningCountError(
                f"{self._path} counts {count.openings} proofs, the chain accepted {on_chain}: the "
                "folder was restored from an old copy; restore the latest one"
            )
        return count

    def _unreadable(self, why: str) -> OpeningCountError:
        return OpeningCountError(
            f"the count of proofs over shard {self._shard_index} cannot be read ({why}). "
            f"Restore {self._path}; without it too many proofs could be sent"
        )


def _path(home: NodeHome, shard_index: int) -> Path:
    return home.shard(shard_index) / "openings.json"


def _write(path: Path, count: _Count) -> None:
    write_atomically(path, count.model_dump_json().encode())
