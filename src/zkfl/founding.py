"""Founding a consortium on one machine: folders, keys, circuits, contracts, members."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eth_account import Account

from zkfl.agreed_schema import agreed_schema
from zkfl.atomic_file import write_atomically
from zkfl.cache import cache_folder
from zkfl.chain.client import ChainClient
from zkfl.chain.deploy import BondConfig, CircuitConfig, DeployConfig, deploy
from zkfl.chain.deployment import Deployment, save_deployment
from zkfl.chain.keys import write_keystore
from zkfl.chain.registry import Registry
from zkfl.chain.registry_abi import registry_abi
from zkfl.chain.roles import Role, Roles
from zkfl.chain.states import UNSTATED, ConsortiumConfig, G1Point, WeightRule
from zkfl.commitments import Committer
from zkfl.common_ground import Circuits
from zkfl.consortium import Consortium
from zkfl.curve import ProgressCallback
from zkfl.datasets.public_schema import public_schema
from zkfl.encryption import EncryptionScheme, scheme_named
from zkfl.errors import ZkflError
from zkfl.folders import make_folder
from zkfl.least_records import minimum_records
from zkfl.limbs import MAX_SUMMANDS
from zkfl.node.home import NodeHome
from zkfl.node.hospital import SharedGround
from zkfl.node.key_holder import announce_encryption_context
from zkfl.node.key_store import create_he_keys, create_mask_key, load_he_secret
from zkfl.node.shuffling_key import create_shuffling_key
from zkfl.party_card import PartyCard
from zkfl.party_store import store_of
from zkfl.rated_circuits import require_rates
from zkfl.roster import all_accounts
from zkfl.srs.checked import checked_srs
from zkfl.srs.demo import cached_demo_srs, is_demo
from zkfl.srs.file import SrsFile
from zkfl.srs.points import zero_commitment
from zkfl.workspace import ROLES, Workspace
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.spec import CircuitSpec

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
    MinimumRecordsError
        Shards cannot be as full as was agreed.
    """
    if srs_path is None and not consortium.demo:
        raise _insecure("no SRS was given")
    instance = get_instance(consortium.circuits)
    _require_provable_noise(consortium, instance.spec)
    minimum_records(consortium, instance.spec)
    require_rates(consortium.rate_schedule, instance.spec)
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
    rewards = weight_rule_of(consortium) is WeightRule.BENEFIT
    benefit = build_circuit(instance.benefit, srs.path, cache) if rewards else None
    tested = consortium.proven_metrics
    evaluation = build_circuit(instance.evaluation, srs.path, cache) if tested else None
    return Foundation(srs, Circuits(admission, training, benefit, evaluation))


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
        create_chain_key(NodeHome.create(workspace.role(role)), scrypt_cost)
    for name in consortium.hospitals:
        home = NodeHome.create(workspace.site(name))
        create_chain_key(home, scrypt_cost)
        create_mask_key(home)
        create_shuffling_key(home)
    holder = NodeHome.open(workspace.site(consortium.hospitals[0]))
    create_encryption_keys(holder, scheme_named(consortium.scheme))
    write_atomically(workspace.consortium, consortium.to_json(), mode=0o644)


def write_agreements(workspace: Workspace, consortium: Consortium) -> None:
    """Write the consortium file alone: every party makes its keys on its own machine.

    Raises
    ------
    FoundingError
        The folder holds agreements or parties already.
    """
    if workspace.has_parties():
        raise FoundingError(
            f"{workspace.root} holds a consortium already: agreements that were joined are not "
            "changed; name another folder"
        )
    write_atomically(workspace.consortium, consortium.to_json(), mode=0o644)


def create_encryption_keys(home: NodeHome, scheme: EncryptionScheme) -> None:
    """As the key holder: make the HE keys; the public context lies beside them.

    Where an earlier run stopped between the two, the public context is made from the secret.

    Raises
    ------
    KeyStoreError
        Both are there.
    """
    stopped = home.he_secret.exists() and not home.he_public.exists()
    public = scheme.public_of(load_he_secret(home)) if stopped else create_he_keys(home, scheme)
    write_atomically(home.he_public, public, mode=0o644)


def create_chain_key(home: NodeHome, scrypt_cost: int | None) -> None:
    """Draw a party's chain key and the password of its keystore."""
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
        schema=agreed_schema(workspace, consortium, public_schema),
        scheme=scheme_named(consortium.scheme),
        store=workspace.store,
        noise_bound=consortium.noise_bound,
        challenge_window=consortium.challenge_window,
        minimum_records=minimum_records(consortium, foundation.circuits.training.definition.spec),
    )


def deploy_consortium(  # noqa: PLR0913, PLR0917 - what a deployment is made of
    workspace: Workspace,
    consortium: Consortium,
    foundation: Foundation,
    office: ChainClient,
    on_step: StepCallback | None = None,
    cards: Mapping[str, PartyCard] | None = None,
) -> Deployment:
    """Deploy verifiers, router and registry, and add the members.

    Parameters
    ----------
    workspace, consortium, foundation
        What was agreed; the workspace gets ``deployment.json``.
    office
        Pays, and owns what it deploys.
    on_step
        Progress.
    cards
        Of the parties whose folders are elsewhere, by name.

    Raises
    ------
    RosterError
        A party is neither in the workspace nor among the cards.
    ChainError
        A transaction failed.
    """
    circuits = foundation.circuits
    accounts = all_accounts(workspace, consortium, cards or {})
    config = DeployConfig(
        consortium=consortium_config(consortium, foundation),
        tau_g2=foundation.srs.s_g2,
        admission=circuit_config(circuits.admission),
        training=circuit_config(circuits.training),
        aggregator=accounts["aggregator"],
        guardian=accounts["guardian"],
        key_holder=accounts[consortium.hospitals[0]],
        members=[(accounts[name], name) for name in consortium.hospitals],
        bond=bond_config(consortium),
        benefit=optional_config(circuits.benefit),
        evaluation=optional_config(circuits.evaluation),
        rates=consortium.rate_schedule,
    )
    deployment = deploy(office, config, on_step)
    save_deployment(workspace.deployment, deployment)
    return deployment


def further_key_holders(
    consortium: Consortium, cards: Mapping[str, PartyCard], names: Iterable[str]
) -> list[PartyCard]:
    """Return the cards of hospitals that the office names as holders of the HE key too.

    The public context is no secret, so a card that states it shows nothing: the role goes to
    hospitals that people name. The card must state it all the same.

    Raises
    ------
    FoundingError
        There is no such hospital, or no card of it that states the first hospital's context.
    """
    first = consortium.hospitals[0]
    context = cards[first].encryption_context if first in cards else None
    named = [name for name in dict.fromkeys(names) if name != first]
    for name in named:
        if name not in consortium.hospitals:
            known = ", ".join(consortium.hospitals)
            raise FoundingError(f"{consortium.name} has no hospital {name!r}: it has {known}")
        if context is None or name not in cards or cards[name].encryption_context != context:
            raise FoundingError(
                f"{name} cannot be a key holder: there is no card of it that states the encryption "
                f"context on the card of {first}; have it open the HE key (zkfl he-key open), and "
                "put both newest cards among the cards"
            )
    return [cards[name] for name in named]


def grant_key_holders(
    office: ChainClient, deployment: Deployment, holders: Iterable[PartyCard]
) -> list[str]:
    """Let hospitals open sums; return the names of those that could not before."""
    roles = Roles(office, deployment.registry, registry_abi())
    new = [card for card in holders if not roles.holds(Role.KEY_HOLDER, card.account)]
    for card in new:
        roles.grant(Role.KEY_HOLDER, card.account)
    return [card.name for card in new]


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
        minimum_records=minimum_records(consortium, spec),
        max_openings=spec.max_openings,
        noise_bound=consortium.noise_bound,
        min_cohort=_MIN_COHORT,
        max_cohort=MAX_SUMMANDS,
        quorum_bps=consortium.quorum_bps,
        cap_share=consortium.cap_share,
        weight_rule=weight_rule_of(consortium),
        submission_window=consortium.submission_window,
        remask_window=consortium.remask_window,
        publication_window=consortium.publication_window,
        acknowledgement_window=consortium.acknowledgement_window,
        reveal_window=consortium.reveal_window,
        challenge_window=consortium.challenge_window,
        benefit_circuit=UNSTATED if benefit is None else benefit.manifest.manifest_hash(),
    )


def weight_rule_of(consortium: Consortium) -> WeightRule:
    """Return the rule for shares as the contract names it."""
    return _RULES[consortium.weight_rule]


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


def optional_config(circuit: BuiltCircuit | None) -> CircuitConfig | None:
    """Return the same of a circuit that not every consortium has."""
    return None if circuit is None else circuit_config(circuit)
