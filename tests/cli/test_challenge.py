"""``zkfl challenge`` where there is nothing to challenge, and ``--challenge-window``."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from eth_account import Account

from zkfl.cli.exit_codes import ExitCode

Run = Callable[..., SimpleNamespace]


@pytest.fixture(autouse=True)
def _cheap_keystores(monkeypatch: pytest.MonkeyPatch) -> None:
    encrypt = Account.encrypt
    monkeypatch.setattr(
        "zkfl.chain.keys.Account.encrypt",
        lambda key, password, iterations=None: encrypt(key, password, iterations=1 << 10),  # noqa: ARG005
    )


def test_without_a_window_there_is_nothing_to_challenge(run_zkfl: Run, tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    assert run_zkfl("init", folder, "--demo", "--hospitals", 3).status == 0
    assert json.loads((folder / "consortium.json").read_text())["challenge_window"] == 0
    done = run_zkfl("challenge", folder)
    assert (done.status, done.out) == (ExitCode.NOT_NOW, "")
    assert "has no challenge window" in done.err


def test_a_window_is_agreed_at_the_founding(run_zkfl: Run, tmp_path: Path) -> None:
    folder = tmp_path / "ours"
    done = run_zkfl("init", folder, "--demo", "--hospitals", 3, "--challenge-window", 600)
    assert done.status == 0, done.err
    assert json.loads((folder / "consortium.json").read_text())["challenge_window"] == 600
    done = run_zkfl("challenge", folder)
    assert "is on no chain yet" in " ".join(done.err.split())


def test_a_window_of_more_than_a_month_is_refused(run_zkfl: Run, tmp_path: Path) -> None:
    done = run_zkfl("init", tmp_path / "ours", "--challenge-window", 2_592_001)
    assert done.status == 2
    assert not (tmp_path / "ours").exists()
