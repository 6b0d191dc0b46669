"""What the page for auditors says to type is what runs here."""

import os
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.anvil import running_anvil

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "audit-a-consortium.md"


def commands(heading: str) -> list[list[str]]:
    """Return the indented lines below a heading as words, with variables replaced."""
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = (line for line in section.splitlines() if line.startswith("    "))
    return [shlex.split(os.path.expandvars(line))[1:] for line in lines]


def test_the_commands_of_the_page_run(
    run_zkfl: Run, after: "Site", tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert after.workspace.root == tmp_path / "consortium"
    monkeypatch.setenv("ZKFL_RPC_URL", after.anvil.url)
    monkeypatch.setenv("REGISTRY", after.deployment.registry)
    with running_anvil(tmp_path / "other.log", chain_id=31_338) as other:
        monkeypatch.setenv("ANCHOR_RPC", other.url)
        other.fund(after.deployment.owner)
        [anchoring] = commands("As a party: anchoring")
        assert run_zkfl(*anchoring).status == 0
        public = tmp_path / "auditor" / "public"
        public.mkdir(parents=True)
        for name in ("deployment.json", "consortium.json", "anchors.json"):
            shutil.copy(tmp_path / "consortium" / name, public)
        monkeypatch.chdir(public.parent)
        typed = commands("What to type")
        assert [words[0] for words in typed] == [
            "verify-all",
            "verify-all",
            "lineage",
            "log",
            "log",
        ]
        for words in typed:
            done = run_zkfl(*words)
            assert done.status == 0, (words, done.err)
    assert "1 anchors compared, 1 agree" in " ".join(done.out.split())
    assert (public.parent / "bundle.json").is_file()
