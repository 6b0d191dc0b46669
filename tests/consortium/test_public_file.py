"""Files in shared folders: read whole, or refused at once and by name."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from zkfl.chain.deployment import DeploymentFileError, load_deployment
from zkfl.consortium import Consortium, ConsortiumFileError
from zkfl.errors import ZkflError
from zkfl.public_file import PublicFileError, PublicFileTooLargeError, read_public_file

LIMIT = 100


@pytest.mark.parametrize("size", [0, 1, LIMIT])
def test_a_file_within_the_limit_is_read_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "file").write_bytes(b"x" * size)
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for name in ("file", "link"):
        assert read_public_file(tmp_path / name, LIMIT) == b"x" * size


@pytest.mark.parametrize("size", [LIMIT + 1, 1 << 40])
def test_a_larger_file_is_refused(tmp_path: Path, size: int) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.truncate(size)
    with pytest.raises(PublicFileTooLargeError, match=f"{path} is larger than {LIMIT} bytes"):
        read_public_file(path, LIMIT)


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    status = os.fstat

    def growing(descriptor: int) -> os.stat_result:
        before = status(descriptor)
        with path.open("ab") as file:
            file.truncate(1 << 40)
        return before

    with monkeypatch.context() as patch:
        patch.setattr("zkfl.public_file.os.fstat", growing)
        with pytest.raises(PublicFileTooLargeError, match="larger than 100 bytes"):
            read_public_file(path, LIMIT)


@pytest.mark.timeout(20)
def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path / "link", Path("/dev/zero")):
        with pytest.raises(PublicFileError, match=f"{path} cannot be read: it is not a regular"):
            read_public_file(path, LIMIT)
    with pytest.raises(PublicFileError, match=f"{tmp_path} cannot be read: Is a directory"):
        read_public_file(tmp_path, LIMIT)
    with pytest.raises(PublicFileError, match="cannot be read: No such file"):
        read_public_file(tmp_path / "none", LIMIT)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("read", "refusal"),
    [(load_deployment, DeploymentFileError), (Consortium.load, ConsortiumFileError)],
)
def test_readers_refuse_with_their_own_errors(
    tmp_path: Path, read: Callable[[Path], object], refusal: type[ZkflError]
) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(1 << 40)
    for name, message in (("pipe", "not a regular file"), ("large", "larger than")):
        with pytest.raises(refusal, match=message):
            read(tmp_path / name)
