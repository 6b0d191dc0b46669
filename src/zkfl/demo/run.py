"""The main job: a consortium trains a model in verified rounds, from nothing to a report."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from zkfl.chain.deployment import Deployment
from zkfl.chain.local_chain import CHAIN_ID, LocalChain
from zkfl.chain.local_nodes import running_local_chain
from zkfl.chain.registry import Registry
from zkfl.consortium import Consortium
from zkfl.datasets.catalogue import load_federation
from zkfl.datasets.federation import Federation, write_site_csv
from zkfl.datasets.fit import require_fit
from zkfl.demo.console import Console
from zkfl.demo.ledger import Ledger
from zkfl.demo.rounds import Parties, Rounds
from zkfl.demo.settings import DemoSettings
from zkfl.demo.workers import default_workers
from zkfl.evaluation.baselines import Selection, ShardRecords
from zkfl.evaluation.comparison import Comparison, compare
from zkfl.evaluation.metrics import Metrics
from zkfl.evaluation.model_metrics import evaluate_model
from zkfl.evaluation.training import TrainingStep, model_from_chain
from zkfl.folders import make_folder
from zkfl.founding import (
    Foundation,
    announce_encryption,
    create_parties,
    deploy_consortium,
    found,
)
from zkfl.model_release import feature_bounds, last_final_round, provenance
from zkfl.model_vector import current_model
from zkfl.node.home import NodeHome
from zkfl.node.hospital import HospitalNode
from zkfl.parties import PartyOpener
from zkfl.party_accounts import open_account, open_client
from zkfl.rated_circuits import agreed_schedule
from zkfl.workspace import ROLES, Workspace
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.layout import class_numbers, unpack_data, unpack_model
from zkfl.zk_circuits.model_choice import ModelChoice
from zkfl.zk_circuits.spec import CircuitSpec

_DEMO_SCRYPT_COST = 1 << 12
"""Keys of a demo guard nothing: their chain ends with the run."""


@dataclass(frozen=True)
class DemoResult:
    """What a demo run found.

    Attributes
    ----------
    comparison
        Metrics by round of the verified model and every baseline.
    ledger
        Seconds and gas by stage.
    deployment
        Where the consortium lived.
    model
        Which model was trained.
    parameters
        What training made of it: ``P`` signed integers at scale ``s + 39``.
    federation
        The data.
    proofs
        Proofs that the chain verified.
    posted
        Proofs that it did not, and that every hospital checked instead.
    origin
        What the exported model says of where it comes from.
    models
        Parameters before the first round and after each, as ``parameters``.
    schedule
        What the contract chose, by round and hospital.
    """

    comparison: Comparison
    ledger: Ledger
    deployment: Deployment
    model: ModelChoice
    parameters: list[int]
    federation: Federation
    proofs: int
    posted: int
    origin: dict[str, str]
    models: list[list[int]]
    schedule: list[list[Selection]]


@dataclass(frozen=True)
class Founded:
    """A consortium on paper, and the chain it is about to stand on."""

    workspace: Workspace
    consortium: Consortium
    foundation: Foundation
    federation: Federation
    chain: LocalChain


def run_demo(settings: DemoSettings, console: Console) -> DemoResult:
    """Run everything; any check that fails raises a `ZkflError`."""
    ledger = Ledger()
    workspace = Workspace(settings.folder)
    federation = _load(settings, ledger, console)
    consortium = _consortium(settings, federation)
    make_folder(workspace.root)
    with ledger.timed("circuits"), console.step("building circuits and keys"):
        foundation = found(consortium, None, console.points)
    console.circuits(foundation)
    log = workspace.root / f"{settings.chain}.log"
    with running_local_chain(settings.chain, log, chain_id=CHAIN_ID) as chain:
        founded = Founded(workspace, consortium, foundation, federation, chain)
        deployment = _deploy(founded, ledger, console)
        opener = PartyOpener(workspace, consortium, foundation, deployment, chain.url)
        return _train(settings, founded, opener, ledger, console)


def _load(settings: DemoSettings, ledger: Ledger, console: Console) -> Federation:
    spec = get_instance(settings.instance).spec
    bounds = feature_bounds(spec)
    with ledger.timed("data"), console.step("loading records"):
        federation = load_federation(
            settings.dataset, bounds, settings.hospitals, settings.seed, settings.data_dir
        )
    require_fit(federation, spec)
    console.federation(federation)
    return federation


def _consortium(settings: DemoSettings, federation: Federation) -> Consortium:
    return Consortium.agree(
        name=f"demo {settings.dataset}",
        dataset=settings.dataset,
        circuits=settings.instance,
        scheme=settings.scheme,
        weight_rule=settings.weight_rule,
        challenge_window=settings.challenge_window,
        rate_schedule=agreed_schedule(settings.rate_schedule, get_instance(settings.instance).spec),
        schema_sha256=federation.schema.digest(),
        demo=True,
        hospitals=tuple(hospital.name for hospital in federation.hospitals),
    )


def _deploy(founded: Founded, ledger: Ledger, console: Console) -> Deployment:
    """Make keys and folders, give each hospital its records, deploy."""
    workspace, chain = founded.workspace, founded.chain
    with ledger.timed("keys"), console.step("making keys"):
        create_parties(workspace, founded.consortium, _DEMO_SCRYPT_COST)
        _fund(founded)
    for hospital in founded.federation.hospitals:
        write_site_csv(hospital, NodeHome(workspace.site(hospital.name)).records)
    with ledger.timed("deploy"), console.step("compiling and deploying the contracts"):
        office = open_client(NodeHome(workspace.role("office")), chain.url, chain.chain_id)
        deployment = deploy_consortium(workspace, founded.consortium, founded.foundation, office)
    for transaction in deployment.transactions:
        ledger.spent("deploy", transaction.gas_used)
    console.deployed(deployment)
    return deployment


def _fund(founded: Founded) -> None:
    workspace = founded.workspace
    folders = [workspace.role(name) for name in ROLES]
    folders += [workspace.site(name) for name in founded.consortium.hospitals]
    for folder in folders:
        founded.chain.fund(open_account(NodeHome(folder)).address)


def _train(
    settings: DemoSettings,
    founded: Founded,
    opener: PartyOpener,
    ledger: Ledger,
    console: Console,
) -> DemoResult:
    names = founded.consortium.hospitals
    nodes = tuple(opener.node(name, console.detail_of(name)) for name in names)
    reader = nodes[0].registry
    announce_encryption(founded.workspace, founded.consortium, reader)
    parties = Parties(nodes, opener.coordinator(), reader)
    workers = settings.workers or default_workers(nodes[0].spec.logrows)
    rounds = Rounds(parties, ledger, workers, founded.chain.advance_time)
    with console.step("admitting every hospital's shards"):
        admitted = rounds.admit()
    console.admitted(admitted)
    spec = nodes[0].spec
    vectors = [[0] * spec.model_length]
    for number in range(1, settings.rounds + 1):
        with console.round(number, settings.rounds, len(nodes)) as progress:
            rounds.run(progress)
        vectors.append(_final_model(nodes[0]))
        console.scored(_score(vectors[-1], spec, founded.federation))
    comparison = _compare(settings, founded, nodes, vectors)
    models = [unpack_model(spec, vector) for vector in vectors]
    return DemoResult(
        comparison,
        ledger,
        opener.deployment,
        spec.model,
        models[-1],
        founded.federation,
        *_proofs_on_chain(reader),
        provenance(
            opener.deployment, reader.config(), last_final_round(reader), reader.model_hash()
        ),
        models,
        _schedule(nodes, settings.rounds),
    )


def _final_model(node: HospitalNode) -> list[int]:
    """Return the model of the latest final round, checked against the chain."""
    ground = node.ground
    return current_model(node.registry, ground.store, ground.committer, ground.spec.model_length)


def _proofs_on_chain(reader: Registry) -> tuple[int, int]:
    """Count the proofs that the contract says it verified, and those that were posted."""
    admitted = len(reader.events(names=["ShardAdmitted", "BenefitProven"]))
    submitted = len(reader.events(names=["UpdateSubmitted"]))
    if reader.config().challenge_window:
        return admitted, submitted
    return admitted + submitted, 0


def _score(vector: list[int], spec: CircuitSpec, federation: Federation) -> Metrics:
    model = model_from_chain(unpack_model(spec, vector), spec)
    return evaluate_model(model, federation.test_features, federation.test_labels, spec.model)


def _compare(
    settings: DemoSettings,
    founded: Founded,
    nodes: tuple[HospitalNode, ...],
    vectors: list[list[int]],
) -> Comparison:
    """Train the baselines on the shards and the schedule of the verified run itself."""
    spec, federation = nodes[0].spec, founded.federation
    unpacked = [unpack_model(spec, vector) for vector in vectors]
    verified = np.stack([model_from_chain(entries, spec) for entries in unpacked])
    return compare(
        settings.dataset,
        verified=verified,
        hospitals={
            name: _shards(node, spec)
            for name, node in zip(founded.consortium.hospitals, nodes, strict=True)
        },
        schedule=_schedule(nodes, settings.rounds),
        step=replace(TrainingStep.of(spec), rates=_rates(nodes[0], settings.rounds)),
        test=ShardRecords(federation.test_features, federation.test_labels),
    )


def _rates(node: HospitalNode, rounds: int) -> tuple[float, ...]:
    """Return what multiplied the learning rate, by round; nothing where rounds have no rate."""
    if not node.spec.rate_bits:
        return ()
    shown = (node.registry.round(round_id).rate for round_id in range(1, rounds + 1))
    return tuple(rate / node.spec.full_rate for rate in shown)


def _shards(node: HospitalNode, spec: CircuitSpec) -> list[ShardRecords]:
    return [_records(node.vault.load(index).vector, spec) for index in range(len(node.vault))]


def _records(vector: list[int], spec: CircuitSpec) -> ShardRecords:
    shard = unpack_data(spec, vector)
    used = shard.mask > 0
    features: NDArray[np.float64] = shard.features[used] / float(spec.one)
    return ShardRecords(features, class_numbers(spec, shard.labels)[used])


def _schedule(nodes: tuple[HospitalNode, ...], rounds: int) -> list[list[Selection]]:
    """Return the shards and shares that the contract chose, by round and hospital."""
    return [[_selection(node, round_id) for node in nodes] for round_id in range(1, rounds + 1)]


def _selection(node: HospitalNode, round_id: int) -> Selection:
    part = node.registry.participation(round_id, node.address)
    return Selection(part.shard_index, part.share)
