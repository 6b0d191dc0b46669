"""``zkfl circuits``: which circuits there are, what each proves, and how to build one.

The work is imported when a command is called: help must not wait for torch and ezkl.
"""
# ruff: noqa: PLC0415

from typing import TYPE_CHECKING, Annotated

import typer

from zkfl.cli.completion import circuit_names
from zkfl.cli.options import Srs
from zkfl.cli.output import error_console, point_progress, result_console, tell, tell_entry

if TYPE_CHECKING:
    from zkfl.zk_circuits.manifest import Manifest

circuits = typer.Typer(help="The circuits: what each proves, and its keys.", no_args_is_help=True)
Name = Annotated[
    str,
    typer.Argument(help="Of the circuit, from zkfl circuits list.", autocompletion=circuit_names),
]


@circuits.command("list")
def list_() -> None:
    """Show every circuit that a consortium can choose, and how many builds this machine holds.

    Example:  zkfl circuits list
    """
    from zkfl.zk_circuits.shelf import builds_of, definitions

    for name, definition in definitions().items():
        builds = len(builds_of(name))
        entry = {"name": name, "logrows": definition.spec.logrows, "builds": builds}
        text = f"{name:26} logrows {definition.spec.logrows}  {builds} built"
        tell_entry("circuits", dict(entry), text)


@circuits.command()
def show(name: Name) -> None:
    """Show what a circuit proves, its committed vectors, and its builds on this machine.

    Example:  zkfl circuits show logistic-training-wdbc
    """
    from zkfl.zk_circuits.shelf import builds_of, definition_named

    definition = definition_named(name)
    tell(f"circuit    {name}", circuit=name, spec=definition.spec.model_dump())
    tell(f"proves     {definition.statement}", statement=definition.statement)
    for side, tensors in (("input", definition.inputs), ("output", definition.outputs)):
        for tensor in tensors:
            entry = {"side": side, "name": tensor.name, "entries": tensor.length}
            text = f"{side:10} {tensor.name}: {tensor.length} entries, {tensor.meaning}"
            tell_entry("vectors", {**entry, "meaning": tensor.meaning}, text)
    for manifest in builds_of(name):
        _show_build(manifest)


@circuits.command()
def build(name: Name, srs: Srs = None) -> None:
    """Build a circuit: keys, verifier, manifest, and one proof to check them. Once a machine.

    Without --srs it stands on the INSECURE demo SRS, fit for rehearsals alone.

    Example:  zkfl circuits build admission-wdbc --srs consortium.srs
    """
    from zkfl.cache import cache_folder
    from zkfl.srs.checked import checked_srs
    from zkfl.srs.demo import cached_demo_srs
    from zkfl.zk_circuits.builder import build_circuit
    from zkfl.zk_circuits.shelf import definition_named

    definition = definition_named(name)
    with point_progress("checking the SRS") as report:
        logrows = definition.spec.logrows
        file = checked_srs(srs, report) if srs else cached_demo_srs(logrows, report)
    with error_console().status(f"building {name} (once a machine) …"):
        built = build_circuit(definition, file.path, cache_folder() / "circuits")
    _show_build(built.manifest)
    tell(f"files      {built.files.folder}", folder=str(built.files.folder))
    if srs is None:
        result_console().print("[bold red]INSECURE demo SRS[/]: its secret is public; demos only")


def _show_build(manifest: "Manifest") -> None:
    digest = manifest.manifest_hash().hex()
    entry: dict[str, object] = {
        "manifest_hash": digest,
        "proof_length": manifest.proof_length,
        "srs": manifest.hashes.srs,
        "ezkl": manifest.ezkl,
    }
    text = (
        f"build      {digest}, proof {manifest.proof_length} bytes, SRS {manifest.hashes.srs[:16]}…"
    )
    tell_entry("builds", entry, text)
