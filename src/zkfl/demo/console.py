"""What a demo shows while it works."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console as RichConsole

from zkfl.chain.deployment import Deployment
from zkfl.datasets.federation import Federation
from zkfl.demo.round_progress import RoundProgress
from zkfl.evaluation.metrics import Metrics
from zkfl.founding import Foundation

_FIGURES = {
    "accuracy": "accuracy",
    "auc": "AUC",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "f1": "F1",
}


def _figure(metrics: Metrics, name: str) -> str:
    value = getattr(metrics, name)
    return "-" if value is None else f"{value:.3f}"


def _ignore(_: str) -> None:
    """Show nothing: no step is under way."""


class Console:
    """Progress on standard error, so that standard output holds results alone."""

    def __init__(self, rich: RichConsole | None = None) -> None:
        self._rich = rich or RichConsole(stderr=True, highlight=False, soft_wrap=True)
        self._detail: Callable[[str], None] = _ignore

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step that takes a while, with what `detail_of` callbacks say meanwhile."""
        with self._rich.status(f"{name} …") as status:
            self._detail = lambda detail: status.update(f"{name}: {detail} …")
            yield
            self._detail = _ignore
        self._rich.print(f"[green]✓[/] {name}")

    def detail_of(self, hospital: str) -> Callable[[str], None]:
        """Return a function that shows what a hospital does within the present step."""
        return lambda what: self._detail(f"{hospital} is {what}")

    @contextmanager
    def round(self, number: int, rounds: int, hospitals: int) -> Iterator[RoundProgress]:
        """Show a round while it runs, and what it came to."""
        label = f"round {number}/{rounds}"
        start = time.perf_counter()
        with self._rich.status(f"{label} …") as status:
            progress = RoundProgress(hospitals, lambda line: status.update(f"{label}: {line} …"))
            yield progress
        seconds = time.perf_counter() - start
        self._rich.print(f"[green]✓[/] {label}: {progress.line()} · {seconds:.1f} s")

    def scored(self, metrics: Metrics) -> None:
        """Show how the round's final model does on the held-out records."""
        shown = [f"{label} {_figure(metrics, name)}" for name, label in _FIGURES.items()]
        self._rich.print("  " + ", ".join(shown))

    def points(self, done: int, total: int) -> None:
        """Show the progress of the demo SRS."""
        if done == total:
            self._rich.print(f"  insecure demo SRS: {total} points computed")

    def circuits(self, foundation: Foundation) -> None:
        """Show what was built, and that its SRS is insecure if it is."""
        circuits = foundation.circuits
        for circuit in filter(None, (circuits.admission, circuits.training, circuits.benefit)):
            manifest = circuit.manifest
            self._rich.print(
                f"  {manifest.circuit}: logrows {manifest.logrows}, proof {manifest.proof_length} "
                f"bytes, manifest {manifest.manifest_hash().hex()[:16]}…"
            )
        self._rich.print(
            "  [bold red]INSECURE demo SRS[/]: its secret is public; never use it outside a demo"
        )

    def federation(self, federation: Federation) -> None:
        """Show who holds how many records."""
        for hospital in federation.hospitals:
            positives = int((hospital.labels == federation.schema.positive_class).sum())
            self._rich.print(
                f"  {hospital.name}: {len(hospital.labels)} records, {positives} positive"
            )
        self._rich.print(f"  held out: {len(federation.test_labels)} records")

    def deployed(self, deployment: Deployment) -> None:
        """Show where the contracts are, and what they cost."""
        gas = sum(transaction.gas_used for transaction in deployment.transactions)
        self._rich.print(f"  registry {deployment.registry}, {gas:,} gas")

    def admitted(self, proofs: int) -> None:
        """Show how many shards are admitted."""
        self._rich.print(f"  {proofs} shards proven well formed and admitted")

    def print(self, renderable: object) -> None:
        """Show anything else."""
        self._rich.print(renderable)
