"""Files known by the SHA-256 of their bytes, in a folder that parties may share."""

import hashlib
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.errors import ZkflError
from zkfl.public_file import PublicFileError, PublicFileTooLargeError, read_public_file

DIGEST_BYTES = 32
DEFAULT_LIMIT = 64 * 1024 * 1024
_FILE_MODE = 0o644


class ArtifactError(ZkflError):
    """An artefact cannot be had as it was named."""


class ArtifactNotFoundError(ArtifactError):
    """Nothing is stored under the hash."""


class ArtifactHashMismatchError(ArtifactError):
    """The stored bytes have another hash: damage, or an attempt to exchange them."""


class ArtifactTooLargeError(ArtifactError):
    """The stored file is larger than anything of its kind may be."""


class ArtifactStore:
    """Content-addressed files.

    Parameters
    ----------
    folder
        Created when first written to.
    limit
        Largest file that is read or written, in bytes.
    """

    def __init__(self, folder: Path, limit: int = DEFAULT_LIMIT) -> None:
        self._folder = folder
        self._limit = limit

    def put(self, content: bytes) -> bytes:
        """Store bytes and return their SHA-256 (32 bytes).

        Raises
        ------
        ArtifactTooLargeError
            There are more than the limit.
        ArtifactError
            The folder takes no file of that name.
        """
        if len(content) > self._limit:
            raise ArtifactTooLargeError(f"{len(content)} bytes are above {self._limit}")
        digest = hashlib.sha256(content).digest()
        path = self._path(digest)
        if not self._holds(path, content):
            self._write(path, content)
        return digest

    def get(self, digest: bytes) -> bytes:
        """Return the bytes of a SHA-256, hashed again on the way.

        Raises
        ------
        ArtifactNotFoundError, ArtifactHashMismatchError, ArtifactTooLargeError
        """
        path = self._path(digest)
        try:
            content = read_public_file(path, self._limit)
        except PublicFileTooLargeError as error:
            raise ArtifactTooLargeError(str(error)) from error
        except PublicFileError as error:
            raise ArtifactNotFoundError(
                f"{digest.hex()} is not in {self._folder} ({error}): ask its publisher to store it "
                "again"
            ) from error
        actual = hashlib.sha256(content).hexdigest()
        if actual != digest.hex():
            raise ArtifactHashMismatchError(
                f"{path} hashes to {actual}: it is damaged or was exchanged; delete it and fetch "
                "it again"
            )
        return content

    def holds(self, digest: bytes) -> bool:
        """Tell whether the bytes of a SHA-256 are there, undamaged."""
        try:
            self.get(digest)
        except (ArtifactNotFoundError, ArtifactHashMismatchError, ArtifactTooLargeError):
            return False
        return True

    def _holds(self, path: Path, content: bytes) -> bool:
        try:
            return read_public_file(path, self._limit) == content
        except PublicFileError:
            # absent, or something else was put in its place: the write replaces it
            return False

    def _write(self, path: Path, content: bytes) -> None:
        try:
            write_atomically(path, content, _FILE_MODE)
        except OSError as error:
            raise ArtifactError(
                f"{path} cannot be written: {error.strerror}. Remove what is in its place, or make "
                "room, and store it again"
            ) from error

    def _path(self, digest: bytes) -> Path:
        if len(digest) != DIGEST_BYTES:
            raise ArtifactError(f"a SHA-256 has {DIGEST_BYTES} bytes, got {len(digest)}")
        return self._folder / digest.hex()
