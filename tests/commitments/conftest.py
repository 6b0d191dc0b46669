"""One demo SRS and its committer."""

from pathlib import Path

import pytest

from zkfl.commitments import Committer
from zkfl.srs import demo_srs

LOGROWS = 8


@pytest.fixture(scope="session")
def srs_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_srs(LOGROWS, tmp_path_factory.mktemp("srs") / "demo.srs").path


@pytest.fixture(scope="session")
def committer(srs_path: Path) -> Committer:
    return Committer(srs_path)
