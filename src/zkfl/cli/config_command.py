"""``zkfl config``: the settings of a party, and where each comes from."""
# ruff: noqa: PLC0415 - help must not wait for web3

import json
from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.options import DEFAULT_RPC, RpcUrl
from zkfl.cli.output import tell_entry
from zkfl.party_config import PartySettings, load_settings

config = typer.Typer(
    help="Settings of a party: party.toml in its folder, the environment, flags.",
    no_args_is_help=True,
)


@config.command()
def show(
    home: Annotated[Path, typer.Argument(help="The party's folder, with or without party.toml.")],
    rpc_url: RpcUrl = DEFAULT_RPC,
    *,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value comes from.")
    ] = False,
) -> None:
    """Print the settings that count for a party; no secret is among them.

    A flag goes before the environment, the environment before party.toml, that before the default.

    Example:  zkfl config show consortium/sites/hospital-01 --origin
    """
    from zkfl.node.home import NodeHome

    del rpc_url  # counts as every flag does, in load_settings
    settings = load_settings(NodeHome.open(home).root)
    shown = {key: _shown(key, settings) for key in settings.origins}
    width = max(len(value) for value in shown.values())
    for key, value in shown.items():
        place = settings.origins[key]
        line = f"{key:23} = {value:{width}}  # {place}" if origin else f"{key:23} = {value}"
        tell_entry("settings", {"key": key, "value": json.loads(value), "origin": place}, line)


def _shown(key: str, settings: PartySettings) -> str:
    """Return a value as TOML writes it; of a URL no path, which can hold an API key."""
    value = settings.config.model_dump(mode="json")[key]
    if key == "rpc_url":
        from zkfl.chain.transport import redact_url

        value = redact_url(str(value))
    if key == "max_fee_gwei":
        value = float(value)
    return json.dumps(value)
