"""Options that commands of a consortium share; nothing is imported that makes help slow."""

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.completion import hospital_names
from zkfl.party_config import DEFAULT_RPC_URL

Folder = Annotated[Path, typer.Argument(help="The consortium's folder, made by zkfl init.")]
RpcUrl = Annotated[str, typer.Option(envvar="ZKFL_RPC_URL", help="HTTP endpoint of the chain.")]
Srs = Annotated[
    Path | None,
    typer.Option(help="SRS of a ceremony or zkfl srs import; without one, init --demo is needed."),
]
Site = Annotated[
    list[str] | None,
    typer.Option(help="Hospital, repeatable; default: all.", autocompletion=hospital_names),
]
OneSite = Annotated[str, typer.Option(help="The hospital.", autocompletion=hospital_names)]
By = Annotated[
    str | None,
    typer.Option(help="Hospital that sends; default: the first.", autocompletion=hospital_names),
]
Cards = Annotated[
    Path | None, typer.Option(help="Folder of parties' cards; default: cards in the folder.")
]
Rounds = Annotated[
    int | None,
    typer.Option(help="End once so many rounds are final in all; default: never.", min=1),
]
LeastMembers = Annotated[
    int | None,
    typer.Option(
        help="Open a round once so many hospitals are ready; default: every active member.", min=3
    ),
]
RateScheduleOption = Annotated[
    str | None,
    typer.Option(
        "--rate-schedule",
        help="How each round's learning rate follows, for circuits that take one: constant, "
        "rounds:rounds=5,floor=64 or plateau:rounds=3,records=100 (with --metrics).",
    ),
]
Quiet = Annotated[
    float, typer.Option(help="Open a round once nobody admitted records for so long.", min=0)
]
Interval = Annotated[
    float, typer.Option(help="Seconds from one look at the chain to the next.", min=0.1, max=3_600)
]
DEFAULT_RPC = DEFAULT_RPC_URL
