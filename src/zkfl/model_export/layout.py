"""What every exported file has in common: names, versions, metadata keys."""

import rfc8785

from zkfl.zk_circuits.model_choice import LOGISTIC, ModelChoice

FORMAT_KEY = "zkfl.format"
SCHEMA_KEY = "zkfl.schema"
SCHEMA_DIGEST_KEY = "zkfl.schema_sha256"
PROVENANCE_KEY = "zkfl.provenance"
MODEL_KEY = "zkfl.model"
"""Canonical JSON of the choice of model; absent for a logistic regression, as in 0.1.0."""
INPUT = "raw"
"""float32 ``(N, C)``: raw columns in schema order, NaN where missing."""
OUTPUT = "probability"
"""float32 ``(N,)``: probability of the label 1; ``(N, C)`` of a model of C classes."""
OPSET = 17
THRESHOLD = 0.5
"""Probability from which a record is labelled 1."""


def format_of(choice: ModelChoice) -> str:
    """Return the format that a file names, for example ``zkfl.logistic.v1``."""
    return f"zkfl.{choice.family}.v1"


def model_metadata(choice: ModelChoice) -> dict[str, str]:
    """Return what a file's metadata say of its model."""
    told = {FORMAT_KEY: format_of(choice)}
    if choice != LOGISTIC:
        told[MODEL_KEY] = rfc8785.dumps(choice.model_dump(mode="json")).decode()
    return told
