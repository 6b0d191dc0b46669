"""The process that proves, apart from its caller so that it can be killed."""

import ctypes
import os
import signal
import sys

import ezkl

_PR_SET_PDEATHSIG = 1
"""prctl(2)."""


def main() -> None:
    """Prove: parent's process id, witness, compiled circuit, proving key, proof, SRS."""
    parent, witness, compiled, proving_key, proof, srs = sys.argv[1:]
    die_with(int(parent))
    ezkl.prove(witness, compiled, proving_key, proof, srs)


def die_with(parent: int) -> None:
    """Let the kernel end this process with its parent, on Linux.

    EZKL holds the interpreter while it proves, so nothing here could notice; a prover that
    outlives a killed node would keep the records in memory and a core busy.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the process that asked for this proof is gone")


if __name__ == "__main__":
    main()
