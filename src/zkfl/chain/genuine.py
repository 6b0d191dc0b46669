"""A member's own look at a deployment, against the code that its own sources compile to.

Whoever deploys could put another registry, or a verifier that accepts everything, behind
the agreed names. Nothing that a registry says counts before this check.
"""

from typing import Any, cast

from hexbytes import HexBytes

from zkfl.chain.artefacts import Artefact
from zkfl.chain.asking import asking
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project, compile_verifier
from zkfl.chain.deploy import CircuitConfig
from zkfl.chain.deployment import DeployedCircuit, Deployment
from zkfl.chain.errors import ChainError
from zkfl.chain.registry import Registry
from zkfl.chain.router import Router
from zkfl.chain.states import ConsortiumConfig, Route


class NotGenuineError(ChainError):
    """What stands on chain is not what the member's own sources give."""


def require_genuine(
    client: ChainClient,
    deployment: Deployment,
    consortium: ConsortiumConfig,
    admission: CircuitConfig,
    training: CircuitConfig,
) -> None:
    """Compare code, routes and configuration on chain with the member's own.

    The expected code is what the chain itself returns for the member's own creation code,
    so that immutables are in place.

    Parameters
    ----------
    client
        Reads the chain.
    deployment
        Addresses, from whoever deployed.
    consortium
        The configuration that the member agreed to.
    admission, training
        The circuits as the member built them.

    Raises
    ------
    NotGenuineError
        Code, a route or the configuration differs.
    CompileError, RpcError
        The comparison could not be made.
    """
    project = compile_project()
    for circuit, deployed in ((admission, deployment.admission), (training, deployment.training)):
        verifier = compile_verifier(circuit.verifier_source)
        _require_code(client, deployed.verifier, verifier, ())
        _require_route(Router(client, deployment.router), circuit, deployed)
    _require_code(client, deployment.router, project["VerifierRouter"], (deployment.owner,))
    registry = Registry(client, deployment.registry)
    _require_config(registry.config(), consortium)
    arguments = (
        consortium.as_tuple(),
        deployment.router,
        deployment.owner,
        deployment.aggregator,
        deployment.guardian,
        deployment.key_holder,
    )
    _require_code(client, deployment.registry, project["ConsortiumRegistry"], arguments)


def _require_code(
    client: ChainClient, address: str, artefact: Artefact, arguments: tuple[object, ...]
) -> None:
    factory = client.w3.eth.contract(abi=cast("Any", artefact.abi), bytecode=artefact.bytecode())
    creation = HexBytes(factory.constructor(*arguments).data_in_transaction)
    with asking(f"code of {artefact.name}", client.decoder):
        expected = client.w3.eth.call({"data": creation})
        actual = client.w3.eth.get_code(client.w3.to_checksum_address(address))
    if bytes(actual) != bytes(expected):
        raise NotGenuineError(
            f"the contract at {address} is not the {artefact.name} that this checkout compiles "
            f"to ({len(actual)} bytes of code, expected {len(expected)}): ask who deployed it, and "
            "check that both of you have the same version of zkfl and the same SRS"
        )


def _require_route(router: Router, circuit: CircuitConfig, deployed: DeployedCircuit) -> None:
    expected = Route(deployed.verifier, circuit.proof_length, circuit.commitments, removed=False)
    actual = router.route(circuit.manifest_hash)
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
