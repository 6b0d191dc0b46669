"""A release card as it stands in a file."""

import pytest

from zkfl.release_card.content import ReleaseCard
from zkfl.zk_circuits.instances import TINY_RATE

_DIGEST = "ab" * 32
_COUNTS = {
    "true_positives": 3,
    "false_positives": 1,
    "false_negatives": 0,
    "true_negatives": 4,
    "rates": dict.fromkeys(("accuracy", "sensitivity", "specificity", "f1")),
}


@pytest.fixture
def card() -> ReleaseCard:
    """Of a consortium with metrics and a schedule of rates, three rounds of which are final."""
    return ReleaseCard.model_validate(
        {
            "model": {
                "consortium": "small",
                "family": "logistic",
                "choice": {"family": "logistic"},
                "parameters": 4,
                "circuits": "tiny-rate",
                "training_circuit": "training-tiny-rate",
                "training_circuit_sha256": _DIGEST,
                "statement": "a step",
            },
            "data": {
                "name": "small",
                "version": 1,
                "sha256": _DIGEST,
                "agreed": True,
                "description": "measurements",
                "source": "made for tests",
                "constants_source": "made for tests",
                "label": {"name": "ill", "positive": "ill", "negative": "well"},
                "columns": ["width"],
                "features": ["width"],
                "image_recipe_sha256": None,
            },
            "hospitals": [],
            "lineage": {
                "chain_id": 31_337,
                "registry": "0x" + "1" * 40,
                "round": 3,
                "final_rounds": [1, 2, 3],
                "contributions": [],
                "model_commitment": [_DIGEST, _DIGEST],
                "model_sha256": _DIGEST,
                "round_card_sha256": _DIGEST,
                "round_card_published": True,
                "final_transaction": "0x" + _DIGEST,
                "final_block": 7,
                "read_to_block": 9,
                "srs_sha256": _DIGEST,
                "srs_insecure": False,
                "checks": [],
            },
            "metrics": {
                "contract": "0x" + "2" * 40,
                "round": 3,
                "proofs_verified": 2,
                "counts": _COUNTS,
                "committed_before": _COUNTS,
                "largest_share": 1.0,
                "hospitals": [],
                "came_to_train": [],
            },
            "training": {
                "specification": TINY_RATE.model_dump(mode="json"),
                "rate_schedule": {"rule": "rounds", "start": 1_024, "records": "0"},
                "final_rates": [
                    {"round": 1, "rate": 1_024, "learning_rate": 0.5},
                    {"round": 2, "rate": 1_024, "learning_rate": 0.5},
                    {"round": 3, "rate": 512, "learning_rate": 0.25},
                ],
                "weight_rule": "records",
                "noise_bound": "8388608",
                "noise_bound_in_parameters": 1.0,
                "challenge_window": 0,
            },
            "intended_use": {"text": "Research.", "given": True},
            "known_limits": [],
            "unknown": [],
        }
    )
