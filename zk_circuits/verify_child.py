"""The process that verifies foreign proofs, apart from its caller so that they can kill only it."""

import sys

from zkfl.zk_circuits import ezkl_calls
from zkfl.zk_circuits.prove_child import die_with

VALID, INVALID = "valid", "invalid"


def main() -> None:
    """Verify: parent's process id, settings, verifying key, SRS, proofs; a line each."""
    parent, settings, key, srs, *proofs = sys.argv[1:]
    die_with(int(parent))
    for proof in proofs:
        print(VALID if _verifies(proof, settings, key, srs) else INVALID, flush=True)


def _verifies(proof: str, settings: str, key: str, srs: str) -> bool:
    try:
        return ezkl_calls.library.verify(proof, settings, key, srs) is True
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # noqa: BLE001 - EZKL's panics derive from it
        return False


if __name__ == "__main__":
    main()
