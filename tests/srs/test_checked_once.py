"""A given SRS is checked before its first use, and again whenever its bytes change."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zkfl.srs import SrsError, SrsFile
from zkfl.srs.checked import checked_srs
from zkfl.srs.demo import demo_srs

LOGROWS = 4


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """Use a cache of this test's own, and list the files that were checked in full."""
    from zkfl.srs import checked  # noqa: PLC0415 - the module, whose name it patches

    monkeypatch.setenv("ZKFL_CACHE", str(tmp_path / "cache"))
    done: list[Path] = []
    real: Callable[..., None] = checked.check_srs

    def counting(srs: SrsFile, *rest: object) -> None:
        done.append(srs.path)
        real(srs, *rest)

    monkeypatch.setattr(checked, "check_srs", counting)
    return done


def test_the_same_bytes_are_checked_once(checks: list[Path], tmp_path: Path) -> None:
    path = demo_srs(LOGROWS, tmp_path / "a.srs").path
    copy = tmp_path / "b.srs"
    copy.write_bytes(path.read_bytes())
    assert checked_srs(path).sha256() == checked_srs(copy).sha256()
    assert checks == [path]


def test_changed_bytes_are_checked_again_and_refused_each_time(
    checks: list[Path], tmp_path: Path
) -> None:
    path = demo_srs(LOGROWS, tmp_path / "a.srs").path
    checked_srs(path)
    content = path.read_bytes()
    # Two powers of the secret in each other's place.
    path.write_bytes(content[:132] + content[196:260] + content[132:196] + content[260:])
    for _ in range(2):
        with pytest.raises(SrsError):
            checked_srs(path)
    assert len(checks) == 3
