"""One measurement in a process of its own, so that its peak memory is its own too."""

import importlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_STATUS = Path("/proc/self/status")
_PEAK = "VmHWM:"
_KIB = 1024


class MeasurementError(RuntimeError):
    """A measuring process failed."""


def measure_in_child(
    function: Callable[..., dict[str, object]], *arguments: object
) -> dict[str, object]:
    """Call a module's function with JSON-able arguments in a new process.

    Raises
    ------
    MeasurementError
        The process failed; its last words are in the message.
    """
    call = json.dumps([function.__module__, function.__name__, arguments])
    done = subprocess.run(
        [sys.executable, "-m", "bench.child", call],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise MeasurementError(f"{call} failed with {done.returncode}: {done.stderr[-2000:]}")
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def peak_bytes() -> int:
    """Return this process's own peak of resident memory.

    Linux hands a new process its parent's peak in ``getrusage``, so that a small child of a
    large process would seem as large; ``VmHWM`` begins anew with each program.
    """
    if not _STATUS.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = _STATUS.read_text().splitlines()
    return next(int(line.split()[1]) * _KIB for line in lines if line.startswith(_PEAK))


def main() -> None:
    """Make the call given on the command line and print its result as one line of JSON."""
    module, name, arguments = json.loads(sys.argv[1])
    result = getattr(importlib.import_module(module), name)(*arguments)
    print(json.dumps(result), flush=True)
    # EZKL's threads may still be logging; an interpreter that they find ending aborts.
    os._exit(0)


if __name__ == "__main__":
    main()
