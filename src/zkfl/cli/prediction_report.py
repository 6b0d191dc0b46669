"""What a proven prediction says, in words."""

import math

from zkfl.cli.output import tell
from zkfl.inference.prediction_file import ProvenPrediction
from zkfl.zk_circuits.spec import CircuitSpec

_LARGEST_EXPONENT = 700.0
"""Beyond it, a double overflows."""


def tell_prediction(prediction: ProvenPrediction, spec: CircuitSpec) -> None:
    """Tell class, logit and probability."""
    logit = prediction.logit_integer / spec.one
    within = max(-_LARGEST_EXPONENT, min(_LARGEST_EXPONENT, logit))
    probability = 1.0 / (1.0 + math.exp(-within))
    tell(
        f"prediction class {prediction.label}, logit {logit:.4f}, probability {probability:.4f}",
        label=prediction.label,
        logit=logit,
        logit_integer=prediction.logit,
        probability=probability,
    )
