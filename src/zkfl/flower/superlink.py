"""The SuperLink of a consortium: Flower's server, of which the outside reaches the Fleet API alone.

Flower serves three interfaces at one port. Whoever reaches the other two can start runs and
register nodes, so they are served at a port of this machine only.
"""

import socket
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import uvicorn
from flwr.common.constant import (
    HEARTBEAT_DEFAULT_INTERVAL,
    NOOP_ACCOUNT_NAME,
    NOOP_FLWR_AID,
    TRANSPORT_TYPE_GRPC_RERE,
)
from flwr.server.superlink.linkstate import LinkState
from flwr.supercore.constant import FLWR_IN_MEMORY_DB_NAME
from flwr.superlink.auth_plugin import NoOpControlAuthnPlugin
from flwr.superlink.cli.flower_superlink import SuperLinkLifespan
from flwr.superlink.config_loader import SuperLinkLifespanConfig
from flwr.superlink.main import create_app

FLEET = "/v1/fleet/"
REQUEST_BYTES = 16 * 1024 * 1024
"""The largest request; Flower sends artefacts in pieces of 5 MB."""
LOOPBACK = "127.0.0.1"
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass(frozen=True)
class LinkFiles:
    """Where a SuperLink's certificate, its key and its authority are, and its runtime secret."""

    certificate: Path
    key: Path
    authority: Path
    runtime_secret: bytes


class _Node(NamedTuple):
    name: str
    node_id: int


class FleetOnly:
    """Shows the outside nothing but the Fleet API, and takes no endless requests.

    Parameters
    ----------
    app
        The SuperLink.
    inside_port
        At which everything is served.
    """

    def __init__(self, app: Asgi, inside_port: int) -> None:
        self._app = app
        self._inside_port = inside_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif refusal := self._refusal(scope):
            await _refuse(refusal, send)
        else:
            await self._app(scope, receive, send)

    def _refusal(self, scope: Scope) -> int | None:
        if scope["type"] != "http":
            return 404
        if scope["server"][1] == self._inside_port:
            return None
        if not str(scope["path"]).startswith(FLEET):
            return 404
        length = dict(scope["headers"]).get(b"content-length", b"")
        if not length.isdigit():
            return 411
        return 413 if int(length) > REQUEST_BYTES else None


async def _refuse(status: int, send: Send) -> None:
    await send({"type": "http.response.start", "status": status, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class SuperLink:
    """Flower's server with node authentication, its state in memory.

    Parameters
    ----------
    files
        For TLS, and the secret that a ServerApp shows.
    outside
        Host and port for hospitals.
    inside_port
        For the aggregator, on this machine.
    """

    def __init__(self, files: LinkFiles, outside: tuple[str, int], inside_port: int) -> None:
        self._files = files
        self._outside = outside
        self._inside_port = inside_port
        app = create_app(self._config(), SuperLinkLifespan)
        self._state: LinkState = app.state.linkstate_factory.state()
        self._nodes: dict[bytes, _Node] = {}
        self._server = uvicorn.Server(
            uvicorn.Config(
                FleetOnly(app, inside_port),
                ssl_certfile=files.certificate,
                ssl_keyfile=files.key,
                access_log=False,
                log_level="warning",
            )
        )

    def register(self, keys: dict[bytes, str]) -> tuple[list[str], list[str]]:
        """Let in exactly the nodes of these public keys; return names let in and shut out.

        Parameters
        ----------
        keys
            Names by PEM of the public key.
        """
        added = {key: name for key, name in keys.items() if key not in self._nodes}
        removed = {key: node for key, node in self._nodes.items() if key not in keys}
        for key, name in added.items():
            node_id = self._state.create_node(
                NOOP_FLWR_AID, NOOP_ACCOUNT_NAME, key, HEARTBEAT_DEFAULT_INTERVAL, name=name
            )
            self._nodes[key] = _Node(name, node_id)
        for key, node in removed.items():
            self._state.delete_node(NOOP_FLWR_AID, node.node_id)
            del self._nodes[key]
        return list(added.values()), [node.name for node in removed.values()]

    async def serve(self) -> None:
        """Serve until `stop`, or until the process is asked to end."""
        inside = _listening(LOOPBACK, self._inside_port)
        await self._server.serve(sockets=[_listening(*self._outside), inside])

    def stop(self) -> None:
        """Let `serve` return."""
        self._server.should_exit = True

    def _config(self) -> SuperLinkLifespanConfig:
        files = self._files
        return SuperLinkLifespanConfig(
            control_address="",
            health_server_address=None,
            host=self._outside[0],
            port=self._outside[1],
            insecure=False,
            certificates=(
                files.authority.read_bytes(),
                files.certificate.read_bytes(),
                files.key.read_bytes(),
            ),
            superexec_auth_secret=files.runtime_secret,
            authn_plugin=NoOpControlAuthnPlugin(),
            event_log_plugin=None,
            fleet_event_log_plugin=None,
            enable_event_log=False,
            artifact_provider=None,
            enable_supernode_auth=True,
            fleet_api_type=TRANSPORT_TYPE_GRPC_RERE,
            fleet_api_address=None,
            simulation=False,
            ssl_ca_certfile=str(files.authority),
            ssl_certfile=str(files.certificate),
            ssl_keyfile=str(files.key),
            database=FLWR_IN_MEMORY_DB_NAME,
            isolation="process",
            runtime_dependency_install=False,
        )


def _listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=128)
    listener.set_inheritable(False)
    return listener
