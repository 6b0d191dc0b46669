"""``zkfl prover``: what each verb prints, and how it ends when something is missing."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def queue(run_zkfl: Run, tmp_path: Path) -> Path:
    done = run_zkfl("prover", "certificate", tmp_path / "queue", "--name", "q", "--host", "::1")
    assert done.status == 0
    return tmp_path / "queue"


def test_a_certificate_is_shown_with_what_people_compare(run_zkfl: Run, queue: Path) -> None:
    words = ("prover", "certificate", queue, "--name", "ignored", "--json")
    first, again = (json.loads(run_zkfl(*words).out)["result"] for _ in range(2))
    assert first == again
    assert first["name"] == "CN=q"
    assert len(first["fingerprint"]) == 64
    assert first["file"] == str(queue / "certificate.pem")
    assert "PRIVATE" not in json.dumps(first)


def test_trusting_shows_the_same_fingerprint(run_zkfl: Run, queue: Path, tmp_path: Path) -> None:
    words = ("prover", "certificate", tmp_path / "worker", "--name", "w", "--json")
    made = json.loads(run_zkfl(*words).out)["result"]
    words = ("prover", "trust", queue, made["file"], "--as", "worker", "--json")
    done = run_zkfl(*words)
    assert done.status == 0
    trusted = json.loads(done.out)["result"]
    assert (trusted["fingerprint"], trusted["role"]) == (made["fingerprint"], "worker")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("trust", "queue", "queue/certificate.pem", "--as", "office"), ExitCode.USAGE, "office"),
        (("trust", "queue", "nowhere.pem", "--as", "node"), ExitCode.INPUT, "cannot be read"),
        (("trust", "queue", "queue/key.pem", "--as", "node"), ExitCode.KEYS, "no PEM certificate"),
        (("trust", "nowhere", "queue/certificate.pem", "--as", "node"), ExitCode.KEYS, "no folder"),
        (("serve", "nowhere"), ExitCode.KEYS, "no folder"),
        (("serve", "queue"), ExitCode.KEYS, "knows no node and no worker"),
        (("work", "queue", "--server", "https://127.0.0.1:1"), ExitCode.KEYS, "prover trust"),
        (("work", "queue", "--server", "http://127.0.0.1:1"), ExitCode.PROOF, "in the clear"),
    ],
)
def test_what_is_missing_is_named(  # noqa: PLR0913, PLR0917 - fixtures and cases
    run_zkfl: Run,
    queue: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: ExitCode,
    said: str,
) -> None:
    monkeypatch.chdir(queue.parent)
    done = run_zkfl("prover", *words)
    assert done.status == code
    assert said in done.err
