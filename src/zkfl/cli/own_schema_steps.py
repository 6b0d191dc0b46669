"""Agreements of a consortium whose records follow a schema of its own."""

from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.cli.consortium_session import StepError
from zkfl.cli.output import error_console, tell
from zkfl.consortium import Consortium
from zkfl.datasets.errors import DatasetError
from zkfl.founding import write_agreements
from zkfl.node.records.schema import load_schema
from zkfl.party_card import agreements_hash
from zkfl.workspace import Workspace
from zkfl.zk_circuits.instances import get_instance

_FILE_MODE = 0o644


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
) -> None:
    """Write ``consortium.json`` and ``schema.json``; every party brings its keys and records.

    Raises
    ------
    StepError
        Keys were asked for, or no circuits named.
    DatasetError
        The circuits take another number of features than the schema has.
    """
    if keys or circuits is None:
        raise StepError(
            "with --schema, hospitals bring keys and records of their own: add --no-keys, and name "
            "--circuits that take as many features as the schema has"
        )
    schema, spec = load_schema(schema_file), get_instance(circuits).spec
    if len(schema.features) != spec.features:
        raise DatasetError(
            f"schema {schema.name} has {len(schema.features)} features, the circuits {spec.name!r} "
            f"take {spec.features}: zkfl circuits list shows which there are"
        )
    consortium = Consortium.agree(
        name=f"{schema.name} consortium",
        dataset=schema.name,
        circuits=spec.name,
        scheme=scheme,
        weight_rule=weights,
        challenge_window=challenge_window,
        schema_sha256=schema.digest(),
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
