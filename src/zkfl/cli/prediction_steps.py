"""Proven predictions, as a hospital makes them."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from zkfl.cache import cache_folder
from zkfl.chain.inference_verifier import InferenceVerifier
from zkfl.chain.registry import Registry
from zkfl.cli.consortium_session import chosen_sites, open_folder, open_parties, saying, show
from zkfl.cli.ground_report import tell_ground
from zkfl.cli.output import error_console, tell
from zkfl.cli.prediction_record import Record, record_features
from zkfl.cli.prediction_report import tell_prediction
from zkfl.inference.checking import require_prediction
from zkfl.inference.errors import InferenceError
from zkfl.inference.proving import ModelOnChain, inference_circuit, prove_prediction
from zkfl.lineage import Lineage, rebuild_lineage
from zkfl.model_export import CheckedModel, export_model, read_model
from zkfl.model_release import feature_bounds
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode
from zkfl.party_accounts import open_client
from zkfl.srs.demo import is_demo
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.layout import unpack_model
from zkfl.zk_circuits.spec import CircuitSpec

OPENING_SUFFIX = ".opening"
_ROUND = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True)
class Chain:
    """A consortium's folder, its endpoint and its SRS."""

    folder: Path
    rpc_url: str
    srs: Path | None
    site: str | None = None


def required_folder(folder: Path | None) -> Path:
    """Return the consortium's folder, or say that a proof needs one."""
    if folder is None:
        raise InferenceError(
            "a proof is about the model on chain, which no model file is: name the consortium's "
            "folder (--consortium)"
        )
    return folder


def prove(model_path: Path, record: Record, chain: Chain, out: Path, *, public: bool) -> None:
    """Prove what the model of a final round says of a record, and write the files."""
    opened = out.with_name(out.name + OPENING_SUFFIX)
    for path in (out, opened):
        if path.exists():
            raise InferenceError(f"{path} exists: name a new file, no proof is written over")
    model = read_model(model_path)
    workspace, consortium = open_folder(chain.folder)
    opener = open_parties(workspace, consortium, chain.rpc_url, chain.srs)
    name = chosen_sites(consortium, [chain.site] if chain.site else None, workspace)[0]
    node = opener.node(name, saying(name))
    lineage = read_lineage(node.registry)
    on_chain = _model_on_chain(model, node)
    features = record_features(record, model.schema, node.spec, model)
    circuit = built_inference(node.spec, node.ground.circuits.training.files.srs)
    prediction, opening = prove_prediction(
        circuit,
        on_chain,
        features,
        lambda built, vectors: node.prove_step("proving the prediction", built, vectors),
        public=public,
    )
    require_prediction(prediction, lineage, circuit, node.ground.committer, opening)
    if not public:
        opening.save(opened)
    prediction.save(out)
    tell_prediction(prediction, node.spec)
    tell(f"proof      {out}", proof=str(out))
    if not public:
        tell(f"opening    {opened}: as secret as the record", opening=str(opened))
    tell_ground(insecure=is_demo(node.ground.committer.srs), agreed=True)


def deploy_verifier(chain: Chain) -> None:
    """Create a contract that checks proven predictions, paid for by a party that is here."""
    workspace, consortium = open_folder(chain.folder)
    opener = open_parties(workspace, consortium, chain.rpc_url, chain.srs)
    name = chosen_sites(consortium, [chain.site] if chain.site else None, workspace)[0]
    ground = opener.node(name).ground
    circuit = built_inference(ground.spec, ground.circuits.training.files.srs)
    home = NodeHome.open(workspace.site(name))
    client = open_client(home, chain.rpc_url, opener.deployment.chain_id)
    address, sent = InferenceVerifier.create(client, opener.deployment.registry, circuit)
    for what, result in zip(("verifier", "checker"), sent, strict=True):
        show(f"{name}: {what} of predictions created", result)
    tell(f"verifier   {address}", verifier=address)
    tell_ground(insecure=is_demo(ground.committer.srs), agreed=True)


def read_lineage(registry: Registry) -> Lineage:
    """Recompute a consortium's models, and say how far that is."""
    with error_console().status("reading the chain …") as status:
        return rebuild_lineage(
            registry, lambda round_id: status.update(f"round {round_id} adds up …")
        )


def built_inference(spec: CircuitSpec, srs: Path) -> BuiltCircuit:
    """Return an instance's circuit of inference, built on a consortium's SRS."""
    return build_circuit(inference_circuit(spec), srs, cache_folder() / "circuits")


def _model_on_chain(model: CheckedModel, node: HospitalNode) -> ModelOnChain:
    """Return the model of the file's round, if that is what the file holds."""
    registry, stated = node.registry, model.provenance
    here = {"chain_id": str(registry.client.chain_id), "registry": registry.address}
    other = [
        f"{key} {stated.get(key)!r}" for key, value in here.items() if stated.get(key) != value
    ]
    if other or not _ROUND.fullmatch(stated.get("round", "")):
        raise InferenceError(
            f"the model file names {', '.join(other) or 'no round'}, this consortium is {here}: "
            "export its model (zkfl model export), which says where it comes from"
        )
    round_id = int(stated["round"])
    vector = node.final_model(round_id)
    if _exported(model, vector, node) != model.content:
        raise InferenceError(
            f"the model file does not hold the model of round {round_id}: export it again (zkfl "
            "model export); nothing can be proven of another one"
        )
    return ModelOnChain(registry.client.chain_id, registry.address, round_id, vector)


def _exported(model: CheckedModel, vector: list[int], node: HospitalNode) -> bytes:
    spec, schema = node.spec, node.ground.schema
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.onnx"
        parameters = unpack_model(spec, vector)
        bounds = feature_bounds(spec)
        export_model(spec.model, parameters, schema, bounds, model.provenance, path)
        return read_model(path).content
