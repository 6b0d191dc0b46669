"""The scripts of a consortium's office, against a chain: rounds, and steps twice or too early."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.chain.anvil import Anvil, running_anvil
from zkfl.cli.exit_codes import ExitCode

Run = Callable[..., SimpleNamespace]
SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
RECORDS = Path("sites") / "hospital-01" / "records.csv"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Anvil]:
    with running_anvil(tmp_path_factory.mktemp("anvil") / "anvil.log", chain_id=31_337) as anvil:
        yield anvil


@pytest.fixture(scope="module")
def founded(chain: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Found a consortium of three that has admitted nothing yet."""
    folder = tmp_path_factory.mktemp("office") / "consortium"
    run("zkfl", "init", folder, "--demo", "--hospitals", 3)
    run("zkfl", "fund", folder, "--rpc-url", chain.url)
    run("deploy", folder, "--rpc-url", chain.url)
    return folder


@pytest.fixture(scope="module")
def folder(chain: Anvil, founded: Path) -> Path:
    """Admit one shard or more of each hospital."""
    run("admit", founded, "--rpc-url", chain.url)
    return founded


def run(script: str, *words: object) -> str:
    """Run a script that must succeed; return what it says on either stream."""
    command = [str(SCRIPTS / script), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def refused(run_zkfl: Run, *words: object) -> str:
    """Run zkfl with words that must be refused; return its message."""
    done = run_zkfl(*words)
    assert done.status == ExitCode.NOT_NOW, done.err
    assert "error (StepError)" in done.err
    assert "0x" not in done.err, "hospitals are named, not their addresses"
    return str(done.err)


def test_without_admitted_records_no_round_opens(
    run_zkfl: Run, chain: Anvil, founded: Path
) -> None:
    rpc = ("--rpc-url", chain.url)
    message = refused(run_zkfl, "open", founded, *rpc)
    assert "0 hospitals can take part, 3 are needed" in message
    assert "hospital-01, hospital-02, hospital-03 (run zkfl admit)" in message
    assert "zkfl admit" in run_zkfl("status", founded, *rpc).out


@pytest.mark.parametrize("verb", ["train", "close", "acknowledge", "push", "open-model"])
def test_without_a_round_each_step_says_that_none_is_open(
    run_zkfl: Run, chain: Anvil, folder: Path, verb: str
) -> None:
    message = refused(run_zkfl, verb, folder, "--rpc-url", chain.url)
    assert "no round is open (there was none yet): run zkfl open first" in message
    assert ("hospital-01" in message) == (verb == "train")


def test_without_a_round_nothing_is_asked_and_admission_is_done(
    run_zkfl: Run, chain: Anvil, folder: Path
) -> None:
    rpc = ("--rpc-url", chain.url)
    asked = run_zkfl("answer", folder, *rpc)
    assert asked.status == 0
    assert "no round is open: nothing is asked of hospital-03" in asked.err
    assert "round      none yet" in asked.out
    again = run_zkfl("admit", folder, *rpc)
    assert again.status == 0
    assert again.err.count("shards admitted before") == 3


def test_a_round_by_scripts_with_every_step_taken_twice(
    run_zkfl: Run, chain: Anvil, folder: Path, tmp_path: Path
) -> None:
    rpc = ("--rpc-url", chain.url)
    deployment = (folder / "deployment.json").read_bytes()
    assert "deployed before" in run("deploy", folder, *rpc)
    assert (folder / "deployment.json").read_bytes() == deployment

    assert "round 1 opened" in run("open", folder, *rpc)
    again = run("open", folder, *rpc)
    assert "round 1 is open already" in again
    assert "submitted  0 of 3" in again
    assert run("train", folder, *rpc, "--site", "hospital-02").count("update (") == 1
    early = refused(run_zkfl, "close", folder, *rpc)
    assert "it waits for hospital-01, hospital-03" in early
    assert "cannot be pushed before its deadline" in refused(run_zkfl, "push", folder, *rpc)
    asked = run_zkfl("answer", folder, "--site", "hospital-03", *rpc)
    assert "round 1 is OPEN: nothing is asked of hospital-03" in asked.err
    assert "hospital-02  submitted" in asked.out
    assert "hospital-03  not submitted" in asked.out
    done = run_zkfl("open-model", folder, *rpc)
    assert done.status == ExitCode.NOT_NOW
    assert "round 1 is OPEN, and no sum is known that opens its new model" in done.err
    assert run("train", folder, *rpc).count("update (") == 2
    assert run("train", folder, *rpc).count("update: done before") == 3
    assert "submitted  3 of 3" in run("zkfl", "status", folder, *rpc)
    assert "model published (" in run("close", folder, *rpc)
    assert "model published: done before" in run("close", folder, *rpc)
    # two of three are a quorum
    sites = ("--site", "hospital-02", "--site", "hospital-03")
    assert "1 FINAL" in run("acknowledge", folder, *rpc, *sites)
    final = run("acknowledge", folder, *rpc)
    assert "1 FINAL" in final
    assert "hospital-03  submitted, acknowledged" in final
    for step in ("close", "open-model"):
        assert "nothing is left to do" in run("zkfl", step, folder, *rpc)

    model = tmp_path / "model.onnx"
    run("zkfl", "export", folder, "--out", model, *rpc)
    scores = run("zkfl", "predict", model, folder / RECORDS).splitlines()
    assert scores[0] == "row,probability,label"
    assert len(scores) == len((folder / RECORDS).read_text().splitlines())


def test_a_round_that_nobody_submits_to_can_be_pushed_after_its_deadline(
    run_zkfl: Run, chain: Anvil, folder: Path
) -> None:
    rpc = ("--rpc-url", chain.url)
    opened = run_zkfl("open", folder, *rpc)
    assert opened.status == 0
    chain.advance_time(3_601)
    assert "that has passed (zkfl push)" in run_zkfl("status", folder, *rpc).out
    pushed = run_zkfl("push", folder, "--by", "hospital-03", *rpc)
    assert pushed.status == 0
    assert "FAILED (TOO_FEW_SUBMISSIONS)" in pushed.out
    message = refused(run_zkfl, "train", folder, *rpc)
    assert "failed, and the model is what it was before): run zkfl open first" in message
