"""``zkfl model``: the consortium's model as a file, and what it says of records."""

import typer

from zkfl.cli.predict_command import predict
from zkfl.cli.prediction_commands import check_prediction, deploy_verifier
from zkfl.cli.release_card_commands import card, export

model = typer.Typer(
    help="The consortium's model: written as ONNX, used to score records, and proven to say so.",
    no_args_is_help=True,
)
model.command()(export)
model.command()(card)
model.command()(predict)
model.command("check-prediction")(check_prediction)
model.command("deploy-verifier")(deploy_verifier)
