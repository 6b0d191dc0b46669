"""``zkfl train --rounds``: whole rounds of a folder that holds all parties; or a rehearsal."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest

from zkfl.chain.states import RoundStatus, WeightRule
from zkfl.cli.exit_codes import ExitCode
from zkfl.field import to_signed
from zkfl.node.own_records import read_records
from zkfl.node.rehearsal import RehearsalRules, rehearse
from zkfl.zk_circuits.layout import pack_data, pack_model, pack_public, pack_secrets
from zkfl.zk_circuits.spec import DITHER_BITS
from zkfl.zk_circuits.training_reference import training_update

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]


@pytest.fixture(autouse=True)
def _small_schema(founded: "Site", monkeypatch: pytest.MonkeyPatch) -> None:
    """The records of these tests have three columns."""
    schema = founded.ground.schema
    for module in ("zkfl.founding", "zkfl.cli.rehearsal_steps"):
        monkeypatch.setattr(f"{module}.public_schema", lambda _: schema)


def test_rounds_are_run_until_they_are_final(run_zkfl: Run, site: "Site") -> None:
    folder, rpc = site.workspace.root, ("--rpc-url", site.anvil.url)
    assert run_zkfl("train", folder, "--site", "bay", *rpc).status == 0
    done = run_zkfl("train", folder, "--rounds", 2, *rpc, "--json")
    assert done.status == 0, done.err
    registry = site.node("ada").registry
    rounds = json.loads(done.out)["result"]["rounds"]
    assert [entry["round"] for entry in rounds] == [1, 2], "the one in progress is the first"
    for entry in rounds:
        state = registry.round(entry["round"])
        assert state.status is RoundStatus.FINAL
        assert entry["submissions"] == 3
        assert entry["model"] == state.model_hash.hex()
        assert any(registry.model_card_of(entry["round"]))


def test_a_round_that_ends_otherwise_ends_the_command(run_zkfl: Run, site: "Site") -> None:
    folder, rpc = site.workspace.root, ("--rpc-url", site.anvil.url)
    site.anvil.advance_time(site.consortium.submission_window + 1)
    done = run_zkfl("train", folder, "--rounds", 1, *rpc)
    assert done.status != 0
    assert "Traceback" not in done.err
    done = run_zkfl("train", folder, "--rounds", 1, "--site", "bay", *rpc)
    assert done.status == ExitCode.NOT_NOW
    assert "leave --site out" in done.err


def test_shares_by_benefit_go_on_from_round_to_round(run_zkfl: Run, rewarding_site: "Site") -> None:
    site = rewarding_site
    rpc = ("--rpc-url", site.anvil.url)
    done = run_zkfl("train", site.workspace.root, "--rounds", 2, *rpc)
    assert done.status == 0, done.err
    assert "round 2 (2 of 2): final, 3 updates" in done.out
    registry = site.node("ada").registry
    assert [registry.benefit_of(2, m).proven for m in registry.cohort(2)] == [True] * 3


# --- rehearsals ---


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_rehearsal_changes_and_sends_nothing(run_zkfl: Run, site: "Site") -> None:
    before, block = contents(site.workspace.root), site.node("ada").registry.client.block_number()
    words = (site.workspace.root, "--no-zk-prove", "--rounds", 3, "--rpc-url", site.anvil.url)
    done = run_zkfl("train", *words, "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)
    assert said["result"]["submitted"] is False
    assert "nothing was proven, signed or submitted" in said["notes"][0]
    rehearsal = said["result"]["rehearsal"]
    assert [(entry["round"], entry["hospital"]) for entry in rehearsal] == [
        (number, name) for number in (1, 2, 3) for name in ("ada", "bay", "cay", "dee")
    ]
    assert sum(entry["share"] for entry in rehearsal[:4]) == 1 << 16
    assert contents(site.workspace.root) == before
    assert site.node("ada").registry.client.block_number() == block
    shown = run_zkfl("train", *words)
    assert "rehearsal: nothing was proven, signed or submitted" in shown.err


def test_rehearsed_updates_are_those_of_the_circuit(site: "Site") -> None:
    spec = site.ground.spec
    features, labels = read_records(site.home("bay").records, site.ground.schema, spec)
    rules = RehearsalRules(WeightRule.RECORDS, 1 << 16, noise_bound=0)
    parameters = [1 << 40, -(1 << 41), 3 << 39, 5 << 38]
    [[rehearsed]] = rehearse(spec, {"bay": (features, labels)}, parameters, rules, rounds=1)
    secrets = pack_secrets(
        spec, [0] * spec.parameters, [0] * spec.update_blinders, [0] * spec.own_blinders
    )
    update, zeros = training_update(
        spec,
        pack_data(spec, features, labels, [0] * spec.data_blinders),
        pack_model(spec, parameters),
        secrets,
        pack_public(0, 1),
    )
    assert not any(zeros)
    delta = [to_signed(value) >> DITHER_BITS for value in update[: spec.parameters]]
    assert rehearsed.norm == float(np.linalg.norm(delta)) / spec.one
    assert (rehearsed.records, rehearsed.share) == (len(labels), 1 << 16)
