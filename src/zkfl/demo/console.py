"""What a demo shows while it works."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console as RichConsole

from zkfl.chain.deployment import Deployment
from zkfl.datasets.federation import Federation
from zkfl.founding import Foundation


class Console:
    """Progress on standard error, so that standard output holds results alone."""

    def __init__(self, rich: RichConsole | None = None) -> None:
        self._rich = rich or RichConsole(stderr=True, highlight=False)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show a step that takes a while."""
        with self._rich.status(f"{name} …"):
            yield
        self._rich.print(f"[green]✓[/] {name}")

    @contextmanager
    def round(self, number: int, rounds: int) -> Iterator[Callable[[str], None]]:
        """Show a round; yields a function that takes what has happened."""
        label = f"round {number}/{rounds}"
        said: list[str] = []
        with self._rich.status(f"{label}: hospitals train and prove …") as status:

            def report(event: str) -> None:
                said.append(event)
                status.update(f"{label}: {'; '.join(said)} …")

            yield report
        self._rich.print(f"[green]✓[/] {label}: {'; '.join(said)}")

    def points(self, done: int, total: int) -> None:
        """Show the progress of the demo SRS."""
        if done == total:
            self._rich.print(f"  insecure demo SRS: {total} points computed")

    def circuits(self, foundation: Foundation) -> None:
        """Show what was built, and that its SRS is insecure if it is."""
        for circuit in (foundation.circuits.admission, foundation.circuits.training):
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
            positives = int(hospital.labels.sum())
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
