"""Files that are whole or absent, and files that only their owner reads."""

import os
from pathlib import Path

import pytest

from zkfl.atomic_file import write_atomically
from zkfl.private_file import PrivateFileError, read_private_file


def test_a_file_is_private_unless_asked_otherwise(tmp_path: Path) -> None:
    os.umask(0o022)
    write_atomically(tmp_path / "new" / "secret", b"one")
    write_atomically(tmp_path / "public", b"two", mode=0o644)
    assert (tmp_path / "new" / "secret").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "public").stat().st_mode & 0o777 == 0o644
    assert read_private_file(tmp_path / "new" / "secret") == b"one"


def test_a_private_file_that_is_replaced_stays_private(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"old")
    path.chmod(0o644)
    write_atomically(path, b"new")
    assert read_private_file(path) == b"new"


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace", "pathlib.Path.chmod"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    write_atomically(path, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        with pytest.raises(OSError, match="No space left"):
            write_atomically(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"old"


def test_the_folder_is_flushed_after_the_rename(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[bool] = []
    path = tmp_path / "file"
    monkeypatch.setattr("os.fsync", lambda _: flushed.append(path.exists()))
    write_atomically(path, b"content")
    assert flushed == [False, True]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610, 0o601, 0o777])
def test_a_file_that_others_can_reach_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"content")
    path.chmod(mode)
    with pytest.raises(PrivateFileError, match=rf"mode {mode:04o}.*chmod 600") as refused:
        read_private_file(path)
    assert "content" not in str(refused.value)


def test_a_link_is_refused_even_to_a_private_file(tmp_path: Path) -> None:
    write_atomically(tmp_path / "secret", b"content")
    (tmp_path / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "broken").symlink_to(tmp_path / "nowhere")
    for name in ("link", "broken"):
        with pytest.raises(PrivateFileError, match="it is a symbolic link"):
            read_private_file(tmp_path / name)


@pytest.mark.timeout(20)
def test_a_pipe_a_folder_and_a_device_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "pipe", tmp_path, Path("/dev/null")):
        with pytest.raises(PrivateFileError, match="not a regular file"):
            read_private_file(path)


def test_a_missing_file_and_a_large_one_are_refused(tmp_path: Path) -> None:
    with pytest.raises(PrivateFileError, match="No such file"):
        read_private_file(tmp_path / "none")
    write_atomically(tmp_path / "large", b"x" * 101)
    assert len(read_private_file(tmp_path / "large", limit=101)) == 101
    with pytest.raises(PrivateFileError, match="larger than 100 bytes"):
        read_private_file(tmp_path / "large", limit=100)


def test_a_file_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_atomically(tmp_path / "secret", b"content")
    owner = (tmp_path / "secret").stat().st_uid
    if owner == 0:
        os.chown(tmp_path / "secret", 4321, -1)
        owner = 4321
    else:
        monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    with pytest.raises(PrivateFileError, match=f"belongs to user {owner}: it must be yours"):
        read_private_file(tmp_path / "secret")


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    write_atomically(tmp_path / "secret", b"x")
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - count alone matters
    for path in (tmp_path / "secret", tmp_path, tmp_path / "none"):
        try:
            read_private_file(path)
        except PrivateFileError:
            continue
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - the same
