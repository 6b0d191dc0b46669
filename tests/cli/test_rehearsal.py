"""A rehearsal before anything is on a chain: the demo's records, and the model that they give."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from eth_account import Account

Run = Callable[..., SimpleNamespace]


def test_a_consortium_rehearses_before_it_deploys(
    run_zkfl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encrypt = Account.encrypt
    monkeypatch.setattr(
        "zkfl.chain.keys.Account.encrypt",
        lambda key, password, iterations=None: encrypt(key, password, iterations=1 << 10),  # noqa: ARG005
    )
    folder = tmp_path / "ours"
    assert run_zkfl("init", folder, "--demo", "--hospitals", 3).status == 0
    done = run_zkfl("train", folder, "--rounds", 12, "--no-zk-prove", "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]
    assert said["submitted"] is False
    assert said["lowest_accuracy"] > 0.9
    assert all(entry["norm"] <= 8.0 for entry in said["rehearsal"])
    one = run_zkfl("train", folder, "--no-zk-prove", "--site", "hospital-02", "--json")
    assert [e["hospital"] for e in json.loads(one.out)["result"]["rehearsal"]] == ["hospital-02"]
