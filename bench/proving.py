"""One proof in a process that holds nothing but EZKL, for its seconds and its memory."""

import ezkl

from bench.child import peak_bytes
from bench.clock import timed


def prove(witness: str, compiled: str, key: str, proof: str, srs: str) -> dict[str, object]:
    """Prove, reading every file anew, as the prover of a node does."""
    seconds, _ = timed(lambda: ezkl.prove(witness, compiled, key, proof, srs))
    return {**seconds._asdict(), "peak": peak_bytes()}
