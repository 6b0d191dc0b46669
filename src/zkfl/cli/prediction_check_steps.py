"""Proven predictions, as anybody checks them."""

from pathlib import Path

from web3 import Web3

from zkfl.agreed_schema import agreed_schema
from zkfl.auditor import open_audit
from zkfl.chain.inference_verifier import InferenceVerifier
from zkfl.chain.registry import Registry
from zkfl.cli.consortium_session import StepError
from zkfl.cli.ground_report import tell_ground
from zkfl.cli.output import error_console, keep_facts, tell
from zkfl.cli.prediction_record import Record, record_features
from zkfl.cli.prediction_report import tell_prediction
from zkfl.cli.prediction_steps import Chain, built_inference, read_lineage
from zkfl.commitments import Committer
from zkfl.consortium import Consortium
from zkfl.datasets.public_schema import public_schema
from zkfl.inference.checking import require_prediction
from zkfl.inference.errors import InferenceError, OtherRecordError, PredictionFileError
from zkfl.inference.prediction_file import ProvenPrediction, RecordOpening
from zkfl.lineage import Lineage
from zkfl.srs.demo import is_demo
from zkfl.workspace import Workspace
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.spec import CircuitSpec


def check(
    path: Path,
    chain: Chain,
    opening: Path | None,
    record: Record | None,
    verifier: str | None,
) -> None:
    """Check a proven prediction against the chain; end with the first thing that does not hold."""
    if verifier is not None and not Web3.is_checksum_address(verifier):
        raise StepError(f"{verifier[:80]!r} is no checksummed address: copy it with its capitals")
    prediction = ProvenPrediction.load(path)
    shown = RecordOpening.load(opening) if opening else prediction.opening
    with error_console().status("loading circuits (built once a machine) …"):
        audited = open_audit(chain.folder, chain.rpc_url, chain.srs)
        srs = audited.circuits.training.files.srs
        spec = audited.circuits.training.definition.spec
        circuit = built_inference(spec, srs)
    lineage, committer = read_lineage(audited.registry), Committer(srs)
    with error_console().status("checking …"):
        require_prediction(prediction, lineage, circuit, committer, shown)
    if record is not None:
        _require_row(shown, record, chain.folder, spec)
    if verifier is not None:
        _ask_contract(prediction, audited.registry, verifier, circuit)
    tell_prediction(prediction, spec)
    _tell_round(prediction, lineage)
    _tell_record(prediction, shown, record)
    tell_ground(insecure=is_demo(committer.srs), agreed=audited.agreed)


def _require_row(
    shown: RecordOpening | None, record: Record, folder: Path, spec: CircuitSpec
) -> None:
    if shown is None:
        raise PredictionFileError(
            "the prediction only commits to its record: ask whoever made it for the opening "
            "(--opening), or for a public one"
        )
    if not folder.is_dir():
        raise InferenceError(
            f"{folder} is no folder with consortium.json, which says how a row becomes a record"
        )
    workspace = Workspace(folder)
    schema = agreed_schema(workspace, Consortium.load(workspace.consortium), public_schema)
    if record_features(record, schema, spec) != shown.features:
        raise OtherRecordError(
            f"row {record.row or 1} of {record.file} is not the record that the proof is about"
        )


def _ask_contract(
    prediction: ProvenPrediction, registry: Registry, address: str, circuit: BuiltCircuit
) -> None:
    verifier = InferenceVerifier(registry.client, address, registry.address, circuit)
    verifier.require_inference(
        prediction.round, prediction.logit_integer, prediction.record_point, prediction.proof_bytes
    )
    tell(f"on chain   valid, says {verifier.address}", on_chain=True, verifier=verifier.address)


def _tell_round(prediction: ProvenPrediction, lineage: Lineage) -> None:
    latest = lineage.finals[-1].card.round_id
    newer = "the latest" if latest == prediction.round else f"there is a newer one, {latest}"
    tell(
        f"model      of round {prediction.round} ({newer}), registry {prediction.registry} on "
        f"chain {prediction.chain_id}",
        round=prediction.round,
        latest_round=latest,
        registry=prediction.registry,
        chain_id=prediction.chain_id,
    )


def _tell_record(
    prediction: ProvenPrediction, shown: RecordOpening | None, record: Record | None
) -> None:
    if record is not None:
        said = f"row {record.row or 1} of {record.file}"
    elif shown is not None:
        said = "as the opening shows" if prediction.features is None else "public, in the file"
    else:
        said = "committed to, and not shown: whose it is, nobody knows from this file"
    tell(f"record     {said}", record_shown=shown is not None, record_compared=record is not None)
    keep_facts(valid=True)
