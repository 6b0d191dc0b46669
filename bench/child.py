"""One measurement in a process of its own, so that its peak memory is its own too."""

import importlib
import json
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

_KIB = 1024


def measure_in_child(
    function: Callable[..., dict[str, object]], *arguments: object
) -> dict[str, object]:
    """Call a module's function with JSON-able arguments in a new process.

    Raises
    ------
    RuntimeError
        The process failed; its last words are in the message.
    """
    call = json.dumps([function.__module__, function.__name__, arguments])
    done = subprocess.run(
        [sys.executable, "-m", "bench.child", call],
        cwd=Path(__file__).resolve().parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{call} failed with {done.returncode}: {done.stderr[-2000:]}")
    result: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return result


def peak_bytes_of_children() -> int:
    """Return the peak memory of the largest process that this one has waited for."""
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _KIB


def peak_bytes() -> int:
    """Return this process's own peak memory."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB


def main() -> None:
    """Make the call given on the command line and print its result as one line of JSON."""
    module, name, arguments = json.loads(sys.argv[1])
    result = getattr(importlib.import_module(module), name)(*arguments)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
