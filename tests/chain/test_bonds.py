"""A consortium that asks for bonds: deployed, checked, staked for and withdrawn from."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from eth_account import Account
from pydantic import ValidationError

from zkfl.chain.anvil import Anvil
from zkfl.chain.bond_vault import BondVault
from zkfl.chain.client import ChainClient
from zkfl.chain.compile import error_decoder
from zkfl.chain.deploy import (
    BondConfig,
    DeployConfig,
    DeployConfigError,
    create_address,
    deploy,
)
from zkfl.chain.deployment import Deployment
from zkfl.chain.errors import ContractRevertError
from zkfl.chain.genuine import NotGenuineError, require_genuine
from zkfl.chain.registry import Registry
from zkfl.consortium import Consortium
from zkfl.founding import bond_config
from zkfl.srs.demo import demo_s_g2

BOND = BondConfig(10**18, 3_600, Account.create().address)
Check = Callable[[Deployment, BondConfig | None], None]


@pytest.fixture(scope="module")
def member(anvil: Anvil) -> ChainClient:
    return ChainClient(anvil.url, anvil.new_account(), anvil.chain_id, decoder=error_decoder())


@pytest.fixture(scope="module")
def owner(anvil: Anvil) -> ChainClient:
    return ChainClient(anvil.url, anvil.new_account(), anvil.chain_id, decoder=error_decoder())


@pytest.fixture(scope="module")
def agreed(member: ChainClient, sample_deployment: DeployConfig) -> DeployConfig:
    return replace(sample_deployment, members=[(member.sender, "Hospital 1")], bond=BOND)


@pytest.fixture(scope="module")
def check(owner: ChainClient, agreed: DeployConfig) -> Check:
    def run(deployment: Deployment, bond: BondConfig | None) -> None:
        circuits = (agreed.admission, agreed.training)
        require_genuine(owner, deployment, agreed.consortium, demo_s_g2(), *circuits, bond)

    return run


@pytest.fixture(scope="module")
def deployment(owner: ChainClient, agreed: DeployConfig) -> Deployment:
    return deploy(owner, agreed)


def test_a_vault_is_deployed_and_genuine(deployment: Deployment, check: Check) -> None:
    assert deployment.bond_vault in deployment.contract_addresses()
    check(deployment, BOND)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (None, "agreed to no bonds"),
        (replace(BOND, wei=BOND.wei - 1), "is not the BondVault"),
        (replace(BOND, delay=3_601), "is not the BondVault"),
        (replace(BOND, beneficiary=Account.create().address), "is not the BondVault"),
    ],
    ids=["no bonds", "another bond", "another delay", "another beneficiary"],
)
def test_another_agreement_is_refused(
    deployment: Deployment, check: Check, other: BondConfig | None, message: str
) -> None:
    with pytest.raises(NotGenuineError, match=message):
        check(deployment, other)


def test_a_file_without_the_vault_is_refused(deployment: Deployment, check: Check) -> None:
    hidden = deployment.model_copy(update={"bond_vault": "0x" + "0" * 40})
    with pytest.raises(NotGenuineError, match="agreed to bonds of"):
        check(hidden, BOND)
    with pytest.raises(NotGenuineError, match="is not the RegistryExtension"):
        check(hidden, None)


def test_a_member_stakes_and_withdraws(
    anvil: Anvil, deployment: Deployment, member: ChainClient
) -> None:
    vault = BondVault(member, deployment.bond_vault)
    registry = Registry(member, deployment.registry)
    member_id = registry.member_id_of(member.sender)
    assert not vault.covers(member_id)
    vault.deposit(member.sender, BOND.wei + 5)
    assert vault.covers(member_id)
    with pytest.raises(ContractRevertError, match="BondNeeded"):
        vault.request_withdrawal(6)
    vault.request_withdrawal(5)
    assert vault.stake_of(member_id).leaving == 5
    with pytest.raises(ContractRevertError, match="WithdrawalTooEarly"):
        vault.withdraw()
    anvil.advance_time(3_601)
    vault.withdraw()
    assert (vault.stake_of(member_id).staked, vault.stake_of(member_id).leaving) == (BOND.wei, 0)
    names = [event.name for event in vault.events()]
    assert names == ["Deposited", "WithdrawalRequested", "Withdrawn"]


def test_addresses_of_creations_are_those_of_the_chain(
    owner: ChainClient, deployment: Deployment
) -> None:
    [step] = [t for t in deployment.transactions if t.step == "registry"]
    transaction = owner.transaction(step.tx_hash)
    assert transaction is not None
    assert create_address(owner.sender, int(transaction["nonce"])) == deployment.registry


def test_a_consortium_file_asks_for_no_bonds_by_itself() -> None:
    plain = {"name": "x", "dataset": "wdbc", "circuits": "tiny", "hospitals": ("a", "b", "c")}
    assert bond_config(Consortium.model_validate(plain)) is None
    bonded = plain | {"bond_wei": 7, "bond_beneficiary": BOND.beneficiary}
    assert bond_config(Consortium.model_validate(bonded)) == BondConfig(
        7, 604_800, BOND.beneficiary
    )
    with pytest.raises(ValidationError, match="who gets what is slashed"):
        Consortium.model_validate(plain | {"bond_wei": 7})
    with pytest.raises(ValidationError, match="no checksummed address"):
        Consortium.model_validate(bonded | {"bond_beneficiary": BOND.beneficiary.lower()})


def test_a_transaction_in_between_is_noticed(
    owner: ChainClient, agreed: DeployConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("zkfl.chain.deploy._FROM_VAULT_TO_REGISTRY", 3)
    with pytest.raises(DeployConfigError, match="the account sent something else meanwhile"):
        deploy(owner, agreed)
