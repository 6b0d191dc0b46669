"""One founded consortium a session, with the undisturbed round kept at every point."""

import pytest

from zkfl.drills.checkpoints import Checkpoints, make_checkpoints


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Checkpoints:
    return make_checkpoints(tmp_path_factory.mktemp("drills") / "kept")
