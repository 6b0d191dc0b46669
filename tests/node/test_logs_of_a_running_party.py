"""``zkfl node run`` and ``zkfl aggregator run`` log as party.toml says; the executable is asked."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Site

ZKFL = Path(sys.executable).with_name("zkfl")
NODE, AGGREGATOR = ("node", "run"), ("aggregator", "run")
Ended = subprocess.CompletedProcess[str]


def folder_of(site: "Site", words: tuple[str, str]) -> Path:
    # dee takes no part in the round, so that its turn is short
    return site.workspace.site("dee") if words == NODE else site.workspace.role("aggregator")


def settle(folder: Path, **settings: str) -> None:
    path = folder / "party.toml"
    path.write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items()))
    path.chmod(0o600)


def run(site: "Site", words: tuple[str, str], *more: str) -> Ended:
    chosen = ("--site", "dee") if words == NODE else ()
    place = ("--rpc-url", site.anvil.url, "--once")
    unset = {name: text for name, text in os.environ.items() if not name.startswith("ZKFL_LOG")}
    return subprocess.run(
        [ZKFL, *words, str(site.workspace.root), *chosen, *place, *more],
        env=unset,
        capture_output=True,
        text=True,
        check=False,
    )


def events(text: str) -> Iterator[str]:
    return (json.loads(line)["event"] for line in text.splitlines())


@pytest.mark.parametrize("words", [NODE, AGGREGATOR])
def test_level_format_and_file_of_the_folder_count(
    site: "Site", tmp_path: Path, words: tuple[str, str]
) -> None:
    file = tmp_path / "party.jsonl"
    settle(folder_of(site, words), log_level="debug", log_format="json", log_file=str(file))
    done = run(site, words)
    assert done.returncode == 0, done.stderr
    written = list(events(file.read_text()))
    assert written[0] == "party runs"
    assert {"rpc request", "command ended"} <= set(written)
    # standard error holds nothing but the same lines
    assert set(written) <= set(events(done.stderr))
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_option_goes_before_the_file(site: "Site", tmp_path: Path) -> None:
    file, other = tmp_path / "party.jsonl", tmp_path / "option.jsonl"
    settle(folder_of(site, NODE), log_level="debug", log_format="json", log_file=str(file))
    words = ("--log-file", str(other), "--log-level", "info", "--log-format", "human")
    done = run(site, NODE, *words)
    assert done.returncode == 0, done.stderr
    assert "dee: waits for the end of round 1" in done.stderr
    assert not file.exists()
    assert "rpc request" not in set(events(other.read_text()))


def test_a_wrong_setting_ends_it_before_anything_is_done(site: "Site") -> None:
    settle(folder_of(site, NODE), log_level="loud")
    done = run(site, NODE)
    assert done.returncode == 3
    assert "log_level" in done.stderr
