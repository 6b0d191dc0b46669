"""The scripts of a consortium's office, against a chain: founding, a round, and each step twice."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from zkfl.chain.anvil import Anvil, running_anvil

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
RECORDS = Path("sites") / "hospital-01" / "records.csv"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    with running_anvil(tmp_path_factory.mktemp("anvil") / "anvil.log", chain_id=31_337) as anvil:
        yield anvil


@pytest.fixture(scope="module")
def folder(chain: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Found a consortium of three with one admitted shard or more each."""
    folder = tmp_path_factory.mktemp("office") / "consortium"
    run("zkfl", "init", folder, "--hospitals", 3)
    run("zkfl", "fund", folder, "--rpc-url", chain.url)
    for step in ("deploy", "admit"):
        run(step, folder, "--rpc-url", chain.url)
    return folder


def run(script: str, *words: object) -> str:
    """Run a script that must succeed; return what it says on either stream."""
    command = [str(SCRIPTS / script), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_round_by_scripts_with_every_step_taken_twice(
    chain: Anvil, folder: Path, tmp_path: Path
) -> None:
    rpc = ("--rpc-url", chain.url)
    deployment = (folder / "deployment.json").read_bytes()
    assert "deployed before" in run("deploy", folder, *rpc)
    assert (folder / "deployment.json").read_bytes() == deployment

    assert "round 1 opened" in run("open", folder, *rpc)
    assert run("train", folder, *rpc).count("update (") == 3
    assert run("train", folder, *rpc).count("update: done before") == 3
    assert "submitted  3 of 3" in run("zkfl", "status", folder, *rpc)
    assert "model published (" in run("close", folder, *rpc)
    assert "model published: done before" in run("close", folder, *rpc)
    # two of three are a quorum
    sites = ("--site", "hospital-02", "--site", "hospital-03")
    assert "1 FINAL" in run("acknowledge", folder, *rpc, *sites)
    assert "1 FINAL" in run("acknowledge", folder, *rpc)
    assert "nothing is left to do" in run("close", folder, *rpc)

    model = tmp_path / "model.onnx"
    run("zkfl", "export", folder, "--out", model, *rpc)
    scores = run("zkfl", "predict", model, folder / RECORDS).splitlines()
    assert scores[0] == "row,probability,label"
    assert len(scores) == len((folder / RECORDS).read_text().splitlines())
