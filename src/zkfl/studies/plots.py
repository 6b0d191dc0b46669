"""Results as small SVG files, the same bytes for the same results."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from zkfl.atomic_file import write_atomically
from zkfl.studies.comparison import PLAIN, POOLED, UNNOISED, VERIFIED
from zkfl.studies.heterogeneity import LEVELS, WAYS
from zkfl.studies.parity import AIM
from zkfl.studies.results import Results

_COLOURS = ("#0b6e4f", "#30638e", "#8d99ae", "#d1495b")
_MODE = 0o644


def write_plots(results: Results, folder: Path) -> list[Path]:
    """Draw every part that was run; return the files."""
    makers: dict[str, tuple[str, Callable[[Any], Figure]]] = {
        "ways": ("comparison", _ways),
        "heterogeneity": ("heterogeneity", _heterogeneity),
        "scales": ("scales", _scales),
    }
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "zkfl", "font.size": 9}):
        return [
            _write(make(results[part]), folder / f"{results['study']['name']}-{name}.svg")
            for name, (part, make) in makers.items()
            if part in results
        ]


def _write(figure: Figure, path: Path) -> Path:
    content = io.BytesIO()
    FigureCanvasSVG(figure)
    figure.savefig(content, format="svg", metadata={"Date": None, "Creator": None})
    write_atomically(path, content.getvalue(), _MODE)
    return path


def _ways(rows: list[Any]) -> Figure:
    alone = [f"{site['name']} alone" for site in rows[0]["sites"]]
    names = [VERIFIED, UNNOISED, PLAIN, POOLED, *alone][::-1]
    figure = Figure(figsize=(6.4, 0.32 * len(names) + 0.9), layout="constrained")
    axes = figure.subplots()
    for height, name in enumerate(names):
        aucs = [row["ways"][name]["auc"] for row in rows]
        colour = _COLOURS[0] if name == VERIFIED else _COLOURS[2]
        axes.plot([min(aucs), max(aucs)], [height, height], color=colour, linewidth=2)
        axes.plot(aucs, [height] * len(aucs), "|", color=colour)
        axes.plot(np.mean(aucs), height, "o", color=colour)
    axes.set_yticks(range(len(names)), names)
    axes.set_xlabel(f"AUC on held-out records: mean and each of {len(rows)} seeds")
    axes.grid(axis="x", alpha=0.3)
    return figure


def _heterogeneity(rows: list[Any]) -> Figure:
    figure = Figure(figsize=(9.6, 3.2), layout="constrained")
    panels = figure.subplots(1, len(LEVELS), sharey=True)
    for axes, skew in zip(panels, LEVELS, strict=True):
        for way, colour in zip(WAYS, _COLOURS, strict=True):
            _draw_way(axes, [r for r in rows if r["skew"] == skew and r["way"] == way], colour)
        axes.set_title(skew)
        axes.set_xlabel("strength" if skew == "feature shift" else "alpha")
        axes.grid(alpha=0.3)
    panels[0].set_ylabel("AUC")
    panels[0].legend(fontsize="small")
    return figure


def _draw_way(axes: Axes, rows: list[Any], colour: str) -> None:
    places = range(len(rows))
    axes.plot(places, [r["auc"]["value"] for r in rows], "o-", color=colour, label=rows[0]["way"])
    lows, highs = ([r["auc"][bound] for r in rows] for bound in ("low", "high"))
    axes.fill_between(places, lows, highs, color=colour, alpha=0.15, linewidth=0)
    axes.set_xticks(places, [f"{row['level']:g}" for row in rows])


def _scales(rows: list[Any]) -> Figure:
    figure = Figure(figsize=(6.4, 3.4), layout="constrained")
    axes = figure.subplots()
    scales = [row["scale_bits"] for row in rows]
    lines = (("rounding_alone", "rounding alone"), ("verified_less_plain", "rounding and noise"))
    for (key, label), colour in zip(lines, (_COLOURS[1], _COLOURS[0]), strict=True):
        values, lows, highs = (
            [100 * row[key][name] for row in rows] for name in ("value", "low", "high")
        )
        axes.plot(scales, values, "o-", color=colour, label=label)
        axes.fill_between(scales, lows, highs, color=colour, alpha=0.15, linewidth=0)
    axes.axhspan(-100 * AIM, 100 * AIM, color=_COLOURS[2], alpha=0.2, linewidth=0)
    axes.set_xlabel("fraction bits; below: rows of the circuit")
    axes.set_ylabel("points of AUC less plain FedAvg")
    axes.set_xticks(scales, [f"{row['scale_bits']}\n$2^{{{row['logrows']}}}$" for row in rows])
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize="small")
    return figure
