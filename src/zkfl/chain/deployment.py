"""The record of a deployment: ``deployment.json``, all that a node needs to find its chain."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from web3 import Web3

from zkfl.atomic_file import write_atomically
from zkfl.chain.connection import Connection
from zkfl.chain.errors import ChainError
from zkfl.json_problems import json_problems
from zkfl.public_file import PublicFileError, read_public_file

FORMAT = "zkfl-deployment-v3"
_FILE_MODE = 0o644
_MAX_FILE_BYTES = 1_000_000


class DeploymentFileError(ChainError):
    """``deployment.json`` is missing, malformed, or says what cannot be."""


def _checksummed(address: str) -> str:
    # web3 takes any case; a typing error is only found by the checksum
    if not Web3.is_checksum_address(address):
        raise ValueError(f"{address!r} is no checksummed address")
    return address


Address = Annotated[str, AfterValidator(_checksummed)]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
TransactionHash = Annotated[str, Field(pattern=r"^0x[0-9a-f]{64}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class DeployTransaction(_Strict):
    """One step of a deployment, and what it cost in gas."""

    step: Annotated[str, Field(min_length=1, max_length=200)]
    tx_hash: TransactionHash
    gas_used: Annotated[int, Field(gt=0)]
    block_number: Annotated[int, Field(ge=0)]


class DeployedCircuit(_Strict):
    """A circuit and its verifier.

    Attributes
    ----------
    manifest_hash
        SHA-256, hexadecimal without 0x; the circuit's name in the router.
    verifier
        Address.
    """

    manifest_hash: Hash
    verifier: Address


class Deployment(_Strict):
    """Where a consortium lives.

    Attributes
    ----------
    chain_id, block_number
        The chain, and the block of the first contract: events begin there.
    registry, extension, router, opening, weights
        Addresses of contracts; ``extension`` holds half of the registry's code, ``weights`` is a
        library that the registry is linked to.
    bond_vault
        Address of the bonds' contract; zero where no bonds are asked for.
    admission, training
        The circuits.
    benefit
        The circuit of benefits, where the rule for shares asks for it.
    evaluation, metrics
        The circuit of metrics, and the address of the contract that takes its proofs; where they
        were agreed on.
    learning_rate
        Address of the rule that gives each round its rate; None where rounds have none.
    owner, aggregator, guardian, key_holder
        Addresses that hold the roles.
    srs_hash
        SHA-256 of the SRS file, hexadecimal without 0x.
    srs_insecure
        True for a demo SRS: whoever made it can prove anything.
    transactions
        In order.
    """

    format: Annotated[str, Field(pattern=f"^{re.escape(FORMAT)}$")] = FORMAT
    chain_id: Annotated[int, Field(gt=0)]
    block_number: Annotated[int, Field(ge=0)]
    registry: Address
    extension: Address
    router: Address
    opening: Address
    weights: Address
    bond_vault: Address
    admission: DeployedCircuit
    training: DeployedCircuit
    benefit: DeployedCircuit | None = None
    evaluation: DeployedCircuit | None = None
    metrics: Address | None = None
    learning_rate: Annotated[Address | None, Field(exclude_if=lambda address: address is None)] = (
        None
    )
    owner: Address
    aggregator: Address
    guardian: Address
    key_holder: Address
    srs_hash: Hash
    srs_insecure: bool
    transactions: list[DeployTransaction]

    def circuits(self) -> dict[str, DeployedCircuit]:
        """Return the circuits by name."""
        optional = {"benefit": self.benefit, "evaluation": self.evaluation}
        used = {name: circuit for name, circuit in optional.items() if circuit is not None}
        return {"admission": self.admission, "training": self.training} | used

    def contract_addresses(self) -> tuple[str, ...]:
        """Return the addresses that hold code."""
        verifiers = [circuit.verifier for circuit in self.circuits().values()]
        shared = (self.router, self.opening, self.weights)
        vault = (self.bond_vault,) if int(self.bond_vault, 16) else ()
        metrics = () if self.metrics is None else (self.metrics,)
        rates = () if self.learning_rate is None else (self.learning_rate,)
        return (self.registry, self.extension, *shared, *vault, *metrics, *rates, *verifiers)

    def require_on(self, connection: Connection) -> None:
        """Check that a chain holds this deployment.

        Raises
        ------
        DeploymentFileError
            The connection is to another chain.
        NoCodeError
            An address holds no contract.
        """
        if connection.chain_id != self.chain_id:
            raise DeploymentFileError(
                f"the deployment is on chain {self.chain_id}, the client on {connection.chain_id}"
            )
        for address in self.contract_addresses():
            connection.require_code(address)


def save_deployment(path: Path, deployment: Deployment) -> None:
    """Write the file in one step; it holds no secret."""
    text = deployment.model_dump_json(indent=2) + "\n"
    write_atomically(path, text.encode(), _FILE_MODE)


def load_deployment(path: Path) -> Deployment:
    """Read a file that `save_deployment` wrote.

    Raises
    ------
    DeploymentFileError
        It is missing or too large, a key is unknown or missing, or a value has another form.
    """
    try:
        content = read_public_file(path, _MAX_FILE_BYTES)
    except PublicFileError as error:
        raise DeploymentFileError(str(error)) from error
    try:
        return Deployment.model_validate_json(content)
    except ValidationError as error:
        raise DeploymentFileError(
            f"{path} is no deployment of this version of zkfl: {json_problems(error)}"
        ) from error
