"""Results as tables in Markdown, one a question."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from zkfl.studies.comparison import PLAIN, POOLED, UNNOISED, VERIFIED, Row
from zkfl.studies.heterogeneity import OWN, WAYS
from zkfl.studies.integer_heterogeneity import PROVEN_WAYS
from zkfl.studies.parity import AIM, Parity, parity
from zkfl.studies.results import Results

_NOT_RUN = "Not run."


def tables(results: Results) -> dict[str, str]:
    """Return every table by its name; a part that was not run says so."""
    makers: dict[str, tuple[str, Callable[[Any], str]]] = {
        "sites": ("comparison", _sites),
        "ways": ("comparison", _ways),
        "parity": ("comparison", _parity),
        "heterogeneity": ("heterogeneity", _heterogeneity),
        "scales": ("scales", _scales),
        "integers": ("integers", _integers),
        "proven": ("proven", _proven),
        "endpoints": ("endpoints", _end_points),
    }
    return {
        name: make(results[part]) if part in results else _NOT_RUN
        for name, (part, make) in makers.items()
    }


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def _sites(rows: list[Any]) -> str:
    first = rows[0]
    cells = [(s["name"], s["records"], s["positives"], s["shards"]) for s in first["sites"]]
    held = ("held out", first["test"]["records"], first["test"]["positives"], "")
    return _table(("site (seed 0)", "records", "label 1", "shards"), [*cells, held])


def _ways(rows: list[Any]) -> str:
    names = [VERIFIED, UNNOISED, PLAIN, POOLED, *_alone(rows)]
    head = ("trained", "AUC, mean (lowest to highest)", "AUC of seed 0 (95 %)")
    return _table(
        (*head, "accuracy", "sensitivity", "specificity"), [_way(rows, name) for name in names]
    )


def _alone(rows: list[Any]) -> list[str]:
    return [f"{site['name']} alone" for site in rows[0]["sites"]]


def _way(rows: list[Any], name: str) -> list[str]:
    found = [row["ways"][name] for row in rows]
    aucs = [one["auc"] for one in found]
    first = found[0]["auc_interval"]
    means = [np.mean([one[f] for one in found]) for f in ("accuracy", "sensitivity", "specificity")]
    return [
        f"**{name}**" if name == VERIFIED else name,
        f"{np.mean(aucs):.3f} ({min(aucs):.3f} to {max(aucs):.3f})",
        f"{first['value']:.3f} ({first['low']:.3f} to {first['high']:.3f})",
        *(f"{mean:.3f}" for mean in means),
    ]


def _parity(rows: list[Any]) -> str:
    head = ("less plain FedAvg, points of AUC", "mean over seeds (95 %)", "largest of a seed")
    lines = [
        ("**verified**", parity(rows)),
        ("verified, no noise: rounding alone", parity(rows, "rounding_alone")),
    ]
    return _table(
        (*head, "seed 0 (95 %)", f"within {100 * AIM:g} points"),
        [(name, *_parity_cells(found)) for name, found in lines],
    )


def _parity_cells(found: Parity) -> tuple[str, ...]:
    return (
        _points(found.mean.to_dict()),
        f"{100 * found.largest:.2f}",
        _points(found.first.to_dict()),
        "yes" if found.within_aim else "no",
    )


def _points(interval: dict[str, float]) -> str:
    value, low, high = (_signed(100 * interval[name]) for name in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _signed(points: float) -> str:
    # a float difference of nothing may be -1e-14
    return f"{points + 0.0:+.2f}" if abs(points) >= 0.005 else "0.00"  # noqa: PLR2004 - two digits


def _heterogeneity(rows: list[Any]) -> str:
    found: dict[tuple[str, float], dict[str, Row]] = {}
    for row in rows:
        found.setdefault((row["skew"], row["level"]), {})[row["way"]] = row
    head = ("skew", "alpha or strength", *(f"{way}: AUC / accuracy" for way in WAYS))
    return _table(
        head,
        [
            (skew, f"{level:g}", *(_auc_and_accuracy(ways[way]) for way in WAYS))
            for (skew, level), ways in found.items()
        ],
    )


def _auc_and_accuracy(row: dict[str, Any]) -> str:
    return f"{row['auc']['value']:.3f} / {row['accuracy']['value']:.3f}"


def _integers(rows: list[Any]) -> str:
    found: dict[tuple[str, float], dict[str, Row]] = {}
    for row in rows:
        found.setdefault((row["skew"], row["level"]), {})[row["way"]] = row
    head = ("skew", "alpha or strength", *map(_both_names, PROVEN_WAYS))
    return _table(
        (*head, "verified less plain, points (way of the largest)"),
        [
            (skew, f"{level:g}", *(_both_aucs(ways[way]) for way in PROVEN_WAYS), _widest(ways))
            for (skew, level), ways in found.items()
        ],
    )


def _both_names(way: str) -> str:
    # a head of one's own is shown to nobody, so nobody verifies it
    return f"{way}: {'in integers / in floats' if way == OWN else 'verified / plain'}"


def _both_aucs(row: dict[str, Any]) -> str:
    return f"{row['verified']['value']:.3f} / {row['plain']['value']:.3f}"


def _widest(ways: dict[str, Any]) -> str:
    way, row = max(ways.items(), key=lambda pair: abs(pair[1]["difference"]["value"]))
    return f"{_points(row['difference'])}, {way}"


def _scales(rows: list[Any]) -> str:
    head = ("fraction bits", "rows", "rounding alone, points (95 %)", "with noise, points (95 %)")
    proven = any("prove_seconds" in row for row in rows)
    return _table(
        (*head, "largest of a seed", *(("prove s", "proof B") if proven else ())),
        [[*_scale(row), *(_scale_proof(row) if proven else ())] for row in rows],
    )


def _scale(row: dict[str, Any]) -> list[str]:
    return [
        str(row["scale_bits"]),
        f"2^{row['logrows']}",
        _points(row["rounding_alone"]),
        _points(row["verified_less_plain"]),
        f"{100 * row['largest_gap']:.2f}",
    ]


def _scale_proof(row: dict[str, Any]) -> list[str]:
    return [
        f"{row['prove_seconds']:.1f}" if "prove_seconds" in row else "",
        f"{row['proof_bytes']:,}" if "proof_bytes" in row else "",
    ]


def _proven(found: dict[str, Any]) -> str:
    return (
        f"Seed {found['seed']}, {found['rounds']} rounds of {found['hospitals']} hospitals on a "
        f"local chain: {found['proofs_verified_on_chain']} proofs verified by the contracts, "
        f"{found['models_equal']} models (that before the first round and one after each) equal "
        f"to the integer run in all {found['entries_equal']} entries."
    )


def _end_points(rows: list[Any]) -> str:
    head = ("died within", "label known", "of them died", "left out", "smallest region", "second")
    return _table(
        head,
        [
            (f"{r['years']} years", r["known"], r["died"], r["left_out"], *r["smallest_regions"])
            for r in rows
        ],
    )
