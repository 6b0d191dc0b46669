"""The commands that need no key: anybody can follow and check a ceremony."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

from zkfl.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from conftest import Hospitals

Run = Callable[..., SimpleNamespace]


def test_status_says_for_whom_the_ceremony_waits(
    run_zkfl: Run, hospitals: "Hospitals", half_way: Path
) -> None:
    done = run_zkfl("srs", "ceremony", "status", half_way, "--rpc-url", hospitals.anvil.url)
    assert done.status == 0
    assert "phase     contributing" in done.out
    assert f"{hospitals.addresses[1]}  contributed, verified by 0 of 2" in done.out
    assert f"{hospitals.addresses[2]}  its turn" in done.out


def test_anybody_checks_the_files(run_zkfl: Run, hospitals: "Hospitals", half_way: Path) -> None:
    words = ("srs", "ceremony", "verify", half_way, "--rpc-url", hospitals.anvil.url)
    assert "contribution 1 holds" in run_zkfl(*words).out
    (half_way / "0002.ptau").write_bytes(b"")
    refused = run_zkfl(*words)
    assert refused.status == ExitCode.INPUT
    assert "contribution 0 holds" in refused.out
    assert "TranscriptFileError" in refused.err
