"""Whether a proven prediction holds: against a recomputed lineage, and natively.

What the registry states of a round is one answer of an endpoint, which whoever made the prediction
may have named. So its model is taken from the lineage: updates that members signed, and their sum.
"""

from zkfl.chain.protocol import inference_context
from zkfl.commitments import Committer
from zkfl.field import FieldError, to_field
from zkfl.inference.errors import (
    InvalidPredictionError,
    OtherConsortiumError,
    OtherLogitError,
    OtherModelError,
    OtherRecordError,
)
from zkfl.inference.prediction_file import ProvenPrediction, RecordOpening
from zkfl.lineage import Lineage
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.ezkl_calls import Point
from zkfl.zk_circuits.layout import LayoutError
from zkfl.zk_circuits.proof_check import valid_proofs
from zkfl.zk_circuits.prover import InvalidProofError, read_points


def require_prediction(
    prediction: ProvenPrediction,
    lineage: Lineage,
    circuit: BuiltCircuit,
    committer: Committer,
    opening: RecordOpening | None = None,
) -> None:
    """Check everything that a prediction says.

    Parameters
    ----------
    prediction
        From anybody.
    lineage
        Recomputed, of a registry whose code was compared with this checkout's. Members are those
        that the endpoint showed: it can make up some, and sign for them.
    circuit, committer
        Of inference, built here on the consortium's SRS, and of the same SRS.
    opening
        Of the record, where the checker was given one.

    Raises
    ------
    PredictionRefusedError
        One of its subclasses, for the first thing that does not hold.
    ProverError
        A file of the circuit is missing here.
    """
    _require_place(prediction, lineage, circuit)
    points = _points(prediction, circuit)
    _require_model(prediction, lineage, points["model"])
    _require_record(prediction, circuit, committer, points["record"], opening)
    _require_logit(prediction, committer, points)
    [valid] = valid_proofs(circuit, [prediction.proof_bytes])
    if not valid:
        raise InvalidPredictionError(
            "the proof does not verify: nobody proved this prediction, or the file was altered"
        )


def _require_place(prediction: ProvenPrediction, lineage: Lineage, circuit: BuiltCircuit) -> None:
    compared = (
        ("chain", prediction.chain_id, lineage.chain_id),
        ("registry", prediction.registry, lineage.registry),
        ("circuit", prediction.circuit, circuit.manifest.manifest_hash().hex()),
    )
    for name, stated, expected in compared:
        if stated != expected:
            raise OtherConsortiumError(
                f"the prediction is of {name} {stated}, and this consortium's is {expected}: it is "
                "about another consortium's model, or of another version of zkfl"
            )


def _points(prediction: ProvenPrediction, circuit: BuiltCircuit) -> dict[str, Point]:
    try:
        return read_points(circuit.definition, prediction.proof_bytes)
    except InvalidProofError as error:
        raise InvalidPredictionError(f"the prediction's proof is none: {error}") from error


def _require_model(prediction: ProvenPrediction, lineage: Lineage, model: Point) -> None:
    cards = {final.card.round_id: final.card for final in lineage.finals}
    card = cards.get(prediction.round)
    if card is None:
        raise OtherModelError(
            f"round {prediction.round} is not among the final rounds that were recomputed (the "
            f"last is {max(cards, default='none')}), so it has no model that anybody could predict "
            "with"
        )
    if model != tuple(card.model_after):
        raise OtherModelError(
            f"the proof is about another model than that of round {prediction.round}: members' "
            f"updates lead to C(G') = {tuple(card.model_after)}, the proof says {model}"
        )


def _require_record(
    prediction: ProvenPrediction,
    circuit: BuiltCircuit,
    committer: Committer,
    record: Point,
    opening: RecordOpening | None,
) -> None:
    if record != tuple(prediction.record_point):
        raise OtherRecordError(
            f"the proof is about the record {record}, the file states "
            f"{tuple(prediction.record_point)}"
        )
    for given in filter(None, (prediction.opening, opening)):
        try:
            opened = tuple(committer.commit(given.vector(circuit.definition.spec)))
        except (LayoutError, FieldError) as error:
            raise OtherRecordError(str(error)) from error
        if opened != record:
            raise OtherRecordError(
                "the proof is about another record than the one that is shown: its features or "
                "blinders are not those that were committed to"
            )


def _require_logit(
    prediction: ProvenPrediction, committer: Committer, points: dict[str, Point]
) -> None:
    context = inference_context(prediction.chain_id, prediction.registry, prediction.round)
    stated = committer.commit([to_field(prediction.logit_integer), context])
    if points["public"] != tuple(stated):
        raise OtherLogitError(
            f"the proof does not state the logit {prediction.logit} of class {prediction.label} "
            f"for round {prediction.round}: the file was altered"
        )
    if points["zeros"] != tuple(committer.zero):
        raise OtherLogitError(
            f"the logit {prediction.logit} is not what the model says of the record: the proof "
            "itself shows it"
        )
