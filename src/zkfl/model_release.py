"""The consortium's final model as an ONNX file that says where it comes from."""

from pathlib import Path

from zkfl.chain.deployment import Deployment
from zkfl.chain.registry import Registry
from zkfl.chain.states import ConsortiumConfig
from zkfl.errors import ZkflError
from zkfl.model_export import export_model
from zkfl.model_vector import NO_MODEL, current_model
from zkfl.node.hospital import SharedGround
from zkfl.node.records.standardise import FeatureBounds
from zkfl.release_card.content import ReleaseCard
from zkfl.release_card.errors import ReleaseCardError
from zkfl.zk_circuits.layout import unpack_model
from zkfl.zk_circuits.spec import CircuitSpec


class NoFinalModelError(ZkflError):
    """No round has become final yet."""


def provenance(
    deployment: Deployment, config: ConsortiumConfig, round_id: int, model_hash: bytes
) -> dict[str, str]:
    """Return what an exported model says of its origin; the SRS's kind is the contract's word."""
    return {
        "registry": deployment.registry,
        "chain_id": str(deployment.chain_id),
        "round": str(round_id),
        "model_hash": model_hash.hex(),
        "srs_insecure": str(config.srs_insecure).lower(),
        "training_circuit": config.training_circuit.hex(),
    }


def last_final_round(registry: Registry) -> int:
    """Return the round that the current model comes from: later ones may be open or failed."""
    return int(registry.events(names=["RoundFinalized"])[-1].values["roundId"])


def feature_bounds(spec: CircuitSpec) -> FeatureBounds:
    """Return the bounds on preprocessed rows that the circuits enforce."""
    return FeatureBounds(spec.feature_bound, spec.norm_bound, spec.scale_bits)


def release_model(
    ground: SharedGround,
    registry: Registry,
    deployment: Deployment,
    path: Path,
    card: ReleaseCard | None = None,
) -> Path:
    """Check the current model against the chain and write it as ONNX.

    Parameters
    ----------
    ground
        Of the consortium.
    registry, deployment
        Where the model is committed.
    path
        File to write.
    card
        Of this model; the file names its hash and its lineage.

    Raises
    ------
    NoFinalModelError
        The model is still the zero vector.
    ReleaseCardError
        The card is of another model: a round became final meanwhile.
    ModelMismatchError, ArtifactError, FieldError
        The stored model is missing or is not what the chain commits to.
    """
    if registry.model_hash() == NO_MODEL:
        raise NoFinalModelError(
            "no round is final yet, so the model is still zero: run a round first"
        )
    vector = current_model(registry, ground.store, ground.committer, ground.spec.model_length)
    round_id, digest = last_final_round(registry), registry.model_hash()
    origin = provenance(deployment, registry.config(), round_id, digest)
    if card is not None:
        origin |= _stated_by(card, round_id, digest)
    parameters = unpack_model(ground.spec, vector)
    bounds = feature_bounds(ground.spec)
    return export_model(ground.spec.model, parameters, ground.schema, bounds, origin, path)


def _stated_by(card: ReleaseCard, round_id: int, digest: bytes) -> dict[str, str]:
    lineage = card.lineage
    if (lineage.round, lineage.model_sha256) != (round_id, digest.hex()):
        raise ReleaseCardError(
            f"round {round_id} became final while the card of round {lineage.round} was written: "
            "repeat the command"
        )
    return {
        "card_sha256": card.sha256(),
        "round_card": lineage.round_card_sha256,
        "model_commitment": "".join(lineage.model_commitment),
        "final_transaction": lineage.final_transaction,
    }
