"""Every verb explains itself with an example that can be copied."""

import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from zkfl.cli.app import app

Run = Callable[..., SimpleNamespace]
ROOT = typer.main.get_command(app)
VERBS = [
    "demo",
    "exit-codes",
    "chain",
    "lineage",
    "verify-all",
    *("log bundle", "log anchor", "log verify"),
    *("model export", "model predict", "model card"),
    *("model check-prediction", "model deploy-verifier"),
    *(
        "init",
        "fund",
        "deploy",
        "admit",
        "open",
        "prove",
        "train",
        "close",
        "acknowledge",
        "status",
    ),
    *("prove-benefit", "leave", "prove-metrics", "metrics", "evaluate"),
    *("retire-shards", "answer", "push", "challenge", "open-model"),
    *("rotate-account", "rotate-mask-key"),
    *("bond deposit", "bond withdraw", "bond show"),
    *("bundle relay", "bundle trust", "bundle export", "bundle import", "bundle show"),
    *("join", "cards"),
    *("import pseudonym-key", "import images", "import dicom", "import dicomweb"),
    *("import table", "import fhir", "split"),
    *("features backbones", "features recipe", "features schema", "features run"),
    "features pixels",
    *("flower keys", "flower link", "flower aggregator", "flower node"),
    *("he-key create", "he-key seal", "he-key open", "he-key announce"),
    *("he-key acknowledge", "he-key holders"),
    *("node run", "aggregator run"),
    "config show",
    *("circuits list", "circuits show", "circuits build"),
    *("preflight", "doctor"),
    *("prover certificate", "prover trust", "prover serve", "prover work"),
    *("srs demo", "srs import", "srs check"),
    *("council hand-over", "council propose-member", "council propose-removal"),
    "council propose-account",
    *("council propose-role", "council propose-circuit", "council propose-circuit-removal"),
    *("council vote", "council withdraw", "council execute", "council list"),
    *("srs ceremony deploy", "srs ceremony start", "srs ceremony contribute"),
    *("srs ceremony verify", "srs ceremony skip", "srs ceremony beacon"),
    *("srs ceremony finish", "srs ceremony status"),
]


def examples(text: str) -> list[list[str]]:
    """Return the commands of a help text, word by word."""
    _, _, after = " ".join(text.split()).partition("Example")
    commands = after.lstrip("s: ").split(" | ")
    return [shlex.split(command.partition(" ╭")[0]) for command in commands]


def test_the_verbs_are_these(run_zkfl: Run) -> None:
    done = run_zkfl("--help")
    assert done.status == 0
    for verb in VERBS:
        assert f" {verb.split()[0]} " in done.out
    assert set(verbs_below(ROOT.commands)) == set(VERBS)  # type: ignore[attr-defined]


def verbs_below(commands: dict[str, Any], before: str = "") -> Iterator[str]:
    for name, command in commands.items():
        below = getattr(command, "commands", None)
        if command.hidden:
            continue
        if below is None:
            yield before + name
        else:
            yield from verbs_below(below, f"{before}{name} ")


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_an_example_that_parses(run_zkfl: Run, verb: str) -> None:
    done = run_zkfl(*verb.split(), "--help")
    assert done.status == 0
    found = examples(done.out)
    assert found
    for words in found:
        assert words[: 1 + len(verb.split())] == ["zkfl", *verb.split()]
        command = ROOT
        for name in verb.split():
            command = command.commands[name]  # type: ignore[attr-defined]
        rest = words[1 + len(verb.split()) :]
        command.make_context(verb, rest, resilient_parsing=False)


@pytest.mark.parametrize("words", [["fly"], ["demo", "now"], ["srs", "burn"], ["predict"]])
def test_unknown_words_are_usage_errors(run_zkfl: Run, words: list[str]) -> None:
    done = run_zkfl(*words)
    assert done.status == 2
    assert "Usage:" in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--help"],
        ["admit", "--help"],
        ["srs", "import", "--help"],
        ["srs", "ceremony", "verify", "--help"],
        ["council", "list", "--help"],
        ["config", "show", "--help"],
        ["flower", "node", "--help"],
    ],
)
def test_help_does_not_wait_for_what_only_the_work_needs(words: list[str]) -> None:
    program = (
        "import json, sys, zkfl.cli.app\n"
        "try:\n    sys.argv[1:] and zkfl.cli.app.main()\n"
        "finally:\n    print(json.dumps(sorted(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *words], capture_output=True, text=True, check=True
    )
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    assert "typer" in loaded
    proving = {"torch", "sklearn", "tenseal", "matplotlib", "pandas", "numpy", "ezkl"}
    assert not loaded & proving
    assert not loaded & {"web3", "eth_account", "requests", "flwr", "grpc"}
