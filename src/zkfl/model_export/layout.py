"""What every exported file has in common: names, versions, metadata keys."""

FORMAT = "zkfl.logistic.v1"
FORMAT_KEY = "zkfl.format"
SCHEMA_KEY = "zkfl.schema"
SCHEMA_DIGEST_KEY = "zkfl.schema_sha256"
PROVENANCE_KEY = "zkfl.provenance"
INPUT = "raw"
"""float32 ``(N, C)``: raw columns in schema order, NaN where missing."""
OUTPUT = "probability"
"""float32 ``(N,)``: probability of the label 1."""
OPSET = 17
THRESHOLD = 0.5
"""Probability from which a record is labelled 1."""
