"""A rehearsal with metrics gets test records; commands of metrics say what is missing."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest
from eth_account import Account

from zkfl.cli.exit_codes import ExitCode
from zkfl.consortium import Consortium
from zkfl.party_card import agreements_hash

Run = Callable[..., SimpleNamespace]
SITES = ("hospital-01", "hospital-02", "hospital-03")


@pytest.fixture
def folder(run_zkfl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    encrypt = Account.encrypt
    monkeypatch.setattr(
        "zkfl.chain.keys.Account.encrypt",
        lambda key, password, iterations=None: encrypt(key, password, iterations=1 << 10),  # noqa: ARG005
    )
    done = run_zkfl("init", tmp_path / "ours", "--demo", "--hospitals", 3, "--metrics")
    assert done.status == 0, done.err
    return tmp_path / "ours"


def test_held_out_records_are_dealt_to_the_hospitals(folder: Path) -> None:
    dealt = [pd.read_csv(folder / "sites" / name / "test-records.csv") for name in SITES]
    trained = [pd.read_csv(folder / "sites" / name / "records.csv") for name in SITES]
    assert {len(part) for part in dealt} <= {len(dealt[0]), len(dealt[0]) - 1}
    together = pd.concat(dealt + trained)
    assert len(together.drop_duplicates()) == len(together)
    assert Consortium.load(folder / "consortium.json").proven_metrics


def test_what_comes_too_early_says_so(run_zkfl: Run, folder: Path) -> None:
    for verb in (("prove-metrics",), ("metrics",), ("evaluate", "--site", SITES[0])):
        done = run_zkfl(verb[0], folder, *verb[1:])
        assert (done.status, done.out) == (ExitCode.NOT_NOW, "")
        assert f"run zkfl deploy {folder} first" in done.err
    done = run_zkfl("admit", folder, "--test", "--records", folder / "consortium.json")
    assert done.status == ExitCode.NOT_NOW
    assert "--records are those of one hospital" in done.err


def test_agreements_without_metrics_are_what_they_were() -> None:
    """A card that an earlier version signed names the hash of agreements without the key."""
    said = {"name": "ours", "dataset": "wdbc", "circuits": "wdbc", "hospitals": SITES}
    before, ours = Consortium.agree(**said), Consortium.agree(**said, proven_metrics=True)
    assert "proven_metrics" not in json.loads(before.to_json())
    assert json.loads(ours.to_json())["proven_metrics"] is True
    assert Consortium.model_validate_json(ours.to_json()) == ours
    assert agreements_hash(before) != agreements_hash(ours)
