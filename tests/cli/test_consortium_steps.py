"""The step-by-step verbs refuse what they cannot work on, each with one message."""

import json
import socket
import warnings
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from eth_account import Account

from zkfl.cli.exit_codes import ExitCode
from zkfl.datasets.errors import DatasetError

Run = Callable[..., SimpleNamespace]


@pytest.fixture
def closed_port() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


@pytest.fixture
def folder(run_zkfl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("zkfl.chain.keys.Account.encrypt", cheaply())
    done = run_zkfl("init", tmp_path / "ours", "--demo", "--hospitals", 3)
    assert done.status == 0, done.err
    return tmp_path / "ours"


def cheaply() -> Callable[..., object]:
    """Encrypt keystores at a cost fit for tests."""
    encrypt = Account.encrypt
    return lambda key, password, iterations=None: encrypt(key, password, iterations=1 << 10)  # noqa: ARG005


def test_init_makes_every_party_and_prints_what_to_fund(folder: Path) -> None:
    agreed = json.loads((folder / "consortium.json").read_text())
    assert agreed["hospitals"] == ["hospital-01", "hospital-02", "hospital-03"]
    for name in agreed["hospitals"]:
        assert (folder / "sites" / name / "records.csv").is_file()
        assert (folder / "sites" / name / "keys" / "mask.key").stat().st_mode & 0o777 == 0o600
    assert sorted(p.name for p in (folder / "roles").iterdir()) == [
        "aggregator",
        "guardian",
        "office",
    ]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--dataset", "lung"], "no data set 'lung': choose one of wdbc, heart"),
        (["--dataset", "tiny"], "no data set 'tiny': choose one of wdbc, heart"),
        (["--hospitals", 2], "2"),
        (["--scheme", "rsa"], "scheme: Input should be"),
        (["--weights", "mine"], "weight_rule: Input should be"),
    ],
)
def test_init_refuses_what_no_consortium_can_be(
    run_zkfl: Run, tmp_path: Path, words: list[object], message: str
) -> None:
    done = run_zkfl("init", tmp_path / "ours", *words)
    assert done.status == ExitCode.CONFIG
    assert message in done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "ours").exists()


@pytest.mark.parametrize(
    ("words", "asked"),
    [(["wdbc"], 4), (["heart"], 4), (["tcga-brca"], 6), (["tcga-brca", "--hospitals", 4], 4)],
)
def test_init_asks_for_the_hospitals_that_a_data_set_has(
    run_zkfl: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: list[object],
    asked: int,
) -> None:
    def load(_name: str, _bounds: object, hospitals: int, *_rest: object) -> None:
        raise DatasetError(f"{hospitals} were asked for")

    monkeypatch.setattr("zkfl.cli.founding_steps.load_federation", load)
    done = run_zkfl("init", tmp_path / "ours", "--dataset", *words)
    assert f"{asked} were asked for" in done.err


def test_a_second_init_does_not_overwrite_keys(run_zkfl: Run, folder: Path) -> None:
    key = (folder / "sites" / "hospital-01" / "keys" / "mask.key").read_bytes()
    done = run_zkfl("init", folder, "--demo", "--hospitals", 3)
    assert done.status == ExitCode.CONFIG
    assert "Traceback" not in done.err
    assert (folder / "sites" / "hospital-01" / "keys" / "mask.key").read_bytes() == key


STEPS = [
    *("deploy", "admit", "open", "train", "close", "acknowledge", "status", "export"),
    "prove-benefit",
    *("answer", "push", "open-model"),
]


@pytest.mark.parametrize("verb", ["fund", *STEPS])
def test_a_folder_that_is_no_consortium_is_refused(
    run_zkfl: Run, tmp_path: Path, verb: str
) -> None:
    done = run_zkfl(verb, tmp_path)
    assert (done.status, done.out) == (ExitCode.CONFIG, "")
    assert "error (ConsortiumFileError)" in done.err


@pytest.mark.parametrize("verb", [step for step in STEPS if step != "deploy"])
def test_before_deployment_every_step_says_that_it_is_missing(
    run_zkfl: Run, folder: Path, verb: str
) -> None:
    done = run_zkfl(verb, folder)
    assert (done.status, done.out) == (ExitCode.NOT_NOW, "")
    assert f"run zkfl deploy {folder} first" in done.err


@pytest.mark.parametrize(
    ("verb", "option"),
    [
        *(
            (verb, "--site")
            for verb in ("admit", "train", "acknowledge", "answer", "prove-benefit")
        ),
        *((verb, "--by") for verb in ("push", "open-model")),
    ],
)
def test_a_hospital_that_is_not_there_is_answered_with_those_that_are(
    run_zkfl: Run, folder: Path, verb: str, option: str
) -> None:
    done = run_zkfl(verb, folder, option, "hospital-99")
    assert (done.status, done.out) == (ExitCode.NOT_NOW, "")
    assert "no hospital 'hospital-99'" in done.err
    assert "hospital-01, hospital-02, hospital-03" in done.err
    assert "zkfl init" not in done.err


@pytest.mark.parametrize("verb", ["status", "admit", "export"])
def test_a_cut_deployment_file_is_said_to_be_no_json(
    run_zkfl: Run, folder: Path, verb: str
) -> None:
    (folder / "deployment.json").write_text('{\n  "format": "zkfl-dep')
    done = run_zkfl(verb, folder)
    assert done.status == ExitCode.CONFIG
    assert "it is no JSON: EOF while parsing a string at line 2" in done.err
    assert "errors.pydantic.dev" not in done.err
    assert len(done.err.splitlines()) == 1


def test_a_broken_consortium_file_is_said_to_be_no_json(run_zkfl: Run, folder: Path) -> None:
    (folder / "consortium.json").write_text('{\n  "name": ')
    done = run_zkfl("status", folder)
    assert done.status == ExitCode.CONFIG
    assert "consortium.json is no consortium file: it is no JSON: EOF while" in done.err
    assert "at line 2" in done.err
    assert "b'" not in done.err


@pytest.mark.parametrize("ether", [-5, 0, "much"])
def test_an_impossible_balance_is_a_usage_error(run_zkfl: Run, folder: Path, ether: object) -> None:
    done = run_zkfl("fund", folder, "--ether", ether)
    assert done.status == 2
    assert "--ether" in done.err


def test_a_folder_that_cannot_be_made_is_named(run_zkfl: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run_zkfl("init", tmp_path / "file" / "ours", "--demo", "--hospitals", 3)
    assert done.status == ExitCode.FILES
    assert f"the folder {tmp_path / 'file' / 'ours'} cannot be made (Not a directory)" in done.err


def test_the_heart_hospitals_are_made_without_a_warning(
    run_zkfl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zkfl.chain.keys.Account.encrypt", cheaply())
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        done = run_zkfl("init", tmp_path / "ours", "--dataset", "heart")
    assert done.status == 0, done.err


@pytest.mark.parametrize("verb", ["fund", "deploy"])
def test_a_chain_that_is_not_there_is_named(
    run_zkfl: Run, folder: Path, closed_port: str, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zkfl.chain.transport.time.sleep", lambda _: None)
    done = run_zkfl(verb, folder, "--rpc-url", closed_port)
    assert done.status == ExitCode.CHAIN
    assert "error (RpcUnavailableError)" in done.err
    assert closed_port in done.err
    assert not (folder / "deployment.json").exists()
