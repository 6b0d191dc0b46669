"""``zkfl model card`` and ``export``: what leaves the consortium, and what is known of it.

The work is imported when a command is called: help must not wait for torch.
"""
# ruff: noqa: PLC0415

from pathlib import Path
from typing import Annotated

import typer

from zkfl.cli.options import DEFAULT_RPC, Folder, RpcUrl, Srs

Use = Annotated[
    Path | None,
    typer.Option(
        help="Text on the intended use, whoever wrote it; default: intended-use.txt in the folder."
    ),
]


def card(
    folder: Annotated[
        Path, typer.Argument(help="Folder with consortium.json and deployment.json.")
    ],
    out: Annotated[
        Path,
        typer.Option(help="Beside this .onnx file: model.card.json and model.card.md."),
    ] = Path("model.onnx"),
    intended_use: Use = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Write what is known of the current model: data, lineage, proven metrics, training, limits.

    This is the release card; a round's card is another one, on chain. Reads only, and needs no
    keys. Everything is read from the chain and recomputed or verified, and what is not known is
    said. Ends with status 12 at the first thing that does not hold.

    Example:  zkfl model card consortium --out model.onnx --intended-use use.txt
    """
    from zkfl.cli import release_card_steps

    release_card_steps.write_card(folder, out, intended_use, rpc_url, srs)


def export(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="File to write, which ends in .onnx.")] = Path(
        "model.onnx"
    ),
    intended_use: Use = None,
    rpc_url: RpcUrl = DEFAULT_RPC,
    srs: Srs = None,
) -> None:
    """Check the current model against the chain and write it as ONNX, for zkfl model predict.

    Its card is written beside it, and the model names the card's SHA-256.

    Example:  zkfl model export consortium --out model.onnx
    """
    from zkfl.cli import release_card_steps

    release_card_steps.export(folder, out, intended_use, rpc_url, srs)
