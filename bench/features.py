"""The head of ``busi`` in plain floats on all sites' features: what rounds can reach at most.

Needs the images: ZKFL_DATA_DIR.
"""

from collections.abc import Iterator

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.federation import Federation
from zkfl.model_release import feature_bounds
from zkfl.zk_circuits.instances import get_instance

_DATASET = "busi"
_SEEDS = 5
_HOSPITALS = 4
_REGULARISATION = 0.1


def measure(*, quick: bool) -> Iterator[dict[str, object]]:
    """Train and test on each seed's split; the last row is the mean. ``quick`` takes one seed."""
    bounds = feature_bounds(get_instance(_DATASET).spec)
    seen: list[float] = []
    for seed in range(1 if quick else _SEEDS):
        federation = load_federation(_DATASET, bounds, _HOSPITALS, seed)
        seen.append(_auc(federation))
        trained = sum(len(site.labels) for site in federation.hospitals)
        tested = len(federation.test_labels)
        yield {"seed": str(seed), "trained": trained, "tested": tested, "auc": round(seen[-1], 4)}
    mean = round(sum(seen) / len(seen), 4)
    yield {"seed": "mean", "trained": "", "tested": "", "auc": mean}


def _auc(federation: Federation) -> float:
    features = np.concatenate([site.features for site in federation.hospitals])
    labels = np.concatenate([site.labels for site in federation.hospitals])
    head = LogisticRegression(C=_REGULARISATION, max_iter=1_000).fit(features, labels)
    scores = head.decision_function(federation.test_features)
    return float(roc_auc_score(federation.test_labels, scores))
