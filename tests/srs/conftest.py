"""Small SRS files: the demo's, and a copy with bytes to damage."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zkfl.srs import SrsFile, demo_srs

LOGROWS = 5
Damage = Callable[[int, bytes], SrsFile]


@pytest.fixture(scope="session")
def srs(tmp_path_factory: pytest.TempPathFactory) -> SrsFile:
    return demo_srs(LOGROWS, tmp_path_factory.mktemp("srs") / "demo.srs")


@pytest.fixture
def damage(srs: SrsFile, tmp_path: Path) -> Damage:
    def write(offset: int, replacement: bytes) -> SrsFile:
        content = bytearray(srs.path.read_bytes())
        content[offset : offset + len(replacement)] = replacement
        path = tmp_path / "damaged.srs"
        path.write_bytes(content)
        return SrsFile(path)

    return write
