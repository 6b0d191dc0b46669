"""Artefacts come back as they were stored, or not at all."""

import hashlib
import os
from pathlib import Path

import pytest

from zkfl.artifacts import (
    ArtifactError,
    ArtifactHashMismatchError,
    ArtifactNotFoundError,
    ArtifactStore,
    ArtifactTooLargeError,
)

CONTENT = b"a ciphertext"
DIGEST = hashlib.sha256(CONTENT).digest()


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "store", limit=64)


def test_returns_what_was_stored_by_its_hash(store: ArtifactStore, tmp_path: Path) -> None:
    assert store.put(CONTENT) == DIGEST
    assert store.get(DIGEST) == CONTENT
    assert [path.name for path in (tmp_path / "store").iterdir()] == [DIGEST.hex()]


def test_storing_again_repairs_a_damaged_file(store: ArtifactStore, tmp_path: Path) -> None:
    store.put(CONTENT)
    (tmp_path / "store" / DIGEST.hex()).write_bytes(b"damaged")
    store.put(CONTENT)
    assert store.get(DIGEST) == CONTENT


def test_refuses_exchanged_bytes(store: ArtifactStore, tmp_path: Path) -> None:
    store.put(CONTENT)
    (tmp_path / "store" / DIGEST.hex()).write_bytes(CONTENT[:-1] + b"T")
    with pytest.raises(ArtifactHashMismatchError, match="damaged or was exchanged"):
        store.get(DIGEST)


def test_refuses_what_is_not_there(store: ArtifactStore) -> None:
    with pytest.raises(ArtifactNotFoundError, match=DIGEST.hex()):
        store.get(DIGEST)


def test_refuses_files_above_the_limit(store: ArtifactStore, tmp_path: Path) -> None:
    with pytest.raises(ArtifactTooLargeError, match="65 bytes are above 64"):
        store.put(bytes(65))
    store.put(CONTENT)
    (tmp_path / "store" / DIGEST.hex()).write_bytes(bytes(65))
    with pytest.raises(ArtifactTooLargeError, match="larger than 64"):
        store.get(DIGEST)


@pytest.mark.parametrize("digest", [b"", DIGEST[:31], DIGEST + b"0"])
def test_refuses_what_is_no_digest(store: ArtifactStore, digest: bytes) -> None:
    with pytest.raises(ArtifactError, match="32 bytes, got"):
        store.get(digest)


@pytest.mark.timeout(20)
def test_a_pipe_in_its_place_is_not_waited_for(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    os.mkfifo(tmp_path / "store" / DIGEST.hex())
    with pytest.raises(ArtifactNotFoundError, match="it is not a regular file"):
        store.get(DIGEST)
    store.put(CONTENT)
    assert store.get(DIGEST) == CONTENT


def test_a_folder_in_its_place_is_named(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "store" / DIGEST.hex()).mkdir(parents=True)
    with pytest.raises(ArtifactNotFoundError, match="Is a directory"):
        store.get(DIGEST)
    with pytest.raises(ArtifactError, match=r"cannot be written: Is a directory\. Remove"):
        store.put(CONTENT)


def test_a_huge_file_in_its_place_is_replaced_unread(store: ArtifactStore, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    with (tmp_path / "store" / DIGEST.hex()).open("wb") as planted:
        planted.truncate(1 << 40)  # sparse: reading it whole would take a terabyte
    store.put(CONTENT)
    assert store.get(DIGEST) == CONTENT
