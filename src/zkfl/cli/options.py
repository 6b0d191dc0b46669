"""Options that commands of a consortium share; nothing is imported that makes help slow."""

from pathlib import Path
from typing import Annotated

import typer

from zkfl.party_config import DEFAULT_RPC_URL

Folder = Annotated[Path, typer.Argument(help="The consortium's folder, made by zkfl init.")]
RpcUrl = Annotated[str, typer.Option(envvar="ZKFL_RPC_URL", help="HTTP endpoint of the chain.")]
Srs = Annotated[
    Path | None,
    typer.Option(help="SRS of a ceremony or zkfl srs import; without one, init --demo is needed."),
]
Site = Annotated[list[str] | None, typer.Option(help="Hospital, repeatable; default: all.")]
By = Annotated[str | None, typer.Option(help="Hospital that sends; default: the first.")]
Cards = Annotated[
    Path | None, typer.Option(help="Folder of parties' cards; default: cards in the folder.")
]
DEFAULT_RPC = DEFAULT_RPC_URL
