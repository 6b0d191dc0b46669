"""Where a party exchanges artefacts: its workspace's store, or another that its settings name."""

from zkfl.artifacts import ArtifactStore
from zkfl.node.home import NodeHome
from zkfl.party_config import load_settings
from zkfl.workspace import Workspace


def store_of(home: NodeHome, workspace: Workspace) -> ArtifactStore:
    """Return a party's store; a relative path in its settings begins at the party's folder."""
    named = load_settings(home.root).config.store
    return workspace.store if named is None else ArtifactStore(home.root / named)
