"""A member's own look at a deployment, against the code that its own sources compile to.

Whoever deploys could put another registry, or a verifier that accepts everything, behind
the agreed names; or leave the agreed code, with storage that no constructor of it writes.
Nothing that a registry says counts before this check.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from hexbytes import HexBytes
from web3.types import TxData, TxReceipt

from zkfl.chain.artefacts import Artefact
from zkfl.chain.asking import asking
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project, compile_verifier
from zkfl.chain.deploy import (
    METRICS_STEP,
    NO_ADDRESS,
    NO_VAULT,
    RATE_STEP,
    BondConfig,
    CircuitConfig,
    bond_arguments,
    opening_arguments,
    rate_arguments,
    registry_links,
)
from zkfl.chain.deployment import DeployedCircuit, Deployment, DeployTransaction
from zkfl.chain.errors import ChainError
from zkfl.chain.registry import Registry
from zkfl.chain.router import Router
from zkfl.chain.runtime_template import WORD_BYTES, fits_template
from zkfl.chain.states import ConsortiumConfig, Route
from zkfl.curve import G2Point
from zkfl.rate_schedule import RateSchedule

_PUSH20 = b"\x73"
_ADDRESS_BYTES = 20


class NotGenuineError(ChainError):
    """What stands on chain is not what the member's own sources give."""


def require_genuine(  # noqa: PLR0913, PLR0917 - as many as a consortium agrees on
    client: ChainClient,
    deployment: Deployment,
    consortium: ConsortiumConfig,
    tau_g2: G2Point,
    admission: CircuitConfig,
    training: CircuitConfig,
    bond: BondConfig | None = None,
    benefit: CircuitConfig | None = None,
    evaluation: CircuitConfig | None = None,
    rates: RateSchedule | None = None,
) -> None:
    """Compare code, creation, routes and configuration on chain with the member's own.

    The expected code is what the chain itself returns for the member's own creation code,
    so that immutables are in place. Code says nothing about storage, so the transactions
    that created the contracts must have run that creation code and no other.

    The council may remove the circuit of evaluation: no round needs it, and its verifier is still
    to be the agreed one. The constructor of the contract of metrics refuses a removed circuit, so
    that its code is then compared with the end of the creation code.

    Parameters
    ----------
    client
        Reads the chain.
    deployment
        Addresses and transactions, from whoever deployed.
    consortium
        The configuration that the member agreed to.
    tau_g2
        From the member's own SRS.
    admission, training, benefit, evaluation
        The circuits as the member built them; the last two where the consortium agreed on them.
    bond
        The bonds that the member agreed to; None for none.
    rates
        The schedule of rates that the member agreed to; None for none.

    Raises
    ------
    NotGenuineError
        Code, a creation, a route, the configuration or the deployment's own statement
        differs; or the endpoint no longer has the transaction of a creation.
    CompileError, RpcError
        The comparison could not be made.
    """
    circuits = {"admission": admission, "training": training}
    optional = {"benefit": benefit, "evaluation": evaluation}
    circuits |= {name: circuit for name, circuit in optional.items() if circuit is not None}
    _require_statement(deployment, consortium, circuits)
    contracts = _agreed_contracts(deployment, consortium, tau_g2, circuits)
    _require_bonds(deployment, bond)
    if bond is not None:
        vault = bond_arguments(deployment.registry, bond)
        artefact = compile_project()["BondVault"]
        contracts += (_Contract("bond vault", deployment.bond_vault, artefact, vault),)
    _require_rates(deployment, rates)
    if rates is not None:
        contracts += (_rate_contract(deployment, rates),)
    for contract in contracts:
        _require_code(client, contract)
    router = Router(client, deployment.router)
    for name, circuit in circuits.items():
        removable = name == "evaluation"
        _require_route(router, circuit, deployment.circuits()[name], removable=removable)
    if evaluation is not None:
        metrics = _metrics_contract(deployment, evaluation)
        if router.route(evaluation.manifest_hash).removed:
            _require_template(client, metrics, _metrics_immutables(deployment, consortium))
        else:
            _require_code(client, metrics)
        contracts += (metrics,)
    _require_config(Registry(client, deployment.registry).config(), consortium)
    for contract in contracts:
        _require_creation(client, contract, _the_step(deployment, contract.step))


def require_contract(
    client: ChainClient,
    address: str,
    artefact: Artefact,
    arguments: tuple[object, ...],
    step: DeployTransaction,
) -> None:
    """Compare the code and the creation of one contract with the member's own sources.

    Raises
    ------
    NotGenuineError
        Either differs, or the endpoint no longer has the transaction of the creation.
    RpcError
        The comparison could not be made.
    """
    contract = _Contract(step.step, address, artefact, arguments)
    _require_code(client, contract)
    _require_creation(client, contract, step)


@dataclass(frozen=True)
class _Contract:
    """A contract as the member would have created it."""

    step: str
    address: str
    artefact: Artefact
    arguments: tuple[object, ...] = ()
    links: Mapping[str, str] | None = None

    def creation(self, client: ChainClient) -> bytes:
        """Return the creation code and the encoded arguments of the constructor."""
        abi = cast("Any", self.artefact.abi)
        factory = client.w3.eth.contract(abi=abi, bytecode=self.artefact.bytecode(self.links))
        return bytes(HexBytes(factory.constructor(*self.arguments).data_in_transaction))


def _agreed_contracts(
    deployment: Deployment,
    consortium: ConsortiumConfig,
    tau_g2: G2Point,
    circuits: Mapping[str, CircuitConfig],
) -> tuple[_Contract, ...]:
    project = compile_project()
    owner, router, registry = deployment.owner, deployment.router, deployment.registry
    roles = (owner, deployment.aggregator, deployment.guardian, deployment.key_holder)
    shared = (router, deployment.opening)
    halves = (deployment.extension, deployment.bond_vault)
    agreed = (
        consortium.as_tuple(),
        *shared,
        *halves,
        deployment.learning_rate or NO_ADDRESS,
        *roles,
    )
    extended = (*shared, deployment.bond_vault)
    links = registry_links(deployment.weights)
    setup = opening_arguments(consortium, tau_g2)
    return (
        *_verifier_contracts(deployment, circuits),
        _Contract("router", router, project["VerifierRouter"], (owner,)),
        _Contract("opening", deployment.opening, project["VectorOpening"], setup),
        _Contract("weights", deployment.weights, project["Weights"]),
        _Contract("extension", deployment.extension, project["RegistryExtension"], extended),
        _Contract("registry", registry, project["ConsortiumRegistry"], agreed, links),
    )


def _verifier_contracts(
    deployment: Deployment, circuits: Mapping[str, CircuitConfig]
) -> Iterator[_Contract]:
    for name, circuit in circuits.items():
        artefact = compile_verifier(circuit.verifier_source)
        yield _Contract(f"{name} verifier", deployment.circuits()[name].verifier, artefact)


def _rate_contract(deployment: Deployment, rates: RateSchedule) -> _Contract:
    metrics = deployment.metrics or NO_ADDRESS
    arguments = rate_arguments(deployment.registry, metrics, rates)
    artefact = compile_project()["LearningRate"]
    return _Contract(RATE_STEP, deployment.learning_rate or NO_ADDRESS, artefact, arguments)


def _metrics_contract(deployment: Deployment, evaluation: CircuitConfig) -> _Contract:
    if deployment.metrics is None:
        raise NotGenuineError(
            "deployment.json names no contract of metrics, and this member agreed to proven "
            "metrics: ask who deployed for the complete file"
        )
    arguments = (deployment.registry, evaluation.manifest_hash)
    artefact = compile_project()["ModelMetrics"]
    return _Contract(METRICS_STEP, deployment.metrics, artefact, arguments)


def _metrics_immutables(deployment: Deployment, consortium: ConsortiumConfig) -> set[bytes]:
    """Return the values that the constructor of the contract of metrics keeps in its code."""
    evaluation = deployment.circuits()["evaluation"].manifest_hash
    addresses = (deployment.registry, deployment.router)
    numbers = (consortium.shard_slots, consortium.max_openings)
    return {
        consortium.admission_circuit,
        bytes.fromhex(evaluation),
        *(bytes(HexBytes(address)).rjust(WORD_BYTES, b"\0") for address in addresses),
        *(number.to_bytes(WORD_BYTES, "big") for number in numbers),
    }


def _require_statement(
    deployment: Deployment,
    consortium: ConsortiumConfig,
    circuits: Mapping[str, CircuitConfig],
) -> None:
    deployed = deployment.circuits()
    statements: tuple[tuple[str, object, object], ...] = (
        ("srs_hash", deployment.srs_hash, consortium.srs_hash.hex()),
        ("srs_insecure", deployment.srs_insecure, consortium.srs_insecure),
        ("circuits", list(deployed), list(circuits)),
        *(
            (f"{name} circuit", deployed[name].manifest_hash, circuit.manifest_hash.hex())
            for name, circuit in circuits.items()
            if name in deployed
        ),
    )
    for name, stated, agreed in statements:
        if stated != agreed:
            raise NotGenuineError(
                f"deployment.json states {name} {stated}, this member agreed to {agreed}: the "
                "file belongs to another consortium, or was changed"
            )


def _require_bonds(deployment: Deployment, bond: BondConfig | None) -> None:
    if (deployment.bond_vault == NO_VAULT) != (bond is None):
        agreed = f"bonds of {bond.wei} wei" if bond else "no bonds"
        raise NotGenuineError(
            f"deployment.json names {deployment.bond_vault} as the vault of bonds, this member "
            f"agreed to {agreed}: compare consortium.json"
        )


def _require_rates(deployment: Deployment, rates: RateSchedule | None) -> None:
    if (deployment.learning_rate is None) != (rates is None):
        agreed = f"the schedule {rates.rule}" if rates else "no rates"
        raise NotGenuineError(
            f"deployment.json names {deployment.learning_rate} as the rule of rates, this member "
            f"agreed to {agreed}: compare consortium.json"
        )


def _require_code(client: ChainClient, contract: _Contract) -> None:
    creation = HexBytes(contract.creation(client))
    with asking(f"code of {contract.artefact.name}", client.decoder):
        expected = client.w3.eth.call({"data": creation})
        actual = client.w3.eth.get_code(client.w3.to_checksum_address(contract.address))
    if bytes(actual) != _placed(bytes(expected), contract.address):
        raise _other_code(contract, len(actual), len(expected))


def _require_template(
    client: ChainClient, contract: _Contract, immutables: Collection[bytes]
) -> None:
    """Compare code whose constructor would be refused now."""
    artefact = contract.artefact
    with asking(f"code of {artefact.name}", client.decoder):
        actual = bytes(client.w3.eth.get_code(client.w3.to_checksum_address(contract.address)))
    creation = artefact.bytecode(contract.links)
    if not fits_template(actual, creation, artefact.runtime_size, immutables):
        raise _other_code(contract, len(actual), artefact.runtime_size)


def _other_code(contract: _Contract, actual: int, expected: int) -> NotGenuineError:
    return NotGenuineError(
        f"the contract at {contract.address} is not the {contract.artefact.name} that this "
        f"checkout compiles to ({actual} bytes of code, expected {expected}): ask "
        "who deployed it, and check that both of you have the same version of zkfl and the "
        "same SRS"
    )


def _placed(code: bytes, address: str) -> bytes:
    """Put the address where a library keeps its own, behind the first PUSH20.

    https://docs.soliditylang.org/en/v0.8.30/contracts.html#call-protection-for-libraries
    """
    if not code.startswith(_PUSH20):
        return code
    return _PUSH20 + bytes(HexBytes(address)) + code[1 + _ADDRESS_BYTES :]


def _the_step(deployment: Deployment, step: str) -> DeployTransaction:
    found = [transaction for transaction in deployment.transactions if transaction.step == step]
    if len(found) != 1:
        raise NotGenuineError(
            f"deployment.json lists {len(found)} transactions for the step {step!r}, expected 1: "
            "without it nobody can tell how that contract was created; ask who deployed for the "
            "complete file"
        )
    return found[0]


def _require_creation(client: ChainClient, contract: _Contract, step: DeployTransaction) -> None:
    """Check that a contract's storage began as its constructor leaves it.

    An address is created once, and none of the contracts can destroy itself.
    """
    transaction, receipt = _mined(client, step)
    said = f"transaction {step.tx_hash}, stated to create the {contract.step},"
    if transaction.get("to") is not None:
        raise NotGenuineError(f"{said} is a call of {transaction['to']} and no creation")
    given, expected = bytes(HexBytes(transaction["input"])), contract.creation(client)
    if given != expected:
        raise NotGenuineError(
            f"{said} ran other creation code than this checkout's {contract.artefact.name} "
            f"({len(given)} bytes, expected {len(expected)}): it could have written anything "
            "into the contract's storage; do not use this deployment"
        )
    if receipt["status"] != 1:
        raise NotGenuineError(f"{said} failed, so it created nothing")
    created = receipt.get("contractAddress")
    if created != contract.address:
        raise NotGenuineError(
            f"{said} created {created}, the deployment uses {contract.address}: that contract "
            "came from another transaction, which could have written anything into its storage"
        )


def _mined(client: ChainClient, step: DeployTransaction) -> tuple[TxData, TxReceipt]:
    transaction, receipt = client.transaction(step.tx_hash), client.receipt(step.tx_hash)
    if transaction is None or receipt is None:
        raise NotGenuineError(
            f"the endpoint has no mined transaction {step.tx_hash} ({step.step}): deployment.json "
            "states a wrong hash, or the endpoint pruned it; ask an endpoint that keeps the whole "
            "history, since the creation of a contract cannot be checked without it"
        )
    return transaction, receipt


def _require_route(
    router: Router, circuit: CircuitConfig, deployed: DeployedCircuit, *, removable: bool
) -> None:
    expected = Route(deployed.verifier, circuit.proof_length, circuit.commitments, removed=False)
    actual = router.route(circuit.manifest_hash)
    if removable and actual.removed:
        expected = replace(expected, removed=True)
    if actual != expected:
        raise NotGenuineError(
            f"circuit {circuit.manifest_hash.hex()} is routed to {actual}, expected {expected}: "
            "another verifier would decide about proofs"
        )


def _require_config(actual: ConsortiumConfig, expected: ConsortiumConfig) -> None:
    if actual != expected:
        raise NotGenuineError(
            f"the registry was created with {actual}; this member agreed to {expected}: compare "
            "consortium.json, the SRS and the circuits"
        )
