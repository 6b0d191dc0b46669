"""One proof in a process that holds nothing but EZKL, for its seconds and its memory."""

import time

import ezkl

from bench.child import peak_bytes


def prove(witness: str, compiled: str, key: str, proof: str, srs: str) -> dict[str, object]:
    """Prove, reading every file anew, as the prover of a node does."""
    start = time.perf_counter()
    ezkl.prove(witness, compiled, key, proof, srs)
    return {"seconds": time.perf_counter() - start, "peak": peak_bytes()}
