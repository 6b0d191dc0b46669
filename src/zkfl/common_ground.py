"""What hospitals and aggregator of a consortium use alike."""

from dataclasses import dataclass

from zkfl.artifacts import ArtifactStore
from zkfl.commitments import Committer
from zkfl.encryption import EncryptionScheme
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.spec import CircuitSpec


@dataclass(frozen=True)
class Circuits:
    """The consortium's circuits, built on its SRS; the last two where it agreed on them."""

    admission: BuiltCircuit
    training: BuiltCircuit
    benefit: BuiltCircuit | None = None
    evaluation: BuiltCircuit | None = None


@dataclass(frozen=True, kw_only=True)
class CommonGround:
    """What every party holds a copy of, or can reach.

    Attributes
    ----------
    circuits, committer
        Of the consortium's SRS.
    scheme
        Homomorphic encryption.
    store
        Where artefacts are exchanged by hash; nothing in it is trusted.
    noise_bound
        As agreed, an integer at scale ``s + 23``; an endpoint's word for it could leave an update
        without noise.
    challenge_window
        As agreed, in seconds: above 0, proofs are posted, and every party checks them itself.
    """

    circuits: Circuits
    committer: Committer
    scheme: EncryptionScheme
    store: ArtifactStore
    noise_bound: int
    challenge_window: int = 0

    @property
    def spec(self) -> CircuitSpec:
        """Sizes, bounds and training constants."""
        return self.circuits.training.definition.spec
