"""``zkfl preflight`` and ``zkfl doctor``: what is in order before the work begins.

The work is imported when a command is called: help must not wait for it.
"""
# ruff: noqa: PLC0415

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.options import DEFAULT_RPC, Folder, RpcUrl, Srs
from zkfl.cli.output import error_console, keep_facts, tell_entry

if TYPE_CHECKING:
    from zkfl.preflight.findings import Finding


def preflight(
    folder: Folder,
    site: Annotated[str, typer.Option(help="The hospital that is to take part.")],
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Look at everything that a hospital needs for a round, and change nothing.

    Keys, records, machine, endpoint, membership, funds, circuits: a line each, with what to do.
    Ends with 15 if a line says fail.

    Example:  zkfl preflight consortium --site hospital-01
    """
    from zkfl.preflight.site import Site, examine_site
    from zkfl.workspace import Workspace

    with error_console().status("looking (circuits are built once a machine) …"):
        _report(examine_site(Site(Workspace(folder), site, rpc_url, srs)))


def doctor() -> None:
    """Look at this machine: versions, programs, memory, disks, caches, locks, SRS files.

    Example:  zkfl doctor
    """
    from zkfl.preflight.environment import examine_machine

    with error_console().status("looking …"):
        _report(examine_machine())


def _report(findings: Iterable["Finding"]) -> None:
    """Show findings as they come; end with `ExitCode.CHECK_FAILED` if one is a failure.

    Raises
    ------
    typer.Exit
        Something is not in order.
    """
    from zkfl.preflight.findings import Level, worst

    seen = []
    for finding in findings:
        seen.append(finding)
        entry: dict[str, object] = {
            "name": finding.name,
            "level": finding.level.value,
            "detail": finding.detail,
            "remedy": finding.remedy,
        }
        text = f"{finding.level.value:4}  {finding.name:18}  {finding.detail}"
        if finding.remedy:
            text += f"\n{'':26}→ {finding.remedy}"
        tell_entry("findings", entry, text)
    keep_facts(level=worst(seen).value)
    if worst(seen) is Level.FAIL:
        raise typer.Exit(ExitCode.CHECK_FAILED)
