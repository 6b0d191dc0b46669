"""``zkfl model``: the consortium's model as a file, and what it says of records."""

import typer

from zkfl.cli.consortium_commands import export
from zkfl.cli.predict_command import predict

model = typer.Typer(
    help="The consortium's model: written as ONNX, and used to score records.",
    no_args_is_help=True,
)
model.command()(export)
model.command()(predict)
