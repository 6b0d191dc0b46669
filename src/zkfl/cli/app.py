"""The ``zkfl`` command: names and options; the work is done elsewhere."""

import sys
from collections.abc import Callable

import typer

from zkfl.cli import consortium_commands as steps
from zkfl.cli import recovery_commands as recovery
from zkfl.cli import rotation_commands as rotation
from zkfl.cli.bond_commands import bond
from zkfl.cli.bundle_commands import bundle
from zkfl.cli.ceremony_commands import ceremony
from zkfl.cli.chain_command import chain
from zkfl.cli.circuits_commands import circuits
from zkfl.cli.common_options import add_common_options
from zkfl.cli.config_command import config
from zkfl.cli.council_commands import council
from zkfl.cli.demo_command import demo
from zkfl.cli.ending import run_to_the_end
from zkfl.cli.exit_codes_command import exit_codes
from zkfl.cli.features_commands import features
from zkfl.cli.flower_commands import flower
from zkfl.cli.he_key_commands import he_key
from zkfl.cli.import_commands import import_
from zkfl.cli.joining_commands import cards, join
from zkfl.cli.lineage_command import lineage
from zkfl.cli.log_commands import log
from zkfl.cli.metrics_commands import evaluate, metrics, prove_metrics
from zkfl.cli.model_commands import model
from zkfl.cli.predict_command import predict
from zkfl.cli.preflight_commands import doctor, preflight
from zkfl.cli.prover_commands import prover
from zkfl.cli.release_card_commands import export
from zkfl.cli.running_commands import aggregator, node
from zkfl.cli.split_command import split
from zkfl.cli.srs_commands import srs
from zkfl.cli.verify_all_command import verify_all

app = typer.Typer(
    name="zkfl",
    help="Hospitals train one model together; every step is proven and verified on a chain.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)
app.command()(demo)
# the names before there was a group of them
app.command(hidden=True)(predict)
app.command(hidden=True)(export)
app.command()(exit_codes)
app.command()(preflight)
app.command()(doctor)
app.command()(chain)
app.command()(lineage)
app.command()(split)
app.command()(verify_all)
app.add_typer(srs, name="srs")
app.add_typer(prover, name="prover")
app.add_typer(council, name="council")
app.add_typer(config, name="config")
app.add_typer(circuits, name="circuits")
app.add_typer(bond, name="bond")
app.add_typer(log, name="log")
app.add_typer(model, name="model")
app.add_typer(features, name="features")
app.add_typer(bundle, name="bundle")
app.add_typer(import_, name="import")
app.add_typer(he_key, name="he-key")
app.add_typer(flower, name="flower")
app.add_typer(node, name="node")
app.add_typer(aggregator, name="aggregator")
srs.add_typer(ceremony, name="ceremony")
_STEPS: dict[str, Callable[..., None]] = {
    "init": steps.init,
    "join": join,
    "cards": cards,
    "fund": steps.fund,
    "deploy": steps.deploy,
    "admit": steps.admit,
    "retire-shards": steps.retire_shards,
    "leave": steps.leave,
    "open": steps.open_,
    "prove": steps.prove,
    "train": steps.train,
    "close": steps.close,
    "acknowledge": steps.acknowledge,
    "prove-benefit": steps.prove_benefit,
    "prove-metrics": prove_metrics,
    "metrics": metrics,
    "evaluate": evaluate,
    "status": steps.status,
}
_RECOVERY: dict[str, Callable[..., None]] = {
    "answer": recovery.answer,
    "push": recovery.push,
    "challenge": recovery.challenge,
    "open-model": recovery.open_model,
}
_ROTATION: dict[str, Callable[..., None]] = {
    "rotate-account": rotation.rotate_account,
    "rotate-mask-key": rotation.rotate_mask_key,
}
for name, command in _STEPS.items():
    app.command(name, rich_help_panel="A consortium, step by step")(command)
for name, command in _RECOVERY.items():
    app.command(name, rich_help_panel="When a round does not go through")(command)

for name, command in _ROTATION.items():
    app.command(name, rich_help_panel="New keys")(command)


add_common_options(app)


def main() -> None:
    """Run the command of this process; see `zkfl.cli.ending` for how it ends."""
    sys.exit(run_to_the_end(app, sys.argv[1:]))
