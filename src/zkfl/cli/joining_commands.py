"""``zkfl join`` and ``zkfl cards``: every party makes its own keys and shows who it is."""
# ruff: noqa: PLC0415 - help must not wait for torch and web3

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.options import DEFAULT_RPC, Cards, Folder, RpcUrl
from zkfl.workspace import ROLES


def join(
    agreements: Annotated[Path, typer.Argument(help="The office's consortium.json.")],
    folder: Annotated[Path, typer.Argument(help="The party's own folder, new or with others.")],
    site: Annotated[
        str | None, typer.Option(help="The hospital, as the agreements name it.")
    ] = None,
    role: Annotated[
        str | None, typer.Option(help="Instead of a hospital: office, aggregator or guardian.")
    ] = None,
) -> None:
    """Make a party's own keys, on its own machine, and a signed card for the others.

    The card holds public keys alone. It is bound to these agreements, and goes to the office.
    Repeated, the command makes no new keys and writes the card anew.

    Examples:  zkfl join consortium.json ours --site hospital-02  |
    zkfl join consortium.json office --role guardian
    """
    from zkfl.cli import card_steps

    if (site is None) == (role is None) or site in ROLES or not (role is None or role in ROLES):
        raise typer.BadParameter(f"name the party: --site, or --role of {', '.join(ROLES)}")
    card_steps.join(agreements, folder, site or str(role))


def cards(folder: Folder, cards: Cards = None, rpc_url: RpcUrl = DEFAULT_RPC) -> None:
    """Show the cards of parties with their fingerprints, and compare them with the chain.

    Compare fingerprints with each party over another channel, such as the telephone. Once the
    folder holds deployment.json, a member, a key or a role on chain that is not as on the cards,
    and a party without a card, end the command with status 15. With council.json in the folder,
    the office's role must be the council's.

    Example:  zkfl cards ours --cards received
    """
    from zkfl.cli import card_steps

    if not card_steps.show(folder, cards, rpc_url):
        raise typer.Exit(ExitCode.CHECK_FAILED)
