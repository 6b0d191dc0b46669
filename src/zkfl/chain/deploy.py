"""Puts a consortium on a chain: verifiers, router, openings, registry, members."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import rlp  # type: ignore[import-untyped]
from eth_utils.crypto import keccak
from web3 import Web3

from zkfl.chain.artefacts import Artefact
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project, compile_verifier
from zkfl.chain.deployment import DeployedCircuit, Deployment, DeployTransaction
from zkfl.chain.errors import ChainError
from zkfl.chain.registry import Registry
from zkfl.chain.router import Router
from zkfl.chain.states import UNSTATED, ConsortiumConfig
from zkfl.chain.transactions import TxResult
from zkfl.curve import G2Point
from zkfl.rate_schedule import RateSchedule

_HASH_BYTES = 32
_ADDRESS_BYTES = 20
_FROM_VAULT_TO_REGISTRY = 2
_FROM_RATES_TO_REGISTRY = 2
"""Without a vault, which comes between."""
RATE_STEP = "learning rate"
"""The step of a deployment that creates the contract of rates."""
METRICS_STEP = "model metrics"
"""The step of a deployment that creates the contract of metrics."""
NO_ADDRESS = "0x" + "0" * 40
"""In the place of a contract that a consortium does without."""
NO_VAULT = NO_ADDRESS
"""In the place of a vault where no bonds are asked for."""


class DeployConfigError(ChainError):
    """A deployment was asked for that cannot work."""


@dataclass(frozen=True)
class CircuitConfig:
    """A circuit to deploy.

    Attributes
    ----------
    manifest_hash
        SHA-256, 32 bytes.
    verifier_source
        EZKL's generated Solidity: text or file.
    proof_length
        Bytes of every proof.
    commitments
        Points at the start of a proof.
    """

    manifest_hash: bytes
    verifier_source: str | Path
    proof_length: int
    commitments: int


@dataclass(frozen=True)
class BondConfig:
    """Bonds of a consortium: wei, seconds until a withdrawal, and who gets slashed ones."""

    wei: int
    delay: int
    beneficiary: str


@dataclass(frozen=True)
class DeployConfig:
    """A consortium to deploy.

    Attributes
    ----------
    consortium
        What never changes; its circuits must be those below.
    tau_g2
        The secret's multiple of G2 in the consortium's SRS.
    admission, training
        The circuits.
    benefit
        The circuit of benefits, where the consortium names one.
    evaluation
        The circuit of metrics, where they are to be proven.
    rates
        How the learning rate of rounds follows; None where rounds have none.
    aggregator, guardian, key_holder
        Addresses that get the roles; the client's account stays owner.
    members
        Address and name of each hospital, in order.
    bond
        None for no bonds.
    """

    consortium: ConsortiumConfig
    tau_g2: G2Point
    admission: CircuitConfig
    training: CircuitConfig
    aggregator: str
    guardian: str
    key_holder: str
    members: Sequence[tuple[str, str]] = ()
    bond: BondConfig | None = None
    benefit: CircuitConfig | None = None
    evaluation: CircuitConfig | None = None
    rates: RateSchedule | None = None

    def circuits(self) -> dict[str, CircuitConfig]:
        """Return the circuits by name, in the order of their deployment."""
        optional = {"evaluation": self.evaluation}
        used = {name: circuit for name, circuit in optional.items() if circuit is not None}
        return self.registry_circuits() | used

    def registry_circuits(self) -> dict[str, CircuitConfig]:
        """Return those that the registry's configuration names."""
        named = {"admission": self.admission, "training": self.training}
        return named if self.benefit is None else named | {"benefit": self.benefit}


StepCallback = Callable[[str], None]
"""Gets the name of the step that begins."""


def deploy(
    client: ChainClient, config: DeployConfig, on_step: StepCallback | None = None
) -> Deployment:
    """Deploy a consortium, and check that it stands as asked for.

    Parameters
    ----------
    client
        Its account pays, and owns router and registry.
    on_step
        Progress.

    Raises
    ------
    DeployConfigError
        The circuits are not the consortium's, or a hash has another length.
    CompileError, OversizeContractError
        A contract does not compile, or is too large for a chain.
    NoCodeError
        A contract is not at its address.
    ChainError
        A transaction fails; see `ChainClient.send`.
    """
    _require_consistent(config)
    return _Deployer(client, config, on_step or _ignore).run()


class _Deployer:
    """One run: keeps the transactions in order."""

    def __init__(self, client: ChainClient, config: DeployConfig, on_step: StepCallback) -> None:
        self._client = client
        self._config = config
        self._on_step = on_step
        self._transactions: list[DeployTransaction] = []
        self._project = compile_project()

    def run(self) -> Deployment:
        # everything is compiled, and so checked for size, before anything is paid for
        compiled = {
            name: compile_verifier(circuit.verifier_source)
            for name, circuit in self._config.circuits().items()
        }
        verifiers = {
            name: self._create(f"{name} verifier", verifier) for name, verifier in compiled.items()
        }
        router = self._create_router(verifiers)
        opening = self._create_opening()
        weights = self._create("weights", self._project["Weights"])
        shared = {"router": router, "opening": opening, "weights": weights}
        rates = None if self._config.rates is None else self._create_rates(self._config.rates)
        shared["learning_rate"] = rates or NO_ADDRESS
        vault = self._create_vault() if self._config.bond else NO_VAULT
        shared["bond_vault"] = vault
        shared["extension"] = self._create_extension(router, opening, vault)
        shared["registry"] = self._create_registry(shared)
        self._require_named(shared)
        if self._config.evaluation is not None:
            shared["metrics"] = self._create_metrics(shared["registry"], self._config.evaluation)
        self._require_rates_named(shared)
        self._add_members(shared["registry"])
        deployment = self._record(shared, verifiers)
        deployment.require_on(self._client)
        return deployment

    def _create_router(self, verifiers: Mapping[str, str]) -> str:
        address = self._create("router", self._project["VerifierRouter"], (self._client.sender,))
        router = Router(self._client, address)
        for name, circuit in self._config.circuits().items():
            step = f"register circuit {circuit.manifest_hash.hex()}"
            described = (circuit.proof_length, circuit.commitments)
            arguments = (circuit.manifest_hash, verifiers[name], *described)
            self._do(step, partial(router.register, *arguments))
        return address

    def _create_opening(self) -> str:
        arguments = opening_arguments(self._config.consortium, self._config.tau_g2)
        return self._create("opening", self._project["VectorOpening"], arguments)

    def _create_vault(self) -> str:
        """Create the vault, which names the registry that comes after it and the extension."""
        sender = self._client.sender
        nonce = self._client.transaction_count(sender, "pending")
        registry = create_address(sender, nonce + _FROM_VAULT_TO_REGISTRY)
        arguments = bond_arguments(registry, self._config.bond)
        return self._create("bond vault", self._project["BondVault"], arguments)

    def _create_rates(self, schedule: RateSchedule) -> str:
        """Create the rule, which names registry and metrics: both come after it, one by one."""
        sender, later = self._client.sender, _FROM_RATES_TO_REGISTRY + bool(self._config.bond)
        nonce = self._client.transaction_count(sender, "pending") + later
        registry, metrics = create_address(sender, nonce), create_address(sender, nonce + 1)
        arguments = rate_arguments(registry, metrics, schedule)
        return self._create(RATE_STEP, self._project["LearningRate"], arguments)

    def _create_extension(self, router: str, opening: str, vault: str) -> str:
        arguments = (router, opening, vault)
        return self._create("extension", self._project["RegistryExtension"], arguments)

    def _create_registry(self, shared: Mapping[str, str]) -> str:
        arguments = (
            self._config.consortium.as_tuple(),
            shared["router"],
            shared["opening"],
            shared["extension"],
            shared["bond_vault"],
            shared["learning_rate"],
            self._client.sender,
            self._config.aggregator,
            self._config.guardian,
            self._config.key_holder,
        )
        artefact = self._project["ConsortiumRegistry"]
        return self._create("registry", artefact, arguments, registry_links(shared["weights"]))

    def _create_metrics(self, registry: str, evaluation: CircuitConfig) -> str:
        arguments = (registry, evaluation.manifest_hash)
        return self._create(METRICS_STEP, self._project["ModelMetrics"], arguments)

    def _create(
        self,
        step: str,
        artefact: Artefact,
        arguments: Sequence[object] = (),
        links: Mapping[str, str] | None = None,
    ) -> str:
        code = artefact.bytecode(links)
        result = self._do(step, partial(self._client.deploy, artefact.abi, code, arguments))
        return str(result.contract_address)

    def _require_named(self, shared: Mapping[str, str]) -> None:
        """Check that the vault names the registry; another transaction may have come between."""
        if self._config.bond is None:
            return
        abi = self._project["BondVault"].abi
        named = str(self._client.call(shared["bond_vault"], abi, "REGISTRY"))
        if named != shared["registry"]:
            raise DeployConfigError(
                f"the vault of bonds names {named} as its registry, which came to stand at "
                f"{shared['registry']}: the account sent something else meanwhile; deploy again"
            )

    def _require_rates_named(self, shared: Mapping[str, str]) -> None:
        """Check that the rule of rates names registry and metrics where they came to stand."""
        if self._config.rates is None:
            return
        abi, rates = self._project["LearningRate"].abi, shared["learning_rate"]
        judges = self._config.rates.rule == "plateau"
        stands = {
            "REGISTRY": shared["registry"],
            "METRICS": shared.get("metrics") if judges else NO_ADDRESS,
        }
        for name, address in stands.items():
            named = str(self._client.call(rates, abi, name))
            if named != address:
                raise DeployConfigError(
                    f"the rule of rates names {named} as its {name}, which came to stand at "
                    f"{address}: the account sent something else meanwhile; deploy again"
                )

    def _add_members(self, address: str) -> None:
        registry = Registry(self._client, address)
        for member, name in self._config.members:
            self._do(f"add member {member}", partial(registry.add_member, member, name))

    def _do(self, step: str, action: Callable[[], TxResult]) -> TxResult:
        self._on_step(step)
        result = action()
        self._transactions.append(
            DeployTransaction(
                step=step,
                tx_hash=result.tx_hash,
                gas_used=result.gas_used,
                block_number=result.block_number,
            )
        )
        return result

    def _record(self, shared: Mapping[str, str], verifiers: Mapping[str, str]) -> Deployment:
        circuits = {
            name: DeployedCircuit(
                manifest_hash=circuit.manifest_hash.hex(), verifier=verifiers[name]
            )
            for name, circuit in self._config.circuits().items()
        }
        rated = self._config.rates is not None
        placed = {k: v for k, v in shared.items() if rated or k != "learning_rate"}
        return Deployment(
            chain_id=self._client.chain_id,
            block_number=self._transactions[0].block_number,
            **placed,
            admission=circuits["admission"],
            training=circuits["training"],
            benefit=circuits.get("benefit"),
            evaluation=circuits.get("evaluation"),
            owner=self._client.sender,
            aggregator=self._config.aggregator,
            guardian=self._config.guardian,
            key_holder=self._config.key_holder,
            srs_hash=self._config.consortium.srs_hash.hex(),
            srs_insecure=self._config.consortium.srs_insecure,
            transactions=self._transactions,
        )


def create_address(sender: str, nonce: int) -> str:
    """Return the address of what an account creates with a nonce."""
    raw = rlp.encode([bytes.fromhex(sender.removeprefix("0x")), nonce])
    return str(Web3.to_checksum_address(keccak(raw)[-_ADDRESS_BYTES:]))


def bond_arguments(registry: str, bond: BondConfig | None) -> tuple[object, ...]:
    """Return what the vault's constructor takes.

    Raises
    ------
    DeployConfigError
        No bonds are asked for.
    """
    if bond is None:
        raise DeployConfigError("no bonds are asked for, so there is no vault")
    return (registry, bond.wei, bond.delay, bond.beneficiary)


def rate_arguments(registry: str, metrics: str, schedule: RateSchedule) -> tuple[object, ...]:
    """Return what the rule of rates is created with; it reads metrics for a plateau alone."""
    measured = metrics if schedule.rule == "plateau" else NO_ADDRESS
    return (registry, measured, schedule.as_tuple())


def registry_links(weights: str) -> dict[str, str]:
    """Return the libraries that the registry is linked to, by source and name."""
    return {f"{compile_project()['Weights'].source}:Weights": weights}


def opening_arguments(consortium: ConsortiumConfig, tau_g2: G2Point) -> tuple[object, ...]:
    """Return what the contract for openings is created with, words in EIP-197's order."""
    words = (tau_g2.x_c1, tau_g2.x_c0, tau_g2.y_c1, tau_g2.y_c0)
    return (consortium.logrows, words)


def _require_consistent(config: DeployConfig) -> None:
    consortium = config.consortium
    stated = [consortium.admission_circuit, consortium.training_circuit]
    if consortium.benefit_circuit != UNSTATED:
        stated.append(consortium.benefit_circuit)
    given = [circuit.manifest_hash for circuit in config.registry_circuits().values()]
    judged = config.rates is not None and config.rates.rule == "plateau"
    if judged and config.evaluation is None:
        raise DeployConfigError("a plateau is judged by proven metrics, and there are none")
    if stated != given:
        raise DeployConfigError(
            f"the consortium names circuits {[h.hex() for h in stated]}, "
            f"the verifiers are for {[h.hex() for h in given]}"
        )
    for digest in (config.consortium.srs_hash, *stated):
        if len(digest) != _HASH_BYTES:
            raise DeployConfigError(f"{digest.hex()!r} is no SHA-256 hash: it has 32 bytes")


def _ignore(_: str) -> None:
    """Report progress to nobody."""
