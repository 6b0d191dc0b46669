"""What no proof shows, in short; docs/explanation/soundness.md and privacy.md have it in full."""

KNOWN_LIMITS = (
    "Admission shows the form of records, not their truth: wrong labels go unnoticed.",
    "Updates over admitted records count, whatever records somebody chose to poison the model.",
    "Test records are chosen by the hospitals: proven counts say nothing of other patients.",
    "Nobody sees records of one patient on both sides of a split, or at two hospitals.",
    "A prover may round rescaled numbers either way; each training circuit's statement bounds it.",
    "Noise hides how a sum is composed; the model itself is not differentially private.",
)
INSECURE_SRS = (
    "The SRS is the insecure one of a demonstration, whose secret everybody knows: nothing is "
    "proven by any proof on it."
)
POSTED_PROOFS = (
    "Training proofs are posted and checked by hospitals, not by the chain: an invalid one that "
    "nobody challenged in time counts like a valid one (zkfl verify-all finds it)."
)
