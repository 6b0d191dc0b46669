"""``zkfl train --no-zk-prove``: rounds in plain integers, of which nothing is sent."""

from pathlib import Path

from rich.table import Table

from zkfl.agreed_schema import agreed_schema
from zkfl.cli.consortium_session import chosen_sites, open_folder, open_parties
from zkfl.cli.output import error_console, keep_facts, keep_note, show_table, tell
from zkfl.consortium import Consortium
from zkfl.datasets.public_schema import public_schema
from zkfl.founding import weight_rule_of
from zkfl.model_vector import current_model
from zkfl.node.home import NodeHome
from zkfl.node.own_records import read_records
from zkfl.node.rehearsal import Records, RehearsalRules, RehearsedUpdate, rehearse
from zkfl.workspace import Workspace
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.layout import unpack_model
from zkfl.zk_circuits.spec import CircuitSpec

_COLUMNS = ("round", "hospital", "shard", "records", "share", "norm", "accuracy")
_NOTHING = "rehearsal: nothing was proven, signed or submitted, and the model has not moved"


def rehearse_rounds(
    folder: Path, site: list[str] | None, rpc_url: str, srs: Path | None, rounds: int
) -> None:
    """Show what rounds would do with the records in this folder."""
    workspace, consortium = open_folder(folder)
    spec = get_instance(consortium.circuits).spec
    names = chosen_sites(consortium, site)
    hospitals = {name: _records(workspace, consortium, spec, name) for name in names}
    rules = RehearsalRules(
        weight_rule_of(consortium),
        consortium.cap_share,
        consortium.noise_bound,
        consortium.rate_schedule,
    )
    begun = _parameters(workspace, consortium, spec, rpc_url, srs)
    table = Table(*_COLUMNS)
    rehearsed: list[dict[str, object]] = []
    with error_console().status("rehearsing …") as status:
        for number, updates in enumerate(rehearse(spec, hospitals, begun, rules, rounds), start=1):
            status.update(f"round {number} of {rounds} rehearsed …")
            for update in updates:
                table.add_row(str(number), *_row(update, spec))
                rehearsed.append({"round": number, **vars(update)})
    keep_facts(rehearsal=rehearsed, submitted=False)
    keep_note(_NOTHING)
    show_table(table)
    _tell_sizes(spec, rehearsed[-len(names) :])
    error_console().print(f"[bold]{_NOTHING}[/]")


def _tell_sizes(spec: CircuitSpec, last: list[dict[str, object]]) -> None:
    accuracies = [float(str(update["accuracy"])) for update in last]
    lowest, highest = min(accuracies), max(accuracies)
    tell(
        f"after the last round: accuracy {lowest:.3f} to {highest:.3f} on the hospitals' own "
        f"records; an update has {spec.parameters} parameters and {spec.update_blinders} blinders",
        lowest_accuracy=lowest,
        highest_accuracy=highest,
        parameters=spec.parameters,
        update_blinders=spec.update_blinders,
    )


def _records(workspace: Workspace, consortium: Consortium, spec: CircuitSpec, name: str) -> Records:
    """Return the newest version of a hospital's records."""
    home = NodeHome.open(workspace.site(name))
    path = home.records_of(home.latest_version())
    return read_records(path, agreed_schema(workspace, consortium, public_schema), spec)


def _parameters(
    workspace: Workspace,
    consortium: Consortium,
    spec: CircuitSpec,
    rpc_url: str,
    srs: Path | None,
) -> list[int]:
    """Return the consortium's current model; the zero model before it is on a chain."""
    if not workspace.deployment.exists():
        return [0] * spec.parameters
    node = open_parties(workspace, consortium, rpc_url, srs).node(consortium.hospitals[0])
    ground = node.ground
    vector = current_model(node.registry, ground.store, ground.committer, spec.model_length)
    return unpack_model(spec, vector)


def _row(update: RehearsedUpdate, spec: CircuitSpec) -> tuple[str, ...]:
    return (
        update.hospital,
        str(update.shard),
        f"{update.records} of {spec.slots}",
        str(update.share),
        f"{update.norm:.3f} of {spec.clip:g}",
        f"{update.accuracy:.3f}",
    )
