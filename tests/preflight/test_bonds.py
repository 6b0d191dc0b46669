"""Where a consortium asks for bonds, preflight looks at them, and programs get them as numbers."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from eth_account import Account

from zkfl.chain.anvil import Anvil
from zkfl.drills.small_consortium import HOSPITAL, RECORDS, write_parties

Run = Callable[..., SimpleNamespace]
BOND = 10**18


@pytest.fixture(scope="module")
def folder(deploy: Callable[[Path], None], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bonded") / "ours"
    write_parties(root)
    agreed = json.loads((root / "consortium.json").read_text())
    agreed |= {"bond_wei": BOND, "bond_beneficiary": Account.create().address}
    (root / "consortium.json").write_text(json.dumps(agreed))
    deploy(root)
    return root


@pytest.fixture
def ask(run_zkfl: Run, folder: Path, anvil: Anvil) -> Callable[..., Any]:
    """Run a command; return what it found out."""

    def run(*words: str) -> Any:  # noqa: ANN401 - as the command says
        *verb, site_or_folder = words
        where = ("--site", site_or_folder) if site_or_folder else ()
        done = run_zkfl(*verb, folder, *where, "--rpc-url", anvil.url, "--json")
        assert done.status == 0, done.err
        return json.loads(done.out).get("result")

    return run


def bond_line(ask: Callable[..., Any]) -> dict[str, str]:
    findings = ask("preflight", HOSPITAL)["findings"]
    [line] = [entry for entry in findings if entry["name"] == "bond"]
    return dict(line)


def test_a_bond_that_is_missing_and_one_that_is_covered(
    ask: Callable[..., Any], folder: Path
) -> None:
    before = bond_line(ask)
    assert before["level"] == "warn"
    assert f"0 wei are staked of a bond of {BOND} wei" in before["detail"]
    assert before["remedy"] == f"zkfl bond deposit {folder} --site {HOSPITAL}"

    ask("bond", "deposit", HOSPITAL)
    assert bond_line(ask)["level"] == "ok"
    shown = ask("bond", "show", "")
    assert shown.keys() == {"stakes", "bond_wei", "slashed_wei"}
    assert (shown["bond_wei"], shown["slashed_wei"]) == (BOND, 0)
    assert {entry["name"]: entry["covers"] for entry in shown["stakes"]} == {
        name: name == HOSPITAL for name in RECORDS
    }
    [own] = [entry for entry in shown["stakes"] if entry["name"] == HOSPITAL]
    assert (own["staked_wei"], own["leaving_wei"], own["leaves_at"]) == (BOND, 0, 0)
