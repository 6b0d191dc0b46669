"""Where a consortium's folder keeps what Flower needs."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from zkfl.atomic_file import write_atomically
from zkfl.flower.certificates import LinkCertificates, ensure_node_key
from zkfl.private_file import read_private_file
from zkfl.workspace import Workspace

LOCAL_HOSTS = ("localhost", "127.0.0.1")
"""Names that every SuperLink's certificate holds: the aggregator reaches it by them."""
_SECRET_BYTES = 32


@dataclass(frozen=True)
class FlowerFiles:
    """The files of a folder's parties.

    Attributes
    ----------
    workspace
        Holds the aggregator, hospitals, or both.
    """

    workspace: Workspace

    @property
    def authority(self) -> Path:
        """Certificate of the consortium's authority, for every hospital; public."""
        return self._public / "ca.pem"

    @property
    def nodes(self) -> Path:
        """Public keys of the hospitals' nodes, ``<hospital>.pub``, at the aggregator."""
        return self._public / "nodes"

    @property
    def certificates(self) -> LinkCertificates:
        """TLS of the SuperLink."""
        keys = self._aggregator_keys
        return LinkCertificates(
            keys / "flower-ca.key",
            self.authority,
            keys / "flower-server.key",
            self._public / "server.pem",
        )

    def node_key(self, site: str) -> Path:
        """Return where a hospital's node has its key, mode 0600."""
        return self.workspace.site(site) / "keys" / "flower-node.key"

    def runtime_secret(self) -> bytes:
        """Return what the aggregator shows its SuperLink; both are of one folder.

        Raises
        ------
        PrivateFileError
            It was not made, or others can read it.
        """
        return read_private_file(self._runtime_secret)

    def ensure(self, sites: Sequence[str], hosts: Sequence[str]) -> list[str]:
        """Make what the folder's parties lack; return what was made, for people.

        Parameters
        ----------
        sites
            Hospitals of the consortium; those without a folder here are left alone.
        hosts
            Names and addresses of the SuperLink, beside `LOCAL_HOSTS`.
        """
        made = []
        if self._aggregator_keys.is_dir():
            made += self._ensure_link(hosts)
        for site in sites:
            key = self.node_key(site)
            if key.parent.is_dir() and ensure_node_key(key, self.nodes / f"{site}.pub"):
                made.append(f"{site}: key of its node, {key}")
        return made

    def _ensure_link(self, hosts: Sequence[str]) -> list[str]:
        made = []
        if not self._runtime_secret.exists():
            write_atomically(self._runtime_secret, secrets.token_bytes(_SECRET_BYTES))
            made.append(f"secret between aggregator and SuperLink, {self._runtime_secret}")
        if self.certificates.ensure([*LOCAL_HOSTS, *hosts]):
            made.append(f"certificate of the SuperLink, {self.certificates.server}")
        return made

    @property
    def _public(self) -> Path:
        return self.workspace.root / "flower"

    @property
    def _aggregator_keys(self) -> Path:
        return self.workspace.role("aggregator") / "keys"

    @property
    def _runtime_secret(self) -> Path:
        return self._aggregator_keys / "flower-runtime.secret"
