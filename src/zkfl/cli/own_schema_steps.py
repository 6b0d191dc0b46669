"""Agreements of a consortium whose records follow a schema of its own."""

import os
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.cli.consortium_session import StepError
from zkfl.cli.output import error_console, tell
from zkfl.consortium import Consortium
from zkfl.datasets.fit import require_features
from zkfl.founding import write_agreements
from zkfl.node.records.schema import load_schema
from zkfl.party_card import agreements_hash
from zkfl.rated_circuits import agreed_schedule
from zkfl.workspace import Workspace
from zkfl.zk_circuits.instances import get_instance

_DATA_DIR = "ZKFL_DATA_DIR"
_FILE_MODE = 0o644


def refuse_data_options(dataset: str | None, seed: int | None, data_dir: Path | None) -> None:
    """Refuse options of a data set: records under a schema of one's own have none of them.

    Raises
    ------
    StepError
        One was given.
    """
    # the variable may be set for other commands
    elsewhere = None if str(data_dir) == os.environ.get(_DATA_DIR) else data_dir
    given = {"--dataset": dataset, "--seed": seed, "--data-dir": elsewhere}
    for option, value in given.items():
        if value is not None:
            raise StepError(
                f"{option} does not go with --schema: hospitals bring records of their own"
            )


def init_with_schema(  # noqa: PLR0913 - each is an option of the command
    folder: Path,
    schema_file: Path,
    *,
    circuits: str | None,
    hospitals: int,
    scheme: str,
    weights: str,
    challenge_window: int,
    demo: bool,
    keys: bool,
    metrics: bool,
    rates: str | None = None,
) -> None:
    """Write ``consortium.json`` and ``schema.json``; every party brings its keys and records.

    Raises
    ------
    StepError
        Keys were asked for, or no circuits named.
    DatasetError
        The circuits take another number of features than the schema has, or other ones.
    """
    if keys or circuits is None:
        raise StepError(
            "with --schema, hospitals bring keys and records of their own: add --no-keys, and name "
            "--circuits that take as many features as the schema has"
        )
    schema, spec = load_schema(schema_file), get_instance(circuits).spec
    require_features(schema, spec)
    consortium = Consortium.agree(
        name=f"{schema.name} consortium",
        dataset=schema.name,
        circuits=spec.name,
        scheme=scheme,
        weight_rule=weights,
        challenge_window=challenge_window,
        schema_sha256=schema.digest(),
        proven_metrics=metrics,
        rate_schedule=agreed_schedule(rates, spec),
        demo=demo,
        hospitals=tuple(f"hospital-{number:02d}" for number in range(1, hospitals + 1)),
    )
    workspace = Workspace(folder)
    write_agreements(workspace, consortium)
    write_atomically(workspace.schema, schema.to_json().encode() + b"\n", _FILE_MODE)
    agreed = agreements_hash(consortium)
    tell(f"agreements  {agreed}  {workspace.consortium}", agreements=agreed)
    tell(f"schema      {schema.digest()}  {workspace.schema}", schema=schema.digest())
    error_console().print("send both files to every party: each keeps them side by side")
