"""Curves of a comparison as a PNG, drawn without a display."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from zkfl.evaluation.comparison import Comparison, History

Quantity = Literal["auc", "accuracy"]
_CURVES = (
    ("verified", "verified (on chain)", "#0b6e4f", "-", 2.4),
    ("fedavg", "plain FedAvg (float)", "#d1495b", "--", 1.4),
    ("pooled", "pooled records", "#30638e", ":", 1.8),
)


def plot_comparison(comparison: Comparison, path: Path) -> Path:
    """Draw AUC and accuracy by round, beside each other, to a PNG file.

    Hospitals alone appear as their mean and the range between worst and best.
    """
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    quantities: tuple[Quantity, ...] = ("auc", "accuracy")
    for axes, quantity in zip(figure.subplots(1, 2), quantities, strict=True):
        _draw(axes, comparison, quantity)
    figure.suptitle(f"{comparison.dataset}: held-out records after each round")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150, metadata={"Software": None})
    return path


def _draw(axes: Axes, comparison: Comparison, quantity: Quantity) -> None:
    _draw_alone(axes, list(comparison.alone.values()), quantity)
    for name, label, colour, style, width in _CURVES:
        rounds, values = _points(getattr(comparison, name), quantity)
        axes.plot(rounds, values, style, color=colour, linewidth=width, label=label)
    axes.set_xlabel("round")
    axes.set_ylabel({"auc": "AUC", "accuracy": "accuracy"}[quantity])
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize="small")


def _draw_alone(axes: Axes, histories: Sequence[History], quantity: Quantity) -> None:
    curves = [dict(zip(*_points(history, quantity), strict=True)) for history in histories]
    rounds = sorted(set.intersection(*(set(curve) for curve in curves))) if curves else []
    if not rounds:
        return
    columns = [[curve[r] for curve in curves] for r in rounds]
    lowest, highest = [min(c) for c in columns], [max(c) for c in columns]
    means = [sum(c) / len(c) for c in columns]
    axes.fill_between(rounds, lowest, highest, color="#8d99ae", alpha=0.25, linewidth=0)
    axes.plot(rounds, means, color="#8d99ae", label="each hospital alone (mean, range)")


def _points(history: History, quantity: Quantity) -> tuple[list[int], list[float]]:
    # the zero model calls everybody positive at 0.5: a point that would only squeeze the axes
    known = [
        (number, value)
        for number, metrics in enumerate(history)
        if number > 0 and (value := getattr(metrics, quantity)) is not None
    ]
    return [number for number, _ in known], [value for _, value in known]
