"""All that is ever deployed, and rounds, within blocks of 30 million gas and EIP-170's limit."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from eth_account import Account

from zkfl.chain.artefacts import MAX_RUNTIME_BYTES
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.council_states import CouncilRules
from zkfl.chain.deploy import CircuitConfig, DeployConfig, deploy
from zkfl.chain.deployment import save_deployment
from zkfl.chain.local_chain import BLOCK_GAS_LIMIT, LocalChain
from zkfl.chain.local_nodes import running_local_chain
from zkfl.chain.node_names import NODE_NAMES
from zkfl.chain.sender import TRANSACTION_GAS_CAP
from zkfl.chain.solidity_sources import contracts_root
from zkfl.chain.states import ConsortiumConfig
from zkfl.curve import G1, multiply
from zkfl.hand_over import hand_over
from zkfl.srs.ceremony import deploy_log
from zkfl.srs.demo import demo_s_g2
from zkfl.workspace import Workspace
from zkfl.zk_circuits.manifest import Manifest

if TYPE_CHECKING:
    from conftest import Play

GENERATED = contracts_root() / "src" / "generated"
CIRCUITS = ("wdbc", "heart")
DAY = 24 * 3_600
RULES = CouncilRules(quorum_bps=6_666, delay=2 * DAY, membership_delay=0, lifetime=14 * DAY)
HOSPITALS = [(Account.create().address, f"Hospital {number}") for number in range(3)]
PROVEN = ("admission", "logistic-training")
KINDS = {*PROVEN, "benefit", "evaluation", "mlp-training", "convolutional-training"}
INSTANCE = re.compile(r"-(wdbc-mlp|tcga-brca|wdbc|heart|busi|cnn)-[0-9a-f]{8}$")


@pytest.fixture(params=NODE_NAMES)
def chain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LocalChain]:
    with running_local_chain(request.param, tmp_path / "node.log") as started:
        yield started


def circuit(kind: str, instance: str) -> tuple[Manifest, CircuitConfig]:
    [folder] = GENERATED.glob(f"{kind}-{instance}-????????")
    manifest = Manifest.load(folder / "manifest.json")
    return manifest, CircuitConfig(
        manifest.manifest_hash(),
        folder / "Halo2Verifier.sol",
        manifest.proof_length,
        manifest.commitments,
    )


def config_of(instance: str, agreed: ConsortiumConfig) -> DeployConfig:
    (manifest, admission), (_, training) = (circuit(kind, instance) for kind in PROVEN)
    spec = manifest.spec
    consortium = replace(
        agreed,
        srs_hash=bytes.fromhex(manifest.hashes.srs),
        logrows=spec.logrows,
        zero_commitment=G1,
        lagrange0=multiply(G1, 2),
        lagrange1=multiply(G1, 3),
        admission_circuit=admission.manifest_hash,
        training_circuit=training.manifest_hash,
        model_length=spec.model_length,
        shard_slots=spec.slots,
        max_openings=spec.max_openings,
        noise_bound=1 << 23,
        max_cohort=16,
    )
    aggregator, guardian, key_holder = (Account.create().address for _ in range(3))
    return DeployConfig(
        consortium=consortium,
        tau_g2=demo_s_g2(),
        admission=admission,
        training=training,
        aggregator=aggregator,
        guardian=guardian,
        key_holder=key_holder,
        members=HOSPITALS,
    )


def test_everything_is_deployed_within_the_limits_of_a_public_chain(
    chain: LocalChain, sample_config: ConsortiumConfig, tmp_path: Path
) -> None:
    office = ChainClient(chain.url, chain.new_account(), chain.chain_id, decoder=error_decoder())
    assert {INSTANCE.sub("", path.name) for path in GENERATED.iterdir()} == KINDS
    created = 0
    for instance in CIRCUITS:
        workspace = Workspace(tmp_path / instance)
        workspace.root.mkdir()
        deployment = deploy(office, config_of(instance, sample_config))
        save_deployment(workspace.deployment, deployment)
        hand_over(workspace, office, RULES)
        created += len(("admission", "training", "router", "opening", "weights"))
        created += len(("extension", "registry", "council"))
    contributors = [address for address, _ in HOSPITALS]
    deploy_log(office, 14, contributors, 5, 3_600)
    assert require_within_limits(office) == created + 1


@pytest.mark.parametrize("name", NODE_NAMES)
def test_rounds_are_run_within_the_limits_of_a_public_chain(played: "Play", name: str) -> None:
    stage = played(name)
    deployed = (
        stage.deployment.admission.verifier,
        stage.deployment.training.verifier,
        *(stage.deployment.router, stage.deployment.opening),
        *(stage.deployment.weights, stage.deployment.extension, stage.deployment.registry),
    )
    assert require_within_limits(stage.reader.client) == len(set(deployed))


def require_within_limits(client: ChainClient) -> int:
    """Check every transaction that a chain ever mined; return how many created a contract."""
    created = 0
    for number in range(client.block_number() + 1):
        block = client.w3.eth.get_block(number)
        assert block["gasLimit"] == BLOCK_GAS_LIMIT
        for tx_hash in block["transactions"]:
            assert isinstance(tx_hash, bytes)
            sent, receipt = client.transaction(tx_hash.hex()), client.receipt(tx_hash.hex())
            assert sent is not None
            assert receipt is not None
            assert receipt["status"] == 1
            assert receipt["gasUsed"] <= sent["gas"] <= TRANSACTION_GAS_CAP < BLOCK_GAS_LIMIT
            if receipt.get("contractAddress"):
                assert 0 < client.code_size(str(receipt["contractAddress"])) <= MAX_RUNTIME_BYTES
                created += 1
    return created
