"""A comparison as a table for people and as JSON for programs."""

from rich.table import Table

from zkfl.evaluation.comparison import Comparison, History
from zkfl.evaluation.metrics import THRESHOLD, Metrics

_FIGURES = ("auc", "accuracy", "sensitivity", "specificity", "f1")


def comparison_table(comparison: Comparison) -> Table:
    """Return a rich table of the final models, one row a way to train."""
    final = comparison.verified[-1]
    table = Table(
        title=f"{comparison.dataset}: after {comparison.rounds} rounds, on {final.records} "
        f"held-out records ({final.positives} positive)"
    )
    table.add_column("trained")
    for name in _FIGURES:
        table.add_column(name.upper() if name in {"auc", "f1"} else name, justify="right")
    for name, metrics in final_metrics(comparison).items():
        table.add_row(name, *_cells(metrics), style="bold" if name == "verified" else None)
    return table


def final_metrics(comparison: Comparison) -> dict[str, Metrics]:
    """Return the metrics of every final model by the way it was trained."""
    return {
        "verified": comparison.verified[-1],
        "plain FedAvg": comparison.fedavg[-1],
        "pooled": comparison.pooled[-1],
        **{f"{name} alone": history[-1] for name, history in comparison.alone.items()},
    }


def comparison_json(comparison: Comparison) -> dict[str, object]:
    """Return the whole comparison as JSON-ready values; histories start at the zero model."""
    return {
        "dataset": comparison.dataset,
        "rounds": comparison.rounds,
        "threshold": THRESHOLD,
        "verified": _history(comparison.verified),
        "fedavg": _history(comparison.fedavg),
        "pooled": _history(comparison.pooled),
        "alone": {name: _history(history) for name, history in comparison.alone.items()},
    }


def _history(history: History) -> list[dict[str, int | float | None]]:
    return [metrics.to_dict() for metrics in history]


def _cells(metrics: Metrics) -> list[str]:
    values = [getattr(metrics, name) for name in _FIGURES]
    return ["-" if value is None else f"{value:.3f}" for value in values]
