"""The SuperLink of a consortium: Flower's server, of which the outside reaches the Fleet API alone.

Flower serves three interfaces at one port. Whoever reaches the other two can start runs and
register nodes, so they are served at a port of this machine only.
"""

import socket
from dataclasses import dataclass
from pathlib import Path

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

from zkfl.flower.fleet_gate import FleetGate

LOOPBACK = "127.0.0.1"
IDLE_SECONDS = 75
"""For which a connection may rest.

Longer than Flower's clients keep theirs: one that the server closes at the moment in which a
client takes it up again loses a request, and with it the run or the node's connection.
"""


@dataclass(frozen=True)
class LinkFiles:
    """Where a SuperLink's certificate, its key and its authority are, and its runtime secret."""

    certificate: Path
    key: Path
    authority: Path
    runtime_secret: bytes


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
        self._names: dict[bytes, str] = {}
        self._nodes: dict[bytes, int] = {}
        self._server = uvicorn.Server(
            uvicorn.Config(
                FleetGate(app, inside_port, self._nodes),
                # this reader ends a request whose headers do not end; the other keeps them all
                http="h11",
                ssl_certfile=files.certificate,
                ssl_keyfile=files.key,
                timeout_keep_alive=IDLE_SECONDS,
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
        added = {key: name for key, name in keys.items() if key not in self._names}
        removed = {key: name for key, name in self._names.items() if key not in keys}
        for key, name in added.items():
            node_id = self._state.create_node(
                NOOP_FLWR_AID, NOOP_ACCOUNT_NAME, key, HEARTBEAT_DEFAULT_INTERVAL, name=name
            )
            self._names[key], self._nodes[key] = name, node_id
        for key in removed:
            del self._names[key]
            self._state.delete_node(NOOP_FLWR_AID, self._nodes.pop(key))
        return list(added.values()), list(removed.values())

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
