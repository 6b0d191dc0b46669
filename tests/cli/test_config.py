"""``zkfl config show``: every setting with its origin, and no secret."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.node.home import NodeHome
from zkfl.party_config import PartyConfig

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for key in PartyConfig.model_fields:
        monkeypatch.delenv(f"ZKFL_{key.upper()}", raising=False)
    NodeHome.create(tmp_path)
    (tmp_path / "party.toml").write_text(
        'confirmations = 3\nrpc_url = "https://rpc.example.org/v3/0123456789abcdef"\n'
    )
    (tmp_path / "party.toml").chmod(0o600)
    return tmp_path


def shown(done: SimpleNamespace) -> dict[str, tuple[object, str]]:
    settings = json.loads(done.out)["result"]["settings"]
    return {entry["key"]: (entry["value"], entry["origin"]) for entry in settings}


def test_every_setting_is_shown_with_its_origin(
    run_zkfl: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZKFL_MAX_FEE_GWEI", "0.5")
    done = run_zkfl("config", "show", home, "--json", "--log-level", "error")
    assert done.status == 0
    assert shown(done) == {
        "rpc_url": ("https://rpc.example.org", f"{home}/party.toml:2"),
        "confirmations": (3, f"{home}/party.toml:1"),
        "max_fee_gwei": (0.5, "env ZKFL_MAX_FEE_GWEI"),
        "password_source": ("file", "default"),
        "password_file": ("keys/chain.password", "default"),
        "password_environment": (None, "default"),
        "store": (None, "default"),
        "prover_deadline_seconds": (600.0, "default"),
        "log_level": ("error", "flag"),
        "log_format": ("human", "default"),
        "log_file": (None, "default"),
    }


def test_a_flag_goes_first_and_a_key_in_a_url_is_not_shown(
    run_zkfl: Run, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZKFL_RPC_URL", "https://env.example.org/key")
    words = ("config", "show", home, "--origin")
    done = run_zkfl(*words)
    assert '= "https://env.example.org" ' in done.out
    assert "# env ZKFL_RPC_URL" in done.out
    done = run_zkfl(*words, "--rpc-url", "https://flag.example.org/0123456789abcdef")
    assert '= "https://flag.example.org"' in done.out
    assert "# flag" in done.out
    assert "0123456789abcdef" not in done.out
    assert "# flag" not in run_zkfl(*words).out


def test_without_origin_the_output_is_toml(run_zkfl: Run, home: Path) -> None:
    done = run_zkfl("config", "show", home)
    assert "confirmations           = 3\n" in done.out
    assert "#" not in done.out


def test_a_folder_of_no_party_has_no_settings(run_zkfl: Run, tmp_path: Path) -> None:
    done = run_zkfl("config", "show", tmp_path / "nobody")
    assert (done.status, done.out) == (ExitCode.KEYS, "")
    assert f"{tmp_path / 'nobody'} is no node folder: make one with zkfl init" in done.err


def test_a_wrong_key_ends_with_the_code_for_settings(run_zkfl: Run, home: Path) -> None:
    (home / "party.toml").write_text('rpc_ulr = "x"\n')
    done = run_zkfl("config", "show", home)
    assert done.status == ExitCode.CONFIG
    assert "party.toml:1: there is no key 'rpc_ulr'; did you mean 'rpc_url'?" in done.err


def test_the_party_says_how_it_wants_its_logs(run_zkfl: Run, home: Path) -> None:
    log = home / "zkfl.log"
    (home / "party.toml").write_text(f'log_format = "json"\nlog_file = "{log}"\n')
    done = run_zkfl("config", "show", home)
    events = [json.loads(line)["event"] for line in done.err.splitlines()]
    assert events == ["command started", "command ended"]
    assert [json.loads(line)["event"] for line in log.read_text().splitlines()] == events
