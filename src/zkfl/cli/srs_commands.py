"""``zkfl srs``: make, import and check structured reference strings.

The work is imported when a command is called: help must not wait for it.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import Progress

from zkfl.atomic_file import write_atomically
from zkfl.cli.output import PointsCallback, error_console, result_console, tell

if TYPE_CHECKING:
    from zkfl.srs import SrsFile

srs = typer.Typer(
    help="Structured reference strings: the public points behind every proof.",
    no_args_is_help=True,
)
Logrows = Annotated[int, typer.Option(min=3, max=28, help="log2 of the rows of the circuits.")]


@srs.command()
def demo(out: Path, logrows: Logrows = 14) -> None:
    """Write the INSECURE demo SRS, whose secret is public.

    Example:  zkfl srs demo demo.srs --logrows 14
    """
    from zkfl.srs import demo_srs

    with Progress(console=error_console()) as progress:
        made = demo_srs(logrows, out, _shown(progress, "computing points"))
    _describe(made)


@srs.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="A snarkjs .ptau, or an SRS file of EZKL.")],
    out: Annotated[Path, typer.Argument(help="Where to write the checked SRS.")],
    logrows: Logrows = 14,
) -> None:
    """Convert a ceremony's result, check it, and keep it only if it holds.

    A .ptau must be prepared for phase 2. Whether anybody knows the secret cannot be checked:
    that is what the ceremony is for.

    Example:  zkfl srs import powersOfTau28_hez_final_15.ptau consortium.srs --logrows 14
    """
    from zkfl.srs import SrsFile, check_srs, convert_ptau, is_ptau

    with Progress(console=error_console()) as progress:
        if is_ptau(source):
            made = convert_ptau(source, logrows, out, _shown(progress, "checking"))
        else:
            check_srs(SrsFile(source), _shown(progress, "checking"))
            write_atomically(out, source.read_bytes(), mode=0o644)
            made = SrsFile(out)
    _describe(made)


@srs.command()
def check(file: Path) -> None:
    """Check that an SRS belongs together: points, powers, both bases, pairings.

    Example:  zkfl srs check consortium.srs
    """
    from zkfl.srs import SrsFile, check_srs

    checked = SrsFile(file)
    with Progress(console=error_console()) as progress:
        check_srs(checked, _shown(progress, "checking"))
    _describe(checked)


def _shown(progress: Progress, what: str) -> PointsCallback:
    task = progress.add_task(what, total=None)
    return lambda done, total: progress.update(task, completed=done, total=total)


def _describe(made: "SrsFile") -> None:
    from zkfl.srs import is_demo

    digest, insecure = made.sha256().hex(), is_demo(made)
    tell(f"file     {made.path}", file=str(made.path))
    tell(f"logrows  {made.logrows}", logrows=made.logrows)
    tell(f"sha256   {digest}", sha256=digest, insecure=insecure)
    if insecure:
        result_console().print(
            "[bold red]INSECURE[/]: the secret of this SRS is public; demos only"
        )
