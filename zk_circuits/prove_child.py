"""The process that proves, apart from its caller so that it can be killed."""

import sys

import ezkl


def main() -> None:
    """Prove: witness, compiled circuit, proving key, proof and SRS are the arguments."""
    witness, compiled, proving_key, proof, srs = sys.argv[1:]
    ezkl.prove(witness, compiled, proving_key, proof, srs)


if __name__ == "__main__":
    main()
