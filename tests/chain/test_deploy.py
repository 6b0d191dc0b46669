from dataclasses import replace

import pytest
from eth_account import Account
from hexbytes import HexBytes

from zkfl.chain.anvil import Anvil
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import compile_project, error_decoder
from zkfl.chain.deploy import (
    DeployConfig,
    DeployConfigError,
    deploy,
)
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.protocol import admission_context, benefit_context, training_context
from zkfl.chain.registry import Registry
from zkfl.chain.roles import Role, Roles
from zkfl.chain.router import Router
from zkfl.chain.states import RoundStatus, WeightRule
from zkfl.curve import G1Point
from zkfl.field import BASE_MODULUS
from zkfl.foreign_text import foreign_text
from zkfl.member_names import hospital_name

GENERATOR = G1Point(1, 2)
# 2 * G1, from the addition formula at (1, 2)
_SLOPE = 3 * pow(4, -1, BASE_MODULUS) % BASE_MODULUS
_X = (_SLOPE * _SLOPE - 2) % BASE_MODULUS
DOUBLED = G1Point(_X, (_SLOPE * (1 - _X) - 2) % BASE_MODULUS)

MEMBERS = [(Account.create().address, f"Hospital {i}") for i in range(3)]


@pytest.fixture(scope="module")
def owner(anvil: Anvil) -> ChainClient:
    return ChainClient(anvil.url, anvil.new_account(), anvil.chain_id, decoder=error_decoder())


@pytest.fixture(scope="module")
def config(sample_deployment: DeployConfig) -> DeployConfig:
    consortium = replace(
        sample_deployment.consortium,
        zero_commitment=GENERATOR,
        lagrange0=GENERATOR,
        lagrange1=DOUBLED,
        weight_rule=WeightRule.CAPPED,
    )
    return replace(sample_deployment, consortium=consortium, members=MEMBERS)


@pytest.fixture(scope="module")
def registry(owner: ChainClient, config: DeployConfig) -> Registry:
    deployment = deploy(owner, config)
    deployment.require_on(owner)
    return Registry(owner, deployment.registry)


def test_a_deployment_stands_as_asked_for(owner: ChainClient, config: DeployConfig) -> None:
    steps: list[str] = []
    deployment = deploy(owner, config, steps.append)
    assert (deployment.srs_hash, deployment.srs_insecure) == ("01" * 32, True)
    assert steps[:3] == ["admission verifier", "training verifier", "router"]
    assert [transaction.step for transaction in deployment.transactions] == steps
    assert all(transaction.gas_used > 21_000 for transaction in deployment.transactions)

    route = Router(owner, deployment.router).route(config.training.manifest_hash)
    assert route.verifier == deployment.training.verifier
    assert (route.proof_length, route.commitments, route.removed) == (384, 6, False)

    abi = compile_project()["ConsortiumRegistry"].abi
    roles = Roles(owner, deployment.registry, abi)
    assert roles.holds(Role.AGGREGATOR, config.aggregator)
    assert roles.holds(Role.GUARDIAN, config.guardian)
    assert roles.holds(Role.KEY_HOLDER, config.key_holder)
    assert not roles.holds(Role.AGGREGATOR, config.guardian)


def test_every_view_of_a_new_registry_is_read(registry: Registry, config: DeployConfig) -> None:
    assert registry.config() == config.consortium
    assert registry.model() == config.consortium.zero_commitment
    assert registry.model_hash() == bytes(32)
    assert registry.current_round() == 0
    assert registry.encryption_context() == bytes(32)
    assert registry.selection_seed() == bytes(32)
    assert registry.members() == [address for address, _ in MEMBERS]
    member = registry.member_of(MEMBERS[1][0])
    assert (member.active, member.name, member.records) == (True, "Hospital 1", 0)
    assert not registry.member_of(config.guardian).active
    assert registry.shard_count(MEMBERS[0][0]) == 0
    assert registry.round(0).status is RoundStatus.NONE


def test_contexts_are_those_of_the_contract(registry: Registry) -> None:
    chain_id = registry.client.chain_id
    for address, _ in MEMBERS:
        for index in (0, 1, 77):
            ours = admission_context(chain_id, registry.address, address, index)
            assert registry.admission_context(address, index) == ours
            ours = training_context(chain_id, registry.address, address, index)
            assert registry.training_context(address, index) == ours
            ours = benefit_context(chain_id, registry.address, address, index)
            assert registry.benefit_context(address, index) == ours


def test_members_come_as_events(registry: Registry) -> None:
    added = registry.events(names=["MemberAdded"])
    assert [(event.values["member"], event.values["name"]) for event in added] == MEMBERS


@pytest.mark.parametrize(
    "name", [b"\xff\xfe", b"\xed\xa0\x80", b"Spital \xfc", "Süd \u202e".encode()]
)
def test_a_name_that_is_no_text_hides_no_member_and_no_event(
    owner: ChainClient, config: DeployConfig, name: bytes
) -> None:
    deployment = deploy(owner, config)
    registry = Registry(owner, deployment.registry)
    newcomer = Account.create().address
    contract = owner.w3.eth.contract(abi=registry.abi)  # type: ignore[call-overload]
    marked = "~" * len(name)
    data = HexBytes(contract.encode_abi("addMember", args=[newcomer, marked]))
    owner.send(registry.address, data.replace(marked.encode(), name))

    shown = registry.member_of(newcomer).name
    assert shown.encode(errors="surrogateescape") == name
    assert hospital_name(registry, newcomer) == newcomer
    assert foreign_text(shown).isprintable()
    added = registry.events(names=["MemberAdded"])
    assert [event.values["member"] for event in added] == [*(m for m, _ in MEMBERS), newcomer]
    assert added[-1].values["name"] == shown
    assert hospital_name(registry, MEMBERS[0][0]) == MEMBERS[0][1]


def test_a_stranger_is_refused_with_the_errors_name(anvil: Anvil, registry: Registry) -> None:
    stranger = ChainClient(anvil.url, anvil.new_account(), anvil.chain_id, decoder=error_decoder())
    for action in (
        lambda r: r.add_member(stranger.sender, "Mallory"),
        lambda r: r.open_round(),
        lambda r: r.pause(),
        lambda r: r.announce_mask_key(b"\x01" * 32),
        lambda r: r.admit_shard(1, b""),
    ):
        with pytest.raises(ContractRevertError) as refused:
            action(Registry(stranger, registry.address))
        assert refused.value.name != "Unknown"


def test_verifiers_of_other_circuits_are_refused(owner: ChainClient, config: DeployConfig) -> None:
    swapped = replace(config, admission=config.training, training=config.admission)
    with pytest.raises(DeployConfigError, match="the verifiers are for"):
        deploy(owner, swapped)


def rewarding(config: DeployConfig) -> DeployConfig:
    """Return the same consortium with shares by benefit."""
    circuit = replace(config.training, manifest_hash=b"\x04" * 32, commitments=5)
    rule = {"weight_rule": WeightRule.BENEFIT, "benefit_circuit": circuit.manifest_hash}
    return replace(config, consortium=replace(config.consortium, **rule), benefit=circuit)


def test_the_circuit_of_benefits_stands_where_the_rule_asks_for_it(
    owner: ChainClient, config: DeployConfig
) -> None:
    asked = rewarding(config)
    deployment = deploy(owner, asked)
    assert deployment.benefit is not None
    route = Router(owner, deployment.router).route(b"\x04" * 32)
    assert (route.verifier, route.commitments) == (deployment.benefit.verifier, 5)
    assert Registry(owner, deployment.registry).config() == asked.consortium
    assert deployment.benefit.verifier in deployment.contract_addresses()


def test_a_rule_without_its_circuit_is_refused(owner: ChainClient, config: DeployConfig) -> None:
    asked = rewarding(config)
    for wrong in (replace(asked, benefit=None), replace(config, benefit=asked.benefit)):
        with pytest.raises(DeployConfigError, match="the verifiers are for"):
            deploy(owner, wrong)


def test_a_hash_of_another_length_is_refused(owner: ChainClient, config: DeployConfig) -> None:
    short = replace(config, consortium=replace(config.consortium, srs_hash=b"\x01" * 31))
    with pytest.raises(DeployConfigError, match="it has 32 bytes"):
        deploy(owner, short)


def test_a_config_that_the_contract_refuses_names_the_field(
    owner: ChainClient, config: DeployConfig
) -> None:
    small = replace(config, consortium=replace(config.consortium, min_cohort=2))
    with pytest.raises(ContractRevertError) as refused:
        deploy(owner, small)
    assert refused.value.name == "InvalidConfig"
    assert refused.value.values == {"field": "minCohort", "value": 2}


def test_a_role_is_granted_by_the_owner_alone(anvil: Anvil, registry: Registry) -> None:
    newcomer = ChainClient(anvil.url, anvil.new_account(), anvil.chain_id, decoder=error_decoder())
    with pytest.raises(ContractRevertError, match="AccessControlUnauthorizedAccount"):
        Roles(newcomer, registry.address, registry.abi).grant(Role.GUARDIAN, newcomer.sender)
    roles = Roles(registry.client, registry.address, registry.abi)
    roles.grant(Role.GUARDIAN, newcomer.sender)
    assert roles.holds(Role.GUARDIAN, newcomer.sender)
    Registry(newcomer, registry.address).pause()
    Registry(newcomer, registry.address).unpause()


def test_a_removed_circuit_is_a_tombstone(owner: ChainClient, config: DeployConfig) -> None:
    deployment = deploy(owner, config)
    router = Router(owner, deployment.router)
    circuit = config.training.manifest_hash
    router.require_valid(circuit, bytes(384))
    with pytest.raises(ContractRevertError, match="ProofLengthMismatch"):
        router.require_valid(circuit, bytes(5_151))
    router.remove(circuit)
    assert router.route(circuit).removed
    with pytest.raises(ContractRevertError, match="CircuitTombstoned"):
        router.register(circuit, deployment.training.verifier, 384, 6)
    assert [event.name for event in router.events(names=["CircuitRemoved"])] == ["CircuitRemoved"]
