"""Predictions with real proofs: made from a model file, checked against the chain, and refused."""

import json
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import TYPE_CHECKING, Any

import onnx
import pytest

from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.events import ChainEvent
from zkfl.chain.genuine import NotGenuineError
from zkfl.chain.inference_verifier import InferenceVerifier
from zkfl.chain.registry import Registry
from zkfl.chain.states import Round
from zkfl.cli.exit_codes import ExitCode
from zkfl.cli.prediction_record import Record
from zkfl.cli.prediction_steps import Chain
from zkfl.cli.prediction_steps import prove as prove_by_command
from zkfl.curve import G1Point
from zkfl.inference.checking import require_prediction
from zkfl.inference.errors import (
    InvalidPredictionError,
    OtherConsortiumError,
    OtherLogitError,
    OtherModelError,
    OtherRecordError,
    PredictionRefusedError,
)
from zkfl.inference.prediction_file import ProvenPrediction, RecordOpening
from zkfl.inference.proving import ModelOnChain, inference_circuit, prove_prediction
from zkfl.lineage import Lineage, rebuild_lineage
from zkfl.model_export import predict
from zkfl.model_export.layout import PROVENANCE_KEY
from zkfl.model_release import release_model
from zkfl.node.home import NodeHome
from zkfl.party_accounts import open_account
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.prover import Proof, prove, read_points

if TYPE_CHECKING:
    from conftest import Site

Run = Callable[..., SimpleNamespace]
CHAIN_ID = 31_337
DEADLINE = 120.0
ROUND = 1
ROW = 2


@dataclass(frozen=True)
class Case:
    """A final round's model as a file, records, and a proven prediction of one of them."""

    site: "Site"
    circuit: BuiltCircuit
    model: Path
    records: Path
    proof: Path
    lineage: Lineage

    @property
    def prediction(self) -> ProvenPrediction:
        return ProvenPrediction.load(self.proof)

    @property
    def opening(self) -> RecordOpening:
        return RecordOpening.load(self.proof.with_name("prediction.json.opening"))

    @property
    def on_chain(self) -> ModelOnChain:
        node = self.site.node("ada")
        address = self.site.deployment.registry
        return ModelOnChain(CHAIN_ID, address, ROUND, node.final_model(ROUND))

    def check(self, prediction: ProvenPrediction, opening: RecordOpening | None = None) -> None:
        committer = self.site.ground.committer
        require_prediction(prediction, self.lineage, self.circuit, committer, opening)

    def proven(
        self, changes: Mapping[str, Any] | None = None, *, wrong: int = 0
    ) -> ProvenPrediction:
        """Prove the same record's prediction with changes; ``wrong`` is added to the logit."""

        def unchecked(built: BuiltCircuit, vectors: dict[str, list[int]]) -> Proof:
            public = [vectors["public"][0] + wrong, vectors["public"][1]]
            inputs = vectors | {"public": public}
            return prove(built, inputs, DEADLINE, require_zeros=not wrong)

        model = replace(self.on_chain, **(changes or {}))
        features = self.opening.features
        made, _ = prove_prediction(self.circuit, model, features, unchecked, public=True)
        return made.model_copy(update={"logit": str(made.logit_integer + wrong)})


@pytest.fixture(scope="module")
def case(
    committed: "Site",
    borrow: Callable[["Site", Path], Iterator["Site"]],
    make_records: Callable[[Path, int, int], None],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Case]:
    folder = tmp_path_factory.mktemp("predicted")
    for lent in borrow(committed, folder):
        schema = lent.ground.schema
        agreed = lent.consortium.model_copy(update={"schema_sha256": schema.digest()})
        lent.workspace.consortium.write_bytes(agreed.to_json())
        lent.workspace.schema.write_text(schema.to_json())
        site = replace(lent, consortium=agreed)
        node = site.node("ada")
        model = release_model(site.ground, node.registry, site.deployment, folder / "model.onnx")
        records, proof = folder / "patients.csv", folder / "prediction.json"
        make_records(records, 4, 77)
        chain = Chain(site.workspace.root, site.anvil.url, None, "bay")
        prove_by_command(model, Record(records, ROW), chain, proof, public=False)
        definition = inference_circuit(site.ground.spec)
        srs = site.foundation.circuits.training.files.srs
        built = build_circuit(definition, srs, tmp_path_factory.mktemp("inference"))
        yield Case(site, built, model, records, proof, rebuild_lineage(node.registry))


@pytest.fixture(scope="module")
def public(case: Case) -> ProvenPrediction:
    return case.proven()


@pytest.fixture(scope="module")
def verifier(case: Case) -> InferenceVerifier:
    home = NodeHome.open(case.site.workspace.site("cay"))
    client = ChainClient(case.site.anvil.url, open_account(home), CHAIN_ID, decoder=error_decoder())
    registry = case.site.deployment.registry
    address, sent = InferenceVerifier.create(client, registry, case.circuit)
    assert len(sent) == 2
    return InferenceVerifier(client, address, registry, case.circuit)


# --- what holds ---


def test_anybody_checks_a_hidden_record_with_two_public_files(
    case: Case, run_zkfl: Run, tmp_path: Path
) -> None:
    shutil.copy(case.site.workspace.consortium, tmp_path)
    shutil.copy(case.site.workspace.deployment, tmp_path)
    words = ("model", "check-prediction", case.proof, tmp_path, "--rpc-url", case.site.anvil.url)
    done = run_zkfl(*words, "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]
    expected = predict(case.model, case.records).iloc[ROW - 1]
    assert (said["valid"], said["label"], said["round"]) == (True, expected["label"], ROUND)
    assert said["probability"] == pytest.approx(expected["probability"], abs=2e-3)
    assert said["record_shown"] is False
    assert (said["srs_insecure"], said["agreements_compared"]) == (True, True)
    told = run_zkfl(*words)
    assert "whose it is, nobody knows from this file" in told.out
    assert "INSECURE demo SRS" in told.err


def test_who_checks_by_a_deployment_file_alone_is_told_to_ask_for_the_agreements(
    case: Case, run_zkfl: Run
) -> None:
    words = ("model", "check-prediction", case.proof, case.site.workspace.deployment)
    done = run_zkfl(*words, "--rpc-url", case.site.anvil.url, "--json")
    assert done.status == 0, done.err
    report = json.loads(done.out)
    assert report["result"]["agreements_compared"] is False
    assert "no consortium.json" in done.err


def test_whoever_proves_is_told_of_the_demo_srs(case: Case, run_zkfl: Run, tmp_path: Path) -> None:
    done = run_zkfl(*proving(case, case.model, tmp_path / "p.json"), "--row", ROW, "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]
    assert (said["srs_insecure"], said["agreements_compared"]) == (True, True)


def test_the_file_shows_nothing_of_the_record(case: Case) -> None:
    opening = case.proof.with_name("prediction.json.opening")
    assert opening.stat().st_mode & 0o777 == 0o600
    assert "features" not in json.loads(case.proof.read_text())
    shown = case.proof.read_text()
    assert not any(blinder in shown for blinder in case.opening.blinders)
    # drawn anew for every proof: the same record commits to another point
    assert len(set(case.opening.blinders)) == 4


def test_whoever_is_given_the_opening_sees_which_record_it_is(case: Case, run_zkfl: Run) -> None:
    opening = case.proof.with_name("prediction.json.opening")
    root = case.site.workspace.root
    words = ("model", "check-prediction", case.proof, root, "--rpc-url", case.site.anvil.url)
    records = ("--opening", opening, "--records", case.records, "--row")
    done = run_zkfl(*words, *records, ROW)
    assert done.status == 0, done.err
    assert f"row {ROW} of" in done.out
    other = run_zkfl(*words, *records, ROW + 1)
    assert other.status == ExitCode.MISTRUST
    assert f"row {ROW + 1} of" in other.err
    unopened = run_zkfl(*words, "--records", case.records, "--row", ROW)
    assert unopened.status == ExitCode.INPUT
    assert "ask whoever made it for the opening" in unopened.err


def test_a_public_record_needs_no_opening(case: Case, public: ProvenPrediction) -> None:
    assert public.features == case.opening.features
    assert public.record != case.prediction.record
    case.check(public, public.opening)


def test_a_contract_says_so_too(case: Case, verifier: InferenceVerifier, run_zkfl: Run) -> None:
    assert asked(verifier, case.prediction) is (case.prediction.label == 1)
    words = ("model", "check-prediction", case.proof, case.site.workspace.root)
    rpc = ("--rpc-url", case.site.anvil.url)
    done = run_zkfl(*words, *rpc, "--verifier", verifier.address)
    assert done.status == 0, done.err
    assert "on chain   valid" in done.out


def test_a_party_creates_that_contract(case: Case, run_zkfl: Run) -> None:
    root, rpc = case.site.workspace.root, ("--rpc-url", case.site.anvil.url)
    done = run_zkfl("model", "deploy-verifier", root, "--site", "bay", *rpc, "--json")
    assert done.status == 0, done.err
    said = json.loads(done.out)["result"]
    assert (said["srs_insecure"], said["agreements_compared"]) == (True, True)
    address = said["verifier"]
    client = case.site.node("ada").registry.client
    InferenceVerifier(client, address, case.site.deployment.registry, case.circuit)


# --- what is refused, natively ---


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"chain_id": 1}, OtherConsortiumError, "of chain 1"),
        ({"registry": "0x" + "1" * 40}, OtherConsortiumError, "of registry 0x1111"),
        ({"circuit": "ab" * 32}, OtherConsortiumError, "of circuit abab"),
        ({"round": (1 << 63) - 1}, OtherModelError, "the last is 1"),
        ({"round": 2}, OtherModelError, "round 2 is not among the final rounds"),
        ({"logit": "999"}, OtherLogitError, "does not state the logit 999"),
        ({"record": ["00" * 32, "11" * 32]}, OtherRecordError, "about the record"),
        ({"features": [1, 2, 3]}, OtherRecordError, "another record than the one that is shown"),
        ({"features": [1, 2]}, OtherRecordError, "another instance"),
        ({"proof": "00"}, InvalidPredictionError, "cannot hold 4 points"),
    ],
)
def test_a_changed_file(
    case: Case,
    changes: dict[str, object],
    error: type[PredictionRefusedError],
    message: str,
) -> None:
    with pytest.raises(error, match=message):
        case.check(case.prediction.model_copy(update=changes))


def test_the_other_class(case: Case) -> None:
    turned = str(-1 - case.prediction.logit_integer)
    with pytest.raises(OtherLogitError, match="does not state"):
        case.check(case.prediction.model_copy(update={"logit": turned}))


@pytest.mark.parametrize(
    "changes", [{"round_id": 2}, {"chain_id": 1}, {"registry": "0x" + "1" * 40}]
)
def test_a_proof_for_another_place_under_this_ones_name(
    case: Case, changes: dict[str, object]
) -> None:
    """The model is the same one, so only the context tells."""
    made = case.proven(changes)
    renamed = {"chain_id": CHAIN_ID, "registry": case.site.deployment.registry, "round": ROUND}
    with pytest.raises(OtherLogitError, match="does not state"):
        case.check(made.model_copy(update=renamed))


def test_another_model(case: Case, other_model: ProvenPrediction) -> None:
    with pytest.raises(OtherModelError, match="another model than that of round 1"):
        case.check(other_model)


def test_a_logit_that_the_model_does_not_give(case: Case) -> None:
    """The proof is valid; what it asserts is not zero."""
    with pytest.raises(OtherLogitError, match="the proof itself shows it"):
        case.check(case.proven(wrong=1))


def test_another_record_under_this_ones_opening(case: Case) -> None:
    other = RecordOpening.of([1, 2, 3], [int(b, 16) for b in case.opening.blinders])
    with pytest.raises(OtherRecordError, match="another record than the one that is shown"):
        case.check(case.prediction, other)


def test_an_opening_of_no_field_elements(case: Case) -> None:
    beyond = case.opening.model_copy(update={"blinders": ["f" * 64] * 4})
    with pytest.raises(OtherRecordError, match="not a field element"):
        case.check(case.prediction, beyond)


def test_a_proof_of_another_circuit_behind_these_points(case: Case) -> None:
    evaluation = case.site.foundation.circuits.evaluation
    assert evaluation is not None
    spec = evaluation.definition.spec
    vectors = {"data": [0] * spec.data_length, "model": [0] * spec.model_length, "public": [0, 0]}
    other = prove(evaluation, vectors, DEADLINE).data.hex()
    points = 4 * 128
    spliced = case.prediction.proof[:points] + other[points:]
    with pytest.raises(InvalidPredictionError, match="does not verify"):
        case.check(case.prediction.model_copy(update={"proof": spliced}))


def test_a_proof_with_one_bit_turned(case: Case) -> None:
    last = f"{int(case.prediction.proof[-1], 16) ^ 1:x}"
    turned = case.prediction.proof[:-1] + last
    with pytest.raises(InvalidPredictionError, match="does not verify"):
        case.check(case.prediction.model_copy(update={"proof": turned}))


def test_the_command_ends_with_mistrust(case: Case, run_zkfl: Run, tmp_path: Path) -> None:
    lie = tmp_path / "lie.json"
    case.prediction.model_copy(update={"logit": "999"}).save(lie)
    root, rpc = case.site.workspace.root, ("--rpc-url", case.site.anvil.url)
    done = run_zkfl("model", "check-prediction", lie, root, *rpc)
    assert done.status == ExitCode.MISTRUST
    assert "does not state the logit 999" in done.err


# --- where the endpoint works together with whoever made the prediction ---


@pytest.fixture(scope="module")
def other_model(case: Case) -> ProvenPrediction:
    """A valid proof about a model of the prover's own, under the round's name."""
    vector = list(case.on_chain.vector)
    vector[0] += 1
    return case.proven({"vector": vector})


def model_of(case: Case, prediction: ProvenPrediction) -> G1Point:
    return G1Point(*read_points(case.circuit.definition, prediction.proof_bytes)["model"])


def checked(case: Case, run_zkfl: Run, folder: Path, prediction: ProvenPrediction) -> Any:  # noqa: ANN401
    path = folder / "lie.json"
    prediction.save(path)
    root, rpc = case.site.workspace.root, ("--rpc-url", case.site.anvil.url)
    return run_zkfl("model", "check-prediction", path, root, *rpc)


def test_an_endpoint_that_states_the_proofs_model_for_the_round(
    case: Case,
    other_model: ProvenPrediction,
    run_zkfl: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model, honest = model_of(case, other_model), Registry.round

    def lying(registry: Registry, round_id: int) -> Round:
        return replace(honest(registry, round_id), model_after=model)

    monkeypatch.setattr(Registry, "round", lying)
    done = checked(case, run_zkfl, tmp_path, other_model)
    assert done.status == ExitCode.MISTRUST
    assert "another model than that of round 1" in done.err


@pytest.mark.parametrize("shown", [{"RoundClosed"}, {"RoundClosed", "RoundFinalized"}])
def test_an_endpoint_that_shows_that_model_everywhere(  # noqa: PLR0913, PLR0917 - a lie and its place
    case: Case,
    other_model: ProvenPrediction,
    run_zkfl: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    shown: set[str],
) -> None:
    """In the round, the current model and events: members' signed updates lead to another one."""
    model, honest, events = model_of(case, other_model), Registry.round, Registry.events
    point = MappingProxyType({"x": model.x, "y": model.y})

    def altered(event: ChainEvent) -> ChainEvent:
        if event.name not in shown:
            return event
        return replace(event, values=MappingProxyType({**event.values, "modelAfter": point}))

    monkeypatch.setattr(
        Registry, "round", lambda self, number: replace(honest(self, number), model_after=model)
    )
    monkeypatch.setattr(Registry, "model", lambda _: model)
    monkeypatch.setattr(Registry, "events", lambda self: [*map(altered, events(self))])
    done = checked(case, run_zkfl, tmp_path, other_model)
    assert done.status == ExitCode.MISTRUST
    assert "round 1: C(G') is shown as" in done.err


def test_an_endpoint_that_hides_the_round(
    case: Case, run_zkfl: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = Registry.events
    monkeypatch.setattr(
        Registry, "events", lambda self: [e for e in events(self) if "roundId" not in e.values]
    )
    done = checked(case, run_zkfl, tmp_path, case.prediction)
    assert done.status == ExitCode.MISTRUST
    assert "latest final round is shown as 1" in done.err


# --- what is refused on chain ---


def asked(verifier: InferenceVerifier, prediction: ProvenPrediction) -> bool:
    return verifier.require_inference(
        prediction.round,
        prediction.logit_integer,
        prediction.record_point,
        prediction.proof_bytes,
    )


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"round": 2}, "WrongRoundStatus"),
        ({"logit": "999"}, "PublicScalarsMismatch"),
        ({"record": ["00" * 32, "11" * 32]}, "RecordCommitmentMismatch"),
        ({"proof": "00"}, "OtherProofLength"),
    ],
)
def test_a_changed_file_on_chain(
    case: Case, verifier: InferenceVerifier, changes: dict[str, object], name: str
) -> None:
    with pytest.raises(ContractRevertError) as refused:
        asked(verifier, case.prediction.model_copy(update=changes))
    assert refused.value.name == name


def test_an_invalid_proof_on_chain(case: Case, verifier: InferenceVerifier) -> None:
    last = f"{int(case.prediction.proof[-1], 16) ^ 1:x}"
    turned = case.prediction.model_copy(update={"proof": case.prediction.proof[:-1] + last})
    with pytest.raises(ContractRevertError) as refused:
        asked(verifier, turned)
    assert refused.value.name == "InvalidInference"


def test_a_contract_of_another_consortium_is_not_asked(
    case: Case, verifier: InferenceVerifier
) -> None:
    with pytest.raises(NotGenuineError, match="of this consortium and circuit"):
        InferenceVerifier(
            verifier.client, verifier.address, case.site.deployment.router, case.circuit
        )


def test_a_contract_of_another_kind_is_not_asked(case: Case) -> None:
    client, deployment = case.site.node("ada").registry.client, case.site.deployment
    with pytest.raises(NotGenuineError, match="names no verifier"):
        InferenceVerifier(client, deployment.router, deployment.registry, case.circuit)


def test_an_address_has_its_capitals(case: Case, run_zkfl: Run) -> None:
    root = case.site.workspace.root
    done = run_zkfl("model", "check-prediction", case.proof, root, "--verifier", "0x12")
    assert done.status == ExitCode.NOT_NOW
    assert "copy it with its capitals" in done.err


# --- what is not proven ---


def test_a_model_file_of_other_parameters_is_not_proven(
    case: Case, run_zkfl: Run, tmp_path: Path
) -> None:
    content = onnx.load(case.model)
    [weights] = [tensor for tensor in content.graph.initializer if tensor.name == "weights"]
    weights.raw_data = bytes([weights.raw_data[0] ^ 1]) + weights.raw_data[1:]
    other = tmp_path / "other.onnx"
    onnx.save(content, other)
    done = run_zkfl(*proving(case, other, tmp_path / "p.json"), "--row", ROW)
    assert done.status == ExitCode.NOT_NOW, done.err
    assert "does not hold the model of round 1" in done.err
    assert not (tmp_path / "p.json").exists()


@pytest.mark.parametrize("stated", ["9" * 5_000, str(1 << 300), "0", "-1", "\u0661", "1.0", ""])
def test_a_model_file_that_names_no_round_is_not_proven(
    case: Case, run_zkfl: Run, tmp_path: Path, stated: str
) -> None:
    content = onnx.load(case.model)
    [entry] = [prop for prop in content.metadata_props if prop.key == PROVENANCE_KEY]
    entry.value = json.dumps(json.loads(entry.value) | {"round": stated})
    other = tmp_path / "other.onnx"
    onnx.save(content, other)
    done = run_zkfl(*proving(case, other, tmp_path / "p.json"), "--row", ROW)
    assert done.status == ExitCode.NOT_NOW, done.err
    assert "names no round" in done.err
    assert not (tmp_path / "p.json").exists()


def test_one_record_is_to_be_named(case: Case, run_zkfl: Run, tmp_path: Path) -> None:
    done = run_zkfl(*proving(case, case.model, tmp_path / "p.json"))
    assert done.status == ExitCode.NOT_NOW
    assert "has 4 records: name the one" in done.err


def test_no_proof_is_written_over(case: Case, run_zkfl: Run) -> None:
    done = run_zkfl(*proving(case, case.model, case.proof), "--row", ROW)
    assert done.status == ExitCode.NOT_NOW
    assert "exists: name a new file" in done.err


def test_a_proof_needs_the_consortium(case: Case, run_zkfl: Run, tmp_path: Path) -> None:
    done = run_zkfl("model", "predict", case.model, case.records, "--prove", tmp_path / "p.json")
    assert done.status == ExitCode.NOT_NOW
    assert "name the consortium's folder (--consortium)" in done.err


def proving(case: Case, model: Path, out: Path) -> tuple[object, ...]:
    root, url = case.site.workspace.root, case.site.anvil.url
    words = ("model", "predict", model, case.records, "--prove", out)
    return (*words, "--consortium", root, "--site", "bay", "--rpc-url", url)
