"""A small consortium on a chain of its own, for what is looked at before the work begins."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from zkfl import founding
from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.cli.app import app
from zkfl.cli.ending import run_to_the_end
from zkfl.drills.small_consortium import SCHEMA
from zkfl.preflight import site


@pytest.fixture(scope="module")
def anvil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    with running_anvil(tmp_path_factory.mktemp("chain") / "anvil.log") as chain:
        yield chain


@pytest.fixture(scope="module")
def deploy(anvil: Anvil) -> Iterator[Callable[[Path], None]]:
    """Return what funds and deploys a folder; for the whole module, the small schema is public."""

    def run(root: Path) -> None:
        for verb in ("fund", "deploy"):
            assert run_to_the_end(app, [verb, str(root), "--rpc-url", anvil.url]) == 0

    with pytest.MonkeyPatch.context() as patched:
        for module in (founding, site):
            patched.setattr(module, "public_schema", lambda _: SCHEMA)
        yield run
