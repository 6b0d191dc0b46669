"""``zkfl prove`` leaves a proof and sends nothing; ``zkfl train`` sends that proof."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from eth_utils.crypto import keccak

from zkfl.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]


@pytest.fixture(autouse=True)
def _small_schema(founded: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    """The records of these tests have three columns."""
    schema = founded.ground.schema
    monkeypatch.setattr("zkfl.founding.public_schema", lambda _: schema)


def test_a_proof_is_made_once_and_sent_later(run_zkfl: Run, site: "Site") -> None:
    words = (site.workspace.root, "--site", "bay", "--rpc-url", site.anvil.url, "--json")
    sent = site.sent("bay")
    done = run_zkfl("prove", *words, "--round", 1)
    assert done.status == 0, done.err
    [made] = json.loads(done.out)["result"]["proofs"]
    proof = site.journal("bay").proof() or b""
    assert (made["hospital"], made["round"], made["submitted"]) == ("bay", 1, False)
    assert made["file"] == str(site.journal("bay").proof_path())
    assert made["bytes"] == len(proof) > 0
    assert made["seconds"] > 0
    assert site.sent("bay") == sent

    [again] = json.loads(run_zkfl("prove", *words).out)["result"]["proofs"]
    assert again == {**made, "seconds": None}

    assert run_zkfl("train", *words, "--model", "logistic-training-tiny").status == 0
    [submitted] = site.node("ada").registry.events(names=["UpdateSubmitted"])
    assert submitted.values["proofHash"] == keccak(proof)


def test_another_round_and_another_cohort_are_refused(run_zkfl: Run, site: "Site") -> None:
    folder, rpc = site.workspace.root, ("--rpc-url", site.anvil.url)
    done = run_zkfl("prove", folder, "--round", 9, "--site", "bay", *rpc)
    assert done.status == ExitCode.NOT_NOW
    assert "round 9 cannot be proven: round 1 is the one in progress" in done.err
    done = run_zkfl("prove", folder, "--site", "dee", *rpc)
    assert done.status == ExitCode.NOT_NOW
    assert "dee takes no part in round 1" in done.err
    assert not site.journal("bay").proof_path().exists()


@pytest.mark.parametrize("model", ["logistic-training-wdbc", "wdbc", "mlp"])
def test_another_model_than_the_consortiums_is_refused(
    run_zkfl: Run, site: "Site", model: str
) -> None:
    done = run_zkfl("train", site.workspace.root, "--model", model, "--rpc-url", site.anvil.url)
    assert done.status == ExitCode.NOT_NOW
    assert f"this consortium trains logistic-training-tiny, not '{model}'" in done.err
    assert "zkfl circuits list" in done.err
