"""CPU seconds are what a call costs, waiting left out and ended processes counted."""

import importlib
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
BUSY = "import time\nwhile time.process_time() < 0.3: pass"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("bench.clock")


def busy() -> None:
    end = time.process_time() + 0.2
    while time.process_time() < end:
        pass


def test_waiting_costs_nothing(clock: ModuleType) -> None:
    seconds, _ = clock.timed(lambda: time.sleep(0.5))
    assert seconds.wall >= 0.5
    assert seconds.cpu < seconds.wall


def test_work_costs_what_it_takes(clock: ModuleType) -> None:
    assert clock.timed(busy)[0].cpu >= 0.2


def test_the_work_of_an_ended_process_counts(clock: ModuleType) -> None:
    seconds, _ = clock.timed(lambda: subprocess.run([sys.executable, "-c", BUSY], check=True))
    assert seconds.cpu >= 0.3


def test_the_last_result_and_the_medians_are_returned(clock: ModuleType) -> None:
    answers = iter("abc")
    seconds, answer = clock.median_seconds(lambda: next(answers), 3)
    assert answer == "c"
    assert seconds.wall >= 0
    middle = clock.median_of([clock.Seconds(1, 9), clock.Seconds(3, 2), clock.Seconds(2, 5)])
    assert middle == (2, 5)
    assert clock.columns("prove", middle, 1) == {"prove_s": 2, "prove_cpu_s": 5}
