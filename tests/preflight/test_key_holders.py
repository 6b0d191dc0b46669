"""A second key holder by commands: named, seen not to have acknowledged, then seen to have."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from zkfl.chain.anvil import Anvil
from zkfl.cli.exit_codes import ExitCode
from zkfl.consortium import Consortium
from zkfl.drills.small_consortium import HOSPITAL, KEY_HOLDER, RECORDS, write_parties
from zkfl.joining import write_card
from zkfl.workspace import Workspace

Run = Callable[..., SimpleNamespace]


@pytest.fixture(scope="module")
def folder(deploy: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shared") / "ours"
    write_parties(root)
    workspace = Workspace(root)
    deploy(root)
    for name in RECORDS:
        write_card(workspace, Consortium.load(workspace.consortium), name)
    return root


@pytest.fixture
def say(run_zkfl: Run, folder: Path, anvil: Anvil) -> Callable[..., Any]:
    """Run a command over the folder; return its exit code and what it found out."""

    def run(*words: object, online: bool = True) -> tuple[int, Any]:
        verb = words[:2] if words[0] == "he-key" else words[:1]
        where = ("--rpc-url", anvil.url) if online else ()
        done = run_zkfl(*verb, folder, *words[len(verb) :], *where, "--json")
        return done.status, json.loads(done.out).get("result")

    return run


def key_line(say: Callable[..., Any]) -> dict[str, str]:
    findings = say("preflight", "--site", "cay")[1]["findings"]
    [line] = [entry for entry in findings if entry["name"] == "key holders"]
    return dict(line)


def test_a_second_key_holder(say: Callable[..., Any], tmp_path: Path) -> None:
    status, found = say("he-key", "holders")
    assert status == 0
    assert [(h["name"], h["acknowledged"]) for h in found["holders"]] == [(KEY_HOLDER, True)]
    assert key_line(say)["level"] == "ok"
    refused, _ = say("he-key", "acknowledge", "--site", HOSPITAL)
    assert refused == ExitCode.NOT_NOW

    sealed = tmp_path / "for-bay.sealed"
    cards = say("cards")[1]["cards"]
    [fingerprint] = [card["fingerprint"] for card in cards if card["name"] == HOSPITAL]
    to_bay = ("--to", HOSPITAL, "--out", sealed, "--site", KEY_HOLDER, "--fingerprint", fingerprint)
    assert say("he-key", "seal", *to_bay)[0] == 0
    assert say("he-key", "open", sealed, "--site", HOSPITAL, online=False)[0] == 0
    assert say("deploy", "--key-holder", HOSPITAL)[0] == 0

    status, found = say("he-key", "holders")
    assert status == ExitCode.CHECK_FAILED
    assert {h["name"]: h["acknowledged"] for h in found["holders"]} == {
        KEY_HOLDER: True,
        HOSPITAL: False,
    }
    line = key_line(say)
    assert (line["level"], HOSPITAL in line["detail"]) == ("warn", True)
    assert "zkfl he-key acknowledge" in line["remedy"]
    assert [h["name"] for h in say("status")[1]["unacknowledged"]] == [HOSPITAL]

    assert say("he-key", "acknowledge", "--site", HOSPITAL)[0] == 0
    assert say("he-key", "holders")[0] == 0
    assert key_line(say)["level"] == "ok"
    assert "unacknowledged" not in say("status")[1]
