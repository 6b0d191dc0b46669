"""Making a proven prediction: of one record, under the model of one final round."""

from collections.abc import Callable
from dataclasses import dataclass

from zkfl.chain.protocol import inference_context
from zkfl.field import to_field
from zkfl.inference.errors import InferenceError
from zkfl.inference.prediction_file import ProvenPrediction, RecordOpening
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.inference.layout import NO_BLINDERS, fresh_blinders
from zkfl.zk_circuits.inference.reference import inferred_logit
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.prover import Proof
from zkfl.zk_circuits.spec import CircuitSpec

Prove = Callable[[BuiltCircuit, dict[str, list[int]]], Proof]
"""Makes a proof, where the hospital makes them."""


@dataclass(frozen=True)
class ModelOnChain:
    """The model of a final round, and where it stands.

    Attributes
    ----------
    chain_id, registry, round_id
        Which.
    vector
        What the round's commitment opens to, blinders included.
    """

    chain_id: int
    registry: str
    round_id: int
    vector: list[int]


def inference_circuit(spec: CircuitSpec) -> CircuitDefinition:
    """Return the circuit of an instance.

    Raises
    ------
    InferenceError
        The instance has none.
    """
    circuit = get_instance(spec.name).inference
    if circuit is None:
        raise InferenceError(
            f"the circuits {spec.name!r} prove no prediction, since their model has not one logit "
            "but several: score records without --prove, prove the model's metrics, or found a "
            "consortium on circuits with an inference-… (zkfl circuits list shows which)"
        )
    return circuit


def prove_prediction(
    circuit: BuiltCircuit,
    model: ModelOnChain,
    features: list[int],
    prove: Prove,
    *,
    public: bool,
) -> tuple[ProvenPrediction, RecordOpening]:
    """Prove what a round's model says of a record.

    Parameters
    ----------
    circuit
        The instance's circuit of inference, on the consortium's SRS.
    model
        Whose commitment the chain holds.
    features
        Of the record, at the circuit's scale.
    prove
        Makes the proof.
    public
        Whether the file shows the record; otherwise it only commits to it.

    Returns
    -------
    tuple[ProvenPrediction, RecordOpening]
        What anybody may have, and what opens the record.

    Raises
    ------
    ProverError
        As `zkfl.zk_circuits.prover.prove`.
    """
    spec = circuit.definition.spec
    # drawn for this proof alone: a second one would reveal a second equation
    opening = RecordOpening.of(features, NO_BLINDERS if public else fresh_blinders())
    record = opening.vector(spec)
    logit = inferred_logit(spec, record, model.vector)
    context = inference_context(model.chain_id, model.registry, model.round_id)
    vectors = {"record": record, "model": model.vector, "public": [to_field(logit), context]}
    proof = prove(circuit, vectors)
    prediction = ProvenPrediction(
        chain_id=model.chain_id,
        registry=model.registry,
        round=model.round_id,
        circuit=circuit.manifest.manifest_hash().hex(),
        logit=str(logit),
        record=[f"{coordinate:064x}" for coordinate in proof.points["record"]],
        features=features if public else None,
        proof=proof.data.hex(),
    )
    return prediction, opening
