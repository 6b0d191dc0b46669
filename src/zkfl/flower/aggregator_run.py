"""The aggregator's run at its own SuperLink: a ServerApp of this installation, and no other."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from flwr.app import RecordDict
from flwr.cli.build import build_fab_from_files
from flwr.common.serde import context_from_proto, run_from_proto
from flwr.proto.control_pb2 import StartRunRequest
from flwr.proto.fab_pb2 import Fab
from flwr.proto.runtime_pb2 import (
    AcquireTaskRequest,
    PullTaskInputRequest,
    SendTaskHeartbeatRequest,
)
from flwr.serverapp import ServerApp
from flwr.supercore.constant import TaskType
from flwr.supercore.control.control_http_client import ControlHttpClient
from flwr.supercore.heartbeat import HeartbeatSender
from flwr.supercore.interceptors import (
    RuntimeVersionHttpInterceptor,
    SuperExecAuthHttpInterceptor,
)
from flwr.supercore.runtime import RuntimeHttpClient
from flwr.supercore.task_identity import TaskIdentity
from flwr.superlink.grid.http_grid import HttpGrid

from zkfl.errors import ZkflError

_ACQUIRE = "/flwr.proto.Runtime/AcquireTask"
_COMPONENT = "flwr-serverapp"
_BUNDLE = b"""[project]
name = "zkfl"
version = "1.0.0"
description = "Names a run; the code is that of the parties' own installations."
license = "Apache-2.0"
dependencies = []

[tool.flwr.app]
publisher = "zkfl"

[tool.flwr.app.components]
serverapp = "none:none"
clientapp = "none:none"
"""


class AggregatorRunError(ZkflError):
    """The aggregator's SuperLink does not take its run."""


@dataclass(frozen=True)
class InsideAddress:
    """The SuperLink's port for this machine.

    Attributes
    ----------
    address
        ``127.0.0.1:port``.
    authority
        File of the authority that signed its certificate.
    runtime_secret
        Shows that this is the aggregator.
    """

    address: str
    authority: Path
    runtime_secret: bytes


def run_at_link(app: ServerApp, inside: InsideAddress) -> None:
    """Begin a run at the SuperLink and take the app through it.

    Raises
    ------
    AggregatorRunError
        The SuperLink does not answer, or not as it should.
    """
    authority = inside.authority.read_bytes()
    try:
        token = _token(inside, authority)
        grid = HttpGrid(inside.address, root_certificates=authority, token=token)
        _run(app, grid)
    except httpx.HTTPError as error:
        raise AggregatorRunError(
            f"the SuperLink at {inside.address} does not take the aggregator's run ({error}): is "
            "zkfl flower link running, with this folder?"
        ) from error


def _token(inside: InsideAddress, authority: bytes) -> str:
    control = ControlHttpClient.from_server_address(
        inside.address, insecure=False, root_certificates=authority, interceptors=[]
    )
    with control:
        bundle, _ = build_fab_from_files({"pyproject.toml": _BUNDLE})
        started = control.StartRun(StartRunRequest(fab=Fab(content=bundle)))
    if not started.run_id:
        raise AggregatorRunError("the SuperLink began no run")
    runtime = RuntimeHttpClient.from_server_address(
        inside.address,
        insecure=False,
        root_certificates=authority,
        interceptors=[
            RuntimeVersionHttpInterceptor(component_name=_COMPONENT),
            SuperExecAuthHttpInterceptor(
                master_secret=inside.runtime_secret, protected_methods={_ACQUIRE}
            ),
        ],
    )
    with runtime:
        task = runtime.AcquireTask(AcquireTaskRequest(supported_task_types=[TaskType.SERVER_APP]))
    if not task.token:
        raise AggregatorRunError("the SuperLink gave the aggregator's run to somebody else")
    return str(task.token)


def _run(app: ServerApp, grid: HttpGrid) -> None:
    # Flower's own ServerApp process takes both the same way: a grid has no other
    client = grid._runtime_client  # noqa: SLF001
    grid._retry_invoker.max_tries = 3  # noqa: SLF001 - a link that is away gets a new run later
    heartbeat = HeartbeatSender(lambda: _beat(client))
    heartbeat.start()
    try:
        task = client.PullTaskInput(PullTaskInputRequest())
        # the sender of every message that this process makes
        TaskIdentity.task_id = task.task_id
        TaskIdentity.run_id = task.run.run_id
        TaskIdentity.node_id = task.context.node_id
        grid.set_run(run_from_proto(task.run))
        context = context_from_proto(task.context)
        context.state = RecordDict()
        app(grid, context)
    finally:
        if heartbeat.is_running:
            heartbeat.stop()
        grid.close()


def _beat(client: RuntimeHttpClient) -> bool:
    """Say that the run goes on; a SuperLink that does not hear it shows elsewhere."""
    with suppress(httpx.HTTPError):
        client.SendTaskHeartbeat(SendTaskHeartbeatRequest())
    return True
