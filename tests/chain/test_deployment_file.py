from pathlib import Path
from typing import Any

import pytest

from zkfl.chain.client import ChainClient
from zkfl.chain.deployment import (
    DeployedCircuit,
    Deployment,
    DeploymentFileError,
    DeployTransaction,
    load_deployment,
    save_deployment,
)
from zkfl.chain.errors import NoCodeError

REGISTRY = "0x5FbDB2315678afecb367f032d93F642f64180aa3"


@pytest.fixture
def deployment(client: ChainClient) -> Deployment:
    circuit = DeployedCircuit(manifest_hash="ab" * 32, verifier=REGISTRY)
    step = DeployTransaction(step="router", tx_hash="0x" + "cd" * 32, gas_used=1, block_number=5)
    return Deployment(
        chain_id=client.chain_id,
        block_number=5,
        registry=REGISTRY,
        extension=REGISTRY,
        router=REGISTRY,
        opening=REGISTRY,
        weights=REGISTRY,
        bond_vault=REGISTRY,
        admission=circuit,
        training=circuit,
        owner=client.sender,
        aggregator=client.sender,
        guardian=client.sender,
        key_holder=client.sender,
        srs_hash="ef" * 32,
        srs_insecure=True,
        transactions=[step],
    )


def test_a_saved_deployment_loads_unchanged(deployment: Deployment, tmp_path: Path) -> None:
    path = tmp_path / "deployment.json"
    save_deployment(path, deployment)
    assert load_deployment(path) == deployment
    assert load_deployment(path).srs_insecure is True


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"chain_id"', '"note": 1, "chain_id"'),
        ('"step"', '"note": 1, "step"'),
        ('"srs_insecure": true,', ""),
        ('"srs_insecure": true', '"srs_insecure": "yes"'),
        ('"block_number": 5', '"block_number": "5"'),
        ('"block_number": 5', '"block_number": -5'),
        (REGISTRY, REGISTRY.lower()),
        (REGISTRY, REGISTRY.replace("5F", "5f")),
        ("ef" * 32, "ef" * 31),
        ("zkfl-deployment-v3", "zkfl-deployment-v2"),
        ("{", "["),
    ],
)
def test_a_changed_file_is_refused(
    deployment: Deployment, tmp_path: Path, old: str, new: str
) -> None:
    path = tmp_path / "deployment.json"
    save_deployment(path, deployment)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(DeploymentFileError, match="no deployment of this version"):
        load_deployment(path)


def test_a_missing_or_huge_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeploymentFileError, match="cannot be read"):
        load_deployment(tmp_path / "deployment.json")
    huge = tmp_path / "huge.json"
    huge.write_bytes(b" " * 1_000_001)
    with pytest.raises(DeploymentFileError, match="larger than"):
        load_deployment(huge)


def test_another_chain_or_missing_code_is_refused(
    deployment: Deployment, client: ChainClient
) -> None:
    with pytest.raises(NoCodeError, match=REGISTRY):
        deployment.require_on(client)
    elsewhere: Any = deployment.model_copy(update={"chain_id": 1})
    with pytest.raises(DeploymentFileError, match="is on chain 1, the client on"):
        elsewhere.require_on(client)
