"""The parties of a workspace, ready to act on a chain."""

from zkfl.aggregator.coordinator import Coordinator
from zkfl.chain.deployment import Deployment
from zkfl.chain.registry import Registry
from zkfl.consortium import Consortium
from zkfl.founding import Foundation, open_client, open_ground
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode, StepCallback
from zkfl.workspace import Workspace


def open_registry(home: NodeHome, deployment: Deployment, rpc_url: str) -> Registry:
    """Return the registry for a party that signs with its own chain key."""
    client = open_client(home, rpc_url, deployment.chain_id)
    deployment.require_on(client)
    return Registry(client, deployment.registry)


class PartyOpener:
    """Opens nodes and the coordinator of one workspace.

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
        self.deployment = deployment
        self._rpc_url = rpc_url
        self._ground = open_ground(workspace, consortium, foundation)

    def node(self, name: str, on_step: StepCallback | None = None) -> HospitalNode:
        """Open a hospital's node."""
        home = NodeHome.open(self._workspace.site(name))
        registry = open_registry(home, self.deployment, self._rpc_url)
        return HospitalNode(home, registry, self._ground, on_step=on_step)

    def coordinator(self) -> Coordinator:
        """Open the aggregator."""
        home = NodeHome.open(self._workspace.role("aggregator"))
        return Coordinator(open_registry(home, self.deployment, self._rpc_url), self._ground)
