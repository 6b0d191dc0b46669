"""A member refuses a deployment that is not what its own sources compile to."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from eth_account import Account

from zkfl.chain.anvil import Anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project, error_decoder
from zkfl.chain.deploy import CircuitConfig, DeployConfig, deploy
from zkfl.chain.deployment import Deployment
from zkfl.chain.genuine import NotGenuineError, require_genuine
from zkfl.chain.router import Router
from zkfl.chain.states import ConsortiumConfig, WeightRule
from zkfl.curve import G1, multiply
from zkfl.srs.demo import demo_s_g2

VERIFIER = """
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;
contract Halo2Verifier {
    function verifyProof(bytes calldata proof, uint256[] calldata) external pure returns (bool) {
        return %s;
    }
}
"""
HONEST, YIELDING = VERIFIER % "proof.length == 384", VERIFIER % "proof.length != 0"
Check = Callable[[Deployment], None]


@pytest.fixture(scope="module")
def owner(anvil: Anvil) -> ChainClient:
    return ChainClient(anvil.url, anvil.new_account(), anvil.chain_id, decoder=error_decoder())


@pytest.fixture(scope="module")
def agreed(sample_config: ConsortiumConfig) -> DeployConfig:
    return DeployConfig(
        consortium=sample_config,
        tau_g2=demo_s_g2(),
        admission=CircuitConfig(b"\x02" * 32, HONEST, 384, 3),
        training=CircuitConfig(b"\x03" * 32, HONEST, 384, 6),
        aggregator=Account.create().address,
        guardian=Account.create().address,
        key_holder=Account.create().address,
    )


@pytest.fixture(scope="module")
def check(owner: ChainClient, agreed: DeployConfig) -> Check:
    return lambda deployment: require_genuine(
        owner, deployment, agreed.consortium, demo_s_g2(), agreed.admission, agreed.training
    )


def test_accepts_what_was_agreed(owner: ChainClient, agreed: DeployConfig, check: Check) -> None:
    check(deploy(owner, agreed))


def test_refuses_a_verifier_that_accepts_more(
    owner: ChainClient, agreed: DeployConfig, check: Check
) -> None:
    training = replace(agreed.training, verifier_source=YIELDING)
    with pytest.raises(NotGenuineError, match="is not the Halo2Verifier"):
        check(deploy(owner, replace(agreed, training=training)))


def test_refuses_another_route_to_the_genuine_verifier(
    owner: ChainClient, agreed: DeployConfig, check: Check
) -> None:
    genuine = deploy(owner, agreed)
    yielding = deploy(
        owner, replace(agreed, training=replace(agreed.training, verifier_source=YIELDING))
    )
    shown = yielding.model_copy(update={"training": genuine.training})
    with pytest.raises(NotGenuineError, match="is routed to"):
        check(shown)


def test_refuses_a_circuit_that_was_removed(
    owner: ChainClient, agreed: DeployConfig, check: Check
) -> None:
    deployment = deploy(owner, agreed)
    Router(owner, deployment.router).remove(agreed.training.manifest_hash)
    with pytest.raises(NotGenuineError, match="removed=True"):
        check(deployment)


@pytest.mark.parametrize(
    "change",
    [
        {"noise_bound": 1 << 20},
        {"max_openings": 21},
        {"quorum_bps": 5_001},
        {"srs_hash": b"\x09" * 32},
        {"lagrange0": multiply(G1, 3)},
        {"weight_rule": WeightRule.EQUAL},
    ],
    ids=lambda change: next(iter(change)),
)
def test_refuses_another_configuration(
    owner: ChainClient, agreed: DeployConfig, check: Check, change: dict[str, object]
) -> None:
    other = replace(agreed, consortium=replace(agreed.consortium, **change))  # type: ignore[arg-type]
    with pytest.raises(NotGenuineError, match="was created with"):
        # the file says what was agreed, the registry does not
        check(deploy(owner, other).model_copy(update={"srs_hash": "01" * 32}))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"srs_hash": "09" * 32}, "srs_hash 0909"),
        ({"srs_insecure": False}, "srs_insecure False"),
        ({"admission": "0a" * 32}, "admission circuit 0a0a"),
        ({"training": "0b" * 32}, "training circuit 0b0b"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refuses_a_deployment_file_that_states_otherwise(
    owner: ChainClient, agreed: DeployConfig, check: Check, change: dict[str, object], named: str
) -> None:
    deployment = deploy(owner, agreed)
    for circuit in change.keys() & {"admission", "training"}:
        renamed = {"manifest_hash": change[circuit]}
        change = {circuit: getattr(deployment, circuit).model_copy(update=renamed)}
    with pytest.raises(NotGenuineError, match=f"deployment.json states {named}"):
        check(deployment.model_copy(update=change))


def test_the_circuit_of_benefits_is_compared_like_the_others(
    owner: ChainClient, agreed: DeployConfig
) -> None:
    circuit = CircuitConfig(b"\x04" * 32, HONEST, 384, 5)
    rule = {"weight_rule": WeightRule.BENEFIT, "benefit_circuit": circuit.manifest_hash}
    rewarding = replace(agreed, consortium=replace(agreed.consortium, **rule), benefit=circuit)

    def check(deployment: Deployment) -> None:
        shared = (rewarding.consortium, demo_s_g2(), agreed.admission, agreed.training)
        require_genuine(owner, deployment, *shared, benefit=rewarding.benefit)

    check(deploy(owner, rewarding))
    yielding = replace(rewarding, benefit=replace(circuit, verifier_source=YIELDING))
    with pytest.raises(NotGenuineError, match="is not the Halo2Verifier"):
        check(deploy(owner, yielding))
    with pytest.raises(NotGenuineError, match="states circuits"):
        check(deploy(owner, agreed))
    removed = deploy(owner, rewarding)
    Router(owner, removed.router).remove(circuit.manifest_hash)
    with pytest.raises(NotGenuineError, match="removed=True"):
        check(removed)


def test_refuses_a_registry_over_another_router(
    owner: ChainClient, agreed: DeployConfig, check: Check
) -> None:
    first, second = deploy(owner, agreed), deploy(owner, agreed)
    with pytest.raises(NotGenuineError, match="is not the ConsortiumRegistry"):
        check(first.model_copy(update={"registry": second.registry}))


def test_refuses_other_code_in_the_place_of_the_router(
    owner: ChainClient, agreed: DeployConfig, check: Check, anvil: Anvil
) -> None:
    deployment = deploy(owner, agreed)
    code = owner.w3.eth.get_code(owner.w3.to_checksum_address(deployment.router))
    changed = code[:-1] + bytes([code[-1] ^ 1])
    assert compile_project()["VerifierRouter"].runtime_size == len(code)
    anvil.control("hardhat_setCode", deployment.router, "0x" + bytes(changed).hex())
    with pytest.raises(NotGenuineError, match="is not the VerifierRouter"):
        check(deployment)


def test_refuses_other_code_in_the_place_of_the_extension(
    owner: ChainClient, agreed: DeployConfig, check: Check, anvil: Anvil
) -> None:
    deployment = deploy(owner, agreed)
    code = bytes(owner.w3.eth.get_code(owner.w3.to_checksum_address(deployment.extension)))
    assert compile_project()["RegistryExtension"].runtime_size == len(code)
    changed = code[:-1] + bytes([code[-1] ^ 1])
    anvil.control("hardhat_setCode", deployment.extension, "0x" + changed.hex())
    with pytest.raises(NotGenuineError, match="is not the RegistryExtension"):
        check(deployment)


def test_refuses_the_extension_of_another_deployment(
    owner: ChainClient, agreed: DeployConfig, check: Check
) -> None:
    """Its code differs in the immutables alone."""
    deployment, other = deploy(owner, agreed), deploy(owner, agreed)
    with pytest.raises(NotGenuineError, match="is not the RegistryExtension"):
        check(deployment.model_copy(update={"extension": other.extension}))


def test_refuses_a_registry_that_runs_another_extension(
    owner: ChainClient, agreed: DeployConfig, check: Check
) -> None:
    """The extension shown is genuine; the registry was created with a second one."""
    deployment = deploy(owner, agreed)
    artefact = compile_project()["RegistryExtension"]
    arguments = (deployment.router, deployment.opening, deployment.bond_vault)
    second = owner.deploy(artefact.abi, artefact.bytecode(), arguments)
    transactions = [
        t.model_copy(update={"tx_hash": second.tx_hash}) if t.step == "extension" else t
        for t in deployment.transactions
    ]
    update = {"extension": second.contract_address, "transactions": transactions}
    with pytest.raises(NotGenuineError, match="is not the ConsortiumRegistry"):
        check(deployment.model_copy(update=update))


def test_a_consortium_goes_on_without_the_circuit_of_metrics_and_with_no_other_verifier(
    owner: ChainClient, agreed: DeployConfig
) -> None:
    circuit = CircuitConfig(b"\x05" * 32, HONEST, 384, 4)
    testing = replace(agreed, evaluation=circuit)

    def check(deployment: Deployment) -> None:
        shared = (agreed.consortium, demo_s_g2(), agreed.admission, agreed.training)
        require_genuine(owner, deployment, *shared, evaluation=circuit)

    deployment = deploy(owner, testing)
    check(deployment)
    Router(owner, deployment.router).remove(circuit.manifest_hash)
    check(deployment)
    with pytest.raises(NotGenuineError, match="is not the ModelMetrics"):
        check(deployment.model_copy(update={"metrics": deployment.registry}))

    yielding = deploy(
        owner, replace(testing, evaluation=replace(circuit, verifier_source=YIELDING))
    )
    Router(owner, yielding.router).remove(circuit.manifest_hash)
    shown = yielding.model_copy(update={"evaluation": deployment.evaluation})
    with pytest.raises(NotGenuineError, match="is routed to"):
        check(shown)
    Router(owner, deployment.router).remove(agreed.training.manifest_hash)
    with pytest.raises(NotGenuineError, match="removed=True"):
        check(deployment)
