"""The parties of a workspace, ready to act on a chain."""

from dataclasses import replace

from eth_account.signers.local import LocalAccount

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.deployment import Deployment
from zkfl.chain.genuine import require_genuine
from zkfl.chain.registry import Registry
from zkfl.consortium import Consortium
from zkfl.founding import (
    Foundation,
    bond_config,
    circuit_config,
    consortium_config,
    open_ground,
    optional_config,
)
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode, SharedGround, StepCallback
from zkfl.party_accounts import open_client, open_next_account, open_reading_client
from zkfl.party_config import load_settings
from zkfl.party_store import store_of
from zkfl.prover_queue.route import prover_of
from zkfl.workspace import Workspace


def open_registry(
    home: NodeHome, deployment: Deployment, rpc_url: str, account: LocalAccount | None = None
) -> Registry:
    """Return the registry for a party that signs with its own chain key, or with another."""
    client = open_client(home, rpc_url, deployment.chain_id, account)
    deployment.require_on(client)
    return Registry(client, deployment.registry, deployment.block_number)


def require_agreed(
    registry: Registry, deployment: Deployment, consortium: Consortium, foundation: Foundation
) -> None:
    """Check that a registry and what it stands on are what a consortium agreed on.

    Raises as `require_genuine`.
    """
    circuits = foundation.circuits
    require_genuine(
        registry.client,
        deployment,
        consortium_config(consortium, foundation),
        foundation.srs.s_g2,
        circuit_config(circuits.admission),
        circuit_config(circuits.training),
        bond_config(consortium),
        optional_config(circuits.benefit),
        optional_config(circuits.evaluation),
        consortium.rate_schedule,
    )


def open_reader(workspace: Workspace, deployment: Deployment, rpc_url: str) -> Registry:
    """Return the registry for reading, at the endpoint of any party that is here.

    Raises
    ------
    NodeHomeError
        No party is here.
    """
    folder = workspace.any_party()
    home = NodeHome.open(workspace.role("office") if folder is None else folder)
    client = open_reading_client(home, rpc_url, deployment.chain_id)
    deployment.require_on(client)
    return Registry(client, deployment.registry, deployment.block_number)


class PartyOpener:
    """Opens nodes and the coordinator of one workspace, on genuine contracts only.

    Parameters
    ----------
    workspace, consortium, foundation, deployment
        What was founded.
    rpc_url
        The chain.
    """

    def __init__(
        self,
        workspace: Workspace,
        consortium: Consortium,
        foundation: Foundation,
        deployment: Deployment,
        rpc_url: str,
    ) -> None:
        self._workspace = workspace
        self._consortium = consortium
        self._foundation = foundation
        self._genuine = False
        self.deployment = deployment
        self._rpc_url = rpc_url
        self._ground = open_ground(workspace, consortium, foundation)

    def node(self, name: str, on_step: StepCallback | None = None) -> HospitalNode:
        """Open a hospital's node."""
        home = NodeHome.open(self._workspace.site(name))
        config = load_settings(home.root).config
        return HospitalNode(
            home,
            self._registry(home),
            self._ground_of(home),
            config.prover_deadline_seconds,
            on_step,
            prover_of(home.root, config),
        )

    def coordinator(self) -> Coordinator:
        """Open the aggregator."""
        home = NodeHome.open(self._workspace.role("aggregator"))
        return Coordinator(self._registry(home), self._ground_of(home))

    def reader(self) -> Registry:
        """Open the registry for reading, with nobody's key."""
        return open_reader(self._workspace, self.deployment, self._rpc_url)

    def _ground_of(self, home: NodeHome) -> SharedGround:
        """Return the common ground with the store that a party's settings name."""
        store = store_of(home, self._workspace)
        return replace(self._ground, store=store, metrics=self.deployment.metrics)

    def registry(self, home: NodeHome, *, with_next_key: bool = False) -> Registry:
        """Open the registry for a party, with the key that is to replace its own if asked to."""
        return self._registry(home, open_next_account(home) if with_next_key else None)

    def _registry(self, home: NodeHome, account: LocalAccount | None = None) -> Registry:
        """Open the registry, after one look at whether it is the agreed code."""
        registry = open_registry(home, self.deployment, self._rpc_url, account)
        if not self._genuine:
            require_agreed(registry, self.deployment, self._consortium, self._foundation)
            self._genuine = True
        return registry
