"""What a demo leaves behind: tables, a plot, the model, and everything as JSON."""

import json
from dataclasses import dataclass
from pathlib import Path

from rich.table import Table

from zkfl.atomic_file import write_atomically
from zkfl.demo.checks import check_result
from zkfl.demo.console import Console
from zkfl.demo.run import DemoResult
from zkfl.demo.settings import DemoSettings
from zkfl.evaluation.plot import plot_comparison
from zkfl.evaluation.report import comparison_json, comparison_table
from zkfl.model_export import export_model

_MODE = 0o644


@dataclass(frozen=True)
class Artefacts:
    """Where a demo's results lie."""

    model: Path
    plot: Path
    test_records: Path
    results: Path


def write_report(settings: DemoSettings, result: DemoResult, json_path: Path | None) -> Artefacts:
    """Check the result, then write model, plot, held-out records and JSON.

    Raises
    ------
    DemoCheckError
        The verified model is not what plain FedAvg gives; nothing is written.
    """
    check_result(result.comparison)
    folder = settings.folder
    artefacts = Artefacts(
        folder / "model.onnx",
        folder / "curves.png",
        folder / "test-records.csv",
        folder / "results.json",
    )
    _export(result, artefacts.model)
    plot_comparison(result.comparison, artefacts.plot)
    result.federation.test_records.to_csv(artefacts.test_records, index=False, lineterminator="\n")
    content = json.dumps(_as_json(settings, result), indent=2).encode() + b"\n"
    write_atomically(artefacts.results, content, _MODE)
    if json_path is not None:
        write_atomically(json_path, content, _MODE)
    return artefacts


def _export(result: DemoResult, path: Path) -> None:
    federation = result.federation
    export_model(
        result.model, result.parameters, federation.schema, federation.bounds, result.origin, path
    )


def _as_json(settings: DemoSettings, result: DemoResult) -> dict[str, object]:
    return {
        "format": "zkfl.demo.v1",
        "settings": {
            "dataset": settings.dataset,
            "circuits": settings.instance,
            "hospitals": settings.hospitals,
            "rounds": settings.rounds,
            "seed": settings.seed,
            "scheme": settings.scheme,
            "weight_rule": settings.weight_rule,
            "chain": settings.chain,
            "challenge_window": settings.challenge_window,
        },
        "comparison": comparison_json(result.comparison),
        "proofs_verified_on_chain": result.proofs,
        "proofs_posted": result.posted,
        "stages": result.ledger.to_dict(),
        "deployment": result.deployment.model_dump(mode="json"),
    }


def show_report(result: DemoResult, artefacts: Artefacts, console: Console) -> None:
    """Show the comparison, costs by stage, and where everything lies."""
    console.print(comparison_table(result.comparison))
    console.print(_cost_table(result))
    posted = f", {result.posted} posted and checked by every hospital" if result.posted else ""
    console.print(f"{result.proofs} proofs verified on chain{posted}; every check passed")
    console.print(f"model    {artefacts.model}")
    console.print(f"curves   {artefacts.plot}")
    console.print(f"results  {artefacts.results}")
    console.print(f"try      scripts/zkfl model predict {artefacts.model} {artefacts.test_records}")


def _cost_table(result: DemoResult) -> Table:
    table = Table("stage", title="seconds and gas by stage")
    for heading in ("seconds", "transactions", "gas", "gas each"):
        table.add_column(heading, justify="right")
    for name, cost in result.ledger.stages.items():
        each = f"{cost.gas // cost.transactions:,}" if cost.transactions else ""
        gas = f"{cost.gas:,}" if cost.gas else ""
        table.add_row(name, f"{cost.seconds:.1f}", str(cost.transactions or ""), gas, each)
    return table
