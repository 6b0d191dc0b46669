"""``zkfl srs``: a good file is described, a bad one is refused with status 1."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from zkfl.cli.exit_codes import ExitCode
from zkfl.srs import demo_srs

Run = Callable[..., SimpleNamespace]
LOGROWS = 5


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return demo_srs(LOGROWS, tmp_path_factory.mktemp("srs") / "good.srs").path


def test_a_good_file_is_described_and_the_demo_named_insecure(run_zkfl: Run, good: Path) -> None:
    done = run_zkfl("srs", "check", good)
    assert done.status == 0
    assert f"logrows  {LOGROWS}" in done.out
    assert hashlib.sha256(good.read_bytes()).hexdigest() in done.out
    assert "INSECURE" in done.out


def test_the_demo_command_writes_what_check_accepts(run_zkfl: Run, tmp_path: Path) -> None:
    made = run_zkfl("srs", "demo", tmp_path / "demo.srs", "--logrows", 4)
    assert made.status == 0
    assert run_zkfl("srs", "check", tmp_path / "demo.srs").out == made.out


def test_importing_keeps_a_checked_file_and_nothing_else(
    run_zkfl: Run, good: Path, tmp_path: Path
) -> None:
    done = run_zkfl("srs", "import", good, tmp_path / "kept.srs", "--logrows", LOGROWS)
    assert done.status == 0
    assert (tmp_path / "kept.srs").read_bytes() == good.read_bytes()
    bad = tmp_path / "bad.srs"
    bad.write_bytes(good.read_bytes()[:-1] + b"\x01")
    assert run_zkfl("srs", "import", bad, tmp_path / "never.srs").status == ExitCode.PROOF
    assert not (tmp_path / "never.srs").exists()


def flipped(place: int) -> Callable[[bytes], bytes]:
    def change(content: bytes) -> bytes:
        changed = bytearray(content)
        changed[place] ^= 1
        return bytes(changed)

    return change


@pytest.mark.parametrize(
    "change",
    [
        lambda _: b"",
        lambda content: content[:100],
        lambda content: content + b"\x00",
        lambda _: b"\xff" * 4096,
        lambda _: (1 << 30).to_bytes(4, "little"),
        flipped(0),
        flipped(70),
        flipped(4 + 64 * 40),
        flipped(-1),
    ],
    ids=["empty", "cut", "longer", "ones", "count", "size", "powers", "lagrange", "last"],
)
def test_a_bad_file_is_refused_in_one_message(
    run_zkfl: Run, good: Path, tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    bad = tmp_path / "bad.srs"
    bad.write_bytes(change(good.read_bytes()))
    done = run_zkfl("srs", "check", bad)
    assert done.status in {ExitCode.INPUT, ExitCode.PROOF}
    assert done.out == ""
    assert "error (" in done.err
    assert "Traceback" not in done.err


def test_a_missing_file_is_named(run_zkfl: Run, tmp_path: Path) -> None:
    done = run_zkfl("srs", "check", tmp_path / "none.srs")
    assert done.status == ExitCode.INPUT
    assert "none.srs" in done.err


@pytest.mark.parametrize("logrows", [2, 29, "many"])
def test_a_size_out_of_range_is_a_usage_error(
    run_zkfl: Run, tmp_path: Path, logrows: object
) -> None:
    assert run_zkfl("srs", "demo", tmp_path / "x.srs", "--logrows", logrows).status == 2
    assert not (tmp_path / "x.srs").exists()


def test_another_file_is_named_and_said_to_be_no_srs(run_zkfl: Run, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("mean_radius,mean_texture\n1,2\n")
    for words in (("import", table, tmp_path / "out.srs"), ("check", table)):
        done = run_zkfl("srs", *words)
        assert done.status == ExitCode.INPUT
        assert f"{table} is no EZKL SRS" in done.err
    assert not (tmp_path / "out.srs").exists()


def test_a_ceremony_in_place_of_an_srs_is_to_be_imported_first(
    run_zkfl: Run, tmp_path: Path
) -> None:
    ceremony = tmp_path / "p1.bin"
    ceremony.write_bytes(b"ptau" + bytes(100))
    done = run_zkfl("srs", "check", ceremony)
    assert done.status == ExitCode.INPUT
    assert f"run zkfl srs import {ceremony} FILE first" in done.err
    # whatever its name, it is imported as what it is
    assert "error (PtauError)" in run_zkfl("srs", "import", ceremony, tmp_path / "out").err
