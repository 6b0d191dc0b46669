"""Founding a consortium on one machine: folders, keys, circuits, contracts, members."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account

from zkfl.atomic_file import write_atomically
from zkfl.cache import cache_folder
from zkfl.chain.client import ChainClient
from zkfl.chain.deploy import BondConfig, CircuitConfig, DeployConfig, deploy
from zkfl.chain.deployment import Deployment, save_deployment
from zkfl.chain.keys import write_keystore
from zkfl.chain.registry import Registry
from zkfl.chain.states import UNSTATED, ConsortiumConfig, G1Point, WeightRule
from zkfl.commitments import Committer
from zkfl.common_ground import Circuits
from zkfl.consortium import Consortium
from zkfl.curve import ProgressCallback
from zkfl.datasets.public_schema import public_schema
from zkfl.encryption import scheme_named
from zkfl.errors import ZkflError
from zkfl.folders import make_folder
from zkfl.limbs import MAX_SUMMANDS
from zkfl.node.home import NodeHome
from zkfl.node.hospital import SharedGround
from zkfl.node.key_holder import announce_encryption_context
from zkfl.node.key_store import create_he_keys, create_mask_key
from zkfl.party_accounts import open_account
from zkfl.party_store import store_of
from zkfl.srs.checked import checked_srs
from zkfl.srs.demo import cached_demo_srs, is_demo
from zkfl.srs.file import SrsFile
from zkfl.srs.points import zero_commitment
from zkfl.workspace import Workspace
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.spec import CircuitSpec

ROLES = ("office", "aggregator", "guardian")
_RULES = {
    "records": WeightRule.RECORDS,
    "capped": WeightRule.CAPPED,
    "square-root": WeightRule.SQUARE_ROOT,
    "equal": WeightRule.EQUAL,
    "benefit": WeightRule.BENEFIT,
}
_MIN_COHORT = 3
_PASSWORD_BYTES = 24

StepCallback = Callable[[str], None]
"""Gets the name of the step that begins."""


class FoundingError(ZkflError):
    """A consortium cannot be founded here."""


@dataclass(frozen=True)
class Foundation:
    """A consortium's circuits and the SRS that they stand on."""

    srs: SrsFile
    circuits: Circuits


def found(
    consortium: Consortium, srs_path: Path | None, on_progress: ProgressCallback | None = None
) -> Foundation:
    """Build the consortium's circuits, on a given SRS or else on the insecure demo one.

    Parameters
    ----------
    consortium
        Names the circuits.
    srs_path
        An SRS file, checked in full before its first use; None for the demo SRS.
    on_progress
        Of making or checking the SRS: points done and points in all.

    Raises
    ------
    FoundingError
        The consortium is no demonstration, and the SRS is the insecure demo one.
    """
    if srs_path is None and not consortium.demo:
        raise _insecure("no SRS was given")
    instance = get_instance(consortium.circuits)
    _require_provable_noise(consortium, instance.spec)
    srs = (
        checked_srs(srs_path, on_progress)
        if srs_path
        else cached_demo_srs(instance.spec.logrows, on_progress)
    )
    if is_demo(srs) and not consortium.demo:
        raise _insecure(f"{srs_path} is the demo SRS")
    cache = cache_folder() / "circuits"
    admission = build_circuit(instance.admission, srs.path, cache)
    training = build_circuit(instance.training, srs.path, cache)
    rewards = _RULES[consortium.weight_rule] is WeightRule.BENEFIT
    benefit = build_circuit(instance.benefit, srs.path, cache) if rewards else None
    return Foundation(srs, Circuits(admission, training, benefit))


def _require_provable_noise(consortium: Consortium, spec: CircuitSpec) -> None:
    if consortium.noise_bound > spec.largest_noise_bound:
        raise FoundingError(
            f"noise_bound {consortium.noise_bound} is more than the circuits {spec.name!r} can "
            f"prove, {spec.largest_noise_bound}: lower it in the consortium file"
        )


def _insecure(why: str) -> FoundingError:
    return FoundingError(
        f"{why}, and this consortium is no demonstration: whoever knows the secret of an SRS can "
        "prove anything, and everybody knows the demo's. Make one together (zkfl srs ceremony) or "
        "import a public one (zkfl srs import), and pass it with --srs; for a rehearsal, found "
        "the consortium with zkfl init --demo"
    )


def create_parties(workspace: Workspace, consortium: Consortium, scrypt_cost: int | None) -> None:
    """Make every party's folder and keys; the first hospital becomes the key holder.

    Parameters
    ----------
    workspace, consortium
        Where, and who.
    scrypt_cost
        ``n`` of the keystores; None for eth-account's default.

    Raises
    ------
    FoundingError
        The folder holds parties already.
    FolderError
        It cannot be made.
    """
    if workspace.has_parties():
        raise FoundingError(
            f"{workspace.root} holds a consortium's keys: they are made once, since new ones would "
            "lock everybody out of what the old ones own; name another folder"
        )
    make_folder(workspace.root)
    for role in ROLES:
        _create_chain_key(NodeHome.create(workspace.role(role)), scrypt_cost)
    for name in consortium.hospitals:
        home = NodeHome.create(workspace.site(name))
        _create_chain_key(home, scrypt_cost)
        create_mask_key(home)
    holder = NodeHome.open(workspace.site(consortium.hospitals[0]))
    public = create_he_keys(holder, scheme_named(consortium.scheme))
    write_atomically(holder.he_public, public, mode=0o644)
    write_atomically(workspace.consortium, consortium.to_json(), mode=0o644)


def _create_chain_key(home: NodeHome, scrypt_cost: int | None) -> None:
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    write_atomically(home.chain_password, password.encode())
    write_keystore(home.chain_key, Account.create(), password, iterations=scrypt_cost)


def open_ground(
    workspace: Workspace, consortium: Consortium, foundation: Foundation
) -> SharedGround:
    """Return what all parties of a consortium use alike."""
    return SharedGround(
        circuits=foundation.circuits,
        committer=Committer(foundation.srs.path),
        schema=public_schema(consortium.dataset),
        scheme=scheme_named(consortium.scheme),
        store=workspace.store,
        noise_bound=consortium.noise_bound,
        challenge_window=consortium.challenge_window,
    )


def deploy_consortium(
    workspace: Workspace,
    consortium: Consortium,
    foundation: Foundation,
    office: ChainClient,
    on_step: StepCallback | None = None,
) -> Deployment:
    """Deploy verifiers, router and registry, and add the members."""
    benefit = foundation.circuits.benefit
    addresses = {name: _address(workspace.site(name)) for name in consortium.hospitals}
    config = DeployConfig(
        consortium=consortium_config(consortium, foundation),
        tau_g2=foundation.srs.s_g2,
        admission=circuit_config(foundation.circuits.admission),
        training=circuit_config(foundation.circuits.training),
        aggregator=_address(workspace.role("aggregator")),
        guardian=_address(workspace.role("guardian")),
        key_holder=addresses[consortium.hospitals[0]],
        members=[(address, name) for name, address in addresses.items()],
        bond=bond_config(consortium),
        benefit=None if benefit is None else circuit_config(benefit),
    )
    deployment = deploy(office, config, on_step)
    save_deployment(workspace.deployment, deployment)
    return deployment


def announce_encryption(workspace: Workspace, consortium: Consortium, registry: Registry) -> None:
    """As the key holder: publish the public HE context and announce its hash."""
    holder = NodeHome.open(workspace.site(consortium.hospitals[0]))
    announce_encryption_context(holder, registry, store_of(holder, workspace))


def consortium_config(consortium: Consortium, foundation: Foundation) -> ConsortiumConfig:
    """Return the contract's configuration, which never changes once deployed."""
    admission, training = foundation.circuits.admission, foundation.circuits.training
    spec, benefit = training.definition.spec, foundation.circuits.benefit
    return ConsortiumConfig(
        srs_hash=foundation.srs.sha256(),
        srs_insecure=is_demo(foundation.srs),
        logrows=spec.logrows,
        zero_commitment=G1Point(*zero_commitment(foundation.srs)),
        lagrange0=G1Point(*foundation.srs.lagrange(0)),
        lagrange1=G1Point(*foundation.srs.lagrange(1)),
        admission_circuit=admission.manifest.manifest_hash(),
        training_circuit=training.manifest.manifest_hash(),
        model_length=spec.model_length,
        shard_slots=spec.slots,
        max_openings=spec.max_openings,
        noise_bound=consortium.noise_bound,
        min_cohort=_MIN_COHORT,
        max_cohort=MAX_SUMMANDS,
        quorum_bps=consortium.quorum_bps,
        cap_share=consortium.cap_share,
        weight_rule=_RULES[consortium.weight_rule],
        submission_window=consortium.submission_window,
        remask_window=consortium.remask_window,
        publication_window=consortium.publication_window,
        acknowledgement_window=consortium.acknowledgement_window,
        reveal_window=consortium.reveal_window,
        challenge_window=consortium.challenge_window,
        benefit_circuit=UNSTATED if benefit is None else benefit.manifest.manifest_hash(),
    )


def bond_config(consortium: Consortium) -> BondConfig | None:
    """Return the bonds that a consortium asks for, None for none."""
    if consortium.bond_beneficiary is None or consortium.bond_wei == 0:
        return None
    return BondConfig(consortium.bond_wei, consortium.bond_delay, consortium.bond_beneficiary)


def circuit_config(circuit: BuiltCircuit) -> CircuitConfig:
    """Return what the contracts need to know of a circuit."""
    return CircuitConfig(
        manifest_hash=circuit.manifest.manifest_hash(),
        verifier_source=circuit.files.verifier,
        proof_length=circuit.manifest.proof_length,
        commitments=circuit.manifest.commitments,
    )


def _address(folder: Path) -> str:
    return str(open_account(NodeHome.open(folder)).address)
