"""A consortium as an auditor opens it: its public files, an endpoint, and no keys."""

from dataclasses import dataclass, replace
from pathlib import Path

from zkfl.cache import cache_folder
from zkfl.chain.bond_vault import BondVault
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deploy import NO_VAULT, BondConfig
from zkfl.chain.deployment import Deployment, load_deployment
from zkfl.chain.genuine import require_genuine
from zkfl.chain.learning_rate import stated_schedule
from zkfl.chain.model_metrics import ModelMetrics, open_metrics
from zkfl.chain.registry import Registry
from zkfl.chain.router import Router
from zkfl.chain.states import UNSTATED, ConsortiumConfig, G1Point
from zkfl.common_ground import Circuits
from zkfl.consortium import Consortium
from zkfl.curve import ProgressCallback
from zkfl.errors import ZkflError
from zkfl.founding import (
    Foundation,
    bond_config,
    circuit_config,
    consortium_config,
    found,
    optional_config,
)
from zkfl.rate_schedule import RateSchedule
from zkfl.rated_circuits import require_rates
from zkfl.signed_history import SignedHistory
from zkfl.srs.checked import checked_srs
from zkfl.srs.demo import cached_demo_srs, is_demo
from zkfl.srs.file import SrsFile
from zkfl.srs.points import zero_commitment
from zkfl.workspace import Workspace
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.instances import Instance, get_instance, instance_names
from zkfl.zk_circuits.shelf import builds_of


class AuditorError(ZkflError):
    """What an auditor was given does not suffice."""


@dataclass(frozen=True)
class AuditedConsortium:
    """A consortium whose contracts are the code of this checkout.

    Attributes
    ----------
    registry, router
        Over a client that only reads.
    circuits
        As built here.
    agreed
        Whether the configuration was compared with the consortium's own file, too.
    metrics
        The contract of metrics, where the consortium has one.
    rates
        The schedule of rates, where the consortium has one.
    """

    registry: Registry
    router: Router
    circuits: Circuits
    agreed: bool
    metrics: ModelMetrics | None = None
    rates: RateSchedule | None = None


def open_audit(
    path: Path, rpc_url: str, srs: Path | None, on_progress: ProgressCallback | None = None
) -> AuditedConsortium:
    """Open a consortium by its public files, and compare all of its code with this checkout.

    Parameters
    ----------
    path
        A folder with ``consortium.json`` and ``deployment.json``, or a deployment file alone:
        then the agreements are those that the chain states.
    rpc_url
        Of the chain.
    srs
        The consortium's SRS; None for the demo's.
    on_progress
        Of checking the SRS: points done and points in all.

    Raises
    ------
    AuditorError
        Files or circuits are missing.
    ConsortiumError, DeploymentFileError, FoundingError, SrsError
        A file is not in order.
    NotGenuineError
        What stands on chain is not this checkout's code, or not what was agreed.
    LineageError
        The creation of the registry cannot be read.
    RpcError
        The endpoint is not in order.
    """
    workspace = Workspace(path)
    if path.is_dir():
        _require_files(workspace)
        consortium = Consortium.load(workspace.consortium)
        deployment = load_deployment(workspace.deployment)
        foundation = found(consortium, srs, on_progress)
        registry = _registry(deployment, rpc_url)
        agreed, bond = consortium_config(consortium, foundation), bond_config(consortium)
        schedule = consortium.rate_schedule
    else:
        consortium, deployment = None, load_deployment(path)
        foundation = _found_by_hash(deployment, srs, on_progress)
        registry = _registry(deployment, rpc_url)
        agreed, bond = _stated_config(registry, foundation), _stated_bond(registry, deployment)
        schedule = stated_schedule(registry.client, deployment)
        require_rates(schedule, foundation.circuits.training.definition.spec)
    _require_genuine(registry, deployment, foundation, agreed, bond, schedule)
    client, circuits = registry.client, foundation.circuits
    router, metrics = Router(client, deployment.router), open_metrics(client, deployment)
    agreed_too = consortium is not None
    return AuditedConsortium(registry, router, circuits, agreed_too, metrics, schedule)


def open_deployment(path: Path, rpc_url: str) -> Registry:
    """Return the registry that a folder or a deployment file names, for reading; nothing compared.

    Raises
    ------
    DeploymentFileError, RpcError, NoCodeError
        The file or the endpoint is not in order.
    """
    return _registry(
        load_deployment(Workspace(path).deployment if path.is_dir() else path), rpc_url
    )


def _require_files(workspace: Workspace) -> None:
    wanted = (workspace.consortium, workspace.deployment)
    missing = [file.name for file in wanted if not file.is_file()]
    if missing:
        raise AuditorError(
            f"{workspace.root} has no {' and no '.join(missing)}: ask a hospital for the "
            "consortium's public files, or name a deployment file alone"
        )


def _registry(deployment: Deployment, rpc_url: str) -> Registry:
    client = ChainClient(rpc_url, None, deployment.chain_id, decoder=error_decoder())
    deployment.require_on(client)
    return Registry(client, deployment.registry, deployment.block_number)


def _require_genuine(  # noqa: PLR0913, PLR0917 - as many as a consortium agrees on
    registry: Registry,
    deployment: Deployment,
    foundation: Foundation,
    agreed: ConsortiumConfig,
    bond: BondConfig | None,
    rates: RateSchedule | None,
) -> None:
    circuits = foundation.circuits
    require_genuine(
        registry.client,
        deployment,
        agreed,
        foundation.srs.s_g2,
        circuit_config(circuits.admission),
        circuit_config(circuits.training),
        bond,
        optional_config(circuits.benefit),
        optional_config(circuits.evaluation),
        rates,
    )


# --- without the consortium's own file ---


def _found_by_hash(
    deployment: Deployment, srs: Path | None, on_progress: ProgressCallback | None
) -> Foundation:
    instance = _instance_of(deployment)
    file = _srs_of(deployment, instance, srs, on_progress)
    cache = cache_folder() / "circuits"
    admission = build_circuit(instance.admission, file.path, cache)
    training = build_circuit(instance.training, file.path, cache)
    rewards = deployment.benefit is not None
    benefit = build_circuit(instance.benefit, file.path, cache) if rewards else None
    tested = deployment.evaluation is not None
    evaluation = build_circuit(instance.evaluation, file.path, cache) if tested else None
    return Foundation(file, Circuits(admission, training, benefit, evaluation))


def _instance_of(deployment: Deployment) -> Instance:
    wanted = deployment.training.manifest_hash
    for instance in map(get_instance, instance_names()):
        builds = builds_of(instance.training.name)
        if any(manifest.manifest_hash().hex() == wanted for manifest in builds):
            return instance
    raise AuditorError(
        f"no training circuit that was built on this machine has the manifest hash {wanted}: "
        "build the consortium's on its SRS (zkfl circuits build), or name a folder that holds its "
        "consortium.json too"
    )


def _srs_of(
    deployment: Deployment,
    instance: Instance,
    srs: Path | None,
    on_progress: ProgressCallback | None,
) -> SrsFile:
    if srs is not None:
        return checked_srs(srs, on_progress)
    if not deployment.srs_insecure:
        raise AuditorError(
            f"this consortium stands on the SRS {deployment.srs_hash}: pass it with --srs"
        )
    return cached_demo_srs(instance.spec.logrows, on_progress)


def _stated_config(registry: Registry, foundation: Foundation) -> ConsortiumConfig:
    """Return the agreements that the creation's calldata states, on this machine's SRS."""
    created = (event for event in registry.events() if event.name != "RoleGranted")
    stated = SignedHistory(registry).creation(next(created, None)).config
    srs, circuits = foundation.srs, foundation.circuits
    spec = circuits.training.definition.spec
    return replace(
        stated,
        srs_hash=srs.sha256(),
        srs_insecure=is_demo(srs),
        logrows=spec.logrows,
        zero_commitment=G1Point(*zero_commitment(srs)),
        lagrange0=G1Point(*srs.lagrange(0)),
        lagrange1=G1Point(*srs.lagrange(1)),
        admission_circuit=circuits.admission.manifest.manifest_hash(),
        training_circuit=circuits.training.manifest.manifest_hash(),
        benefit_circuit=(
            circuits.benefit.manifest.manifest_hash() if circuits.benefit else UNSTATED
        ),
        model_length=spec.model_length,
        shard_slots=spec.slots,
        max_openings=spec.max_openings,
    )


def _stated_bond(registry: Registry, deployment: Deployment) -> BondConfig | None:
    """Return what the vault says of itself; it is part of the code that is compared."""
    if deployment.bond_vault == NO_VAULT:
        return None
    vault = BondVault(registry.client, deployment.bond_vault)
    return BondConfig(vault.bond(), vault.delay(), vault.beneficiary())
