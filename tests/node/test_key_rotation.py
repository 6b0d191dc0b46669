"""A hospital changes its keys between rounds, and the others follow by themselves."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.errors import ContractRevertError, RpcError
from zkfl.chain.registry import Registry
from zkfl.chain.states import RoundStatus
from zkfl.cli import bond_steps, founding_steps, rotation_steps
from zkfl.cli.consortium_session import StepError
from zkfl.masks import MaskKey
from zkfl.node import key_rotation
from zkfl.node.home import NodeHome
from zkfl.node.home_binding import HomeBindingError, bound_member, rebind_home
from zkfl.node.key_rotation import (
    KeyRotationError,
    prepare_account,
    rotate_account,
    rotate_mask_key,
)
from zkfl.node.key_store import load_mask_key
from zkfl.node.pinned_keys import require_pinned
from zkfl.node.signed_statements import SignedStatements, UnsignedKeyError
from zkfl.party_accounts import open_client, open_next_account

if TYPE_CHECKING:
    from conftest import Site

HOSPITALS = ("ada", "bay", "cay")
CHEAP = 1 << 12


@pytest.fixture(scope="module")
def idle(new_site: Callable[[str], "Site"]) -> "Site":
    """Three hospitals after a final round, with no round in progress."""
    site = new_site("bfv")
    site.run_round()
    return site


@pytest.fixture
def resting(idle: "Site", tmp_path: Path) -> Iterator["Site"]:
    moved = idle.moved_to(tmp_path / "consortium")
    snapshot = idle.anvil.control("evm_snapshot")
    try:
        yield moved
    finally:
        idle.anvil.control("evm_revert", snapshot)


def opener(site: "Site") -> Callable[[NodeHome, bool], Registry]:
    """Return what opens the registry with a hospital's present key, or with its next one."""

    def open_registry(home: NodeHome, with_next_key: bool) -> Registry:  # noqa: FBT001 (as called)
        account = open_next_account(home) if with_next_key else None
        client = open_client(home, site.anvil.url, site.deployment.chain_id, account)
        return Registry(client, site.deployment.registry)

    return open_registry


def rotate(site: "Site", name: str) -> str:
    home = site.home(name)
    site.anvil.fund(prepare_account(home, CHEAP))
    return rotate_account(home, opener(site), lambda _: None)


def test_a_round_goes_on_under_a_new_account(resting: "Site") -> None:
    old = resting.address("bay")
    new = rotate(resting, "bay")
    assert resting.address("bay") == new != old
    assert bound_member(resting.home("bay")) == new
    assert (resting.home("bay").root / "keys" / f"chain-{old}.json").exists()
    round_id = resting.run_round()
    registry = resting.node("bay").registry
    assert registry.round(round_id).status is RoundStatus.FINAL
    assert new in registry.cohort(round_id)
    assert old in registry.cohort(round_id - 1)
    # the peers know the key under the new account
    assert new in resting.home("ada").pinned_keys.read_text()


def test_a_node_that_joins_later_takes_the_key_signed_under_the_old_account(
    resting: "Site", tmp_path: Path
) -> None:
    new = rotate(resting, "bay")
    registry = resting.node("ada").registry
    statements, context = SignedStatements(registry), registry.encryption_context()
    newcomer = NodeHome.create(tmp_path / "newcomer")
    with pytest.raises(UnsignedKeyError, match="it shows 0 announcements"):
        require_pinned(newcomer, {new: MaskKey.generate().public_bytes()}, context, statements)
    assert not newcomer.pinned_keys.exists()
    require_pinned(newcomer, {new: registry.member_of(new).mask_key}, context, statements)
    assert new in newcomer.pinned_keys.read_text()


def test_a_rotation_that_was_cut_short_goes_on(
    resting: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(*_: object) -> None:
        raise RpcError("cut off")

    home = resting.home("bay")
    site_opener = opener(resting)
    resting.anvil.fund(prepare_account(home, CHEAP))
    for function in ("accept_account", None):
        with monkeypatch.context() as patch:
            if function:
                patch.setattr(Registry, function, cut)
            else:
                patch.setattr("zkfl.node.key_rotation._adopt", cut)
            with pytest.raises(RpcError, match="cut off"):
                rotate_account(home, site_opener, lambda _: None)
    new = rotate_account(home, site_opener, lambda _: None)
    assert resting.address("bay") == new
    assert resting.node("bay").registry.member_of(new).active
    with pytest.raises(KeyRotationError, match="holds no next chain key"):
        rotate_account(home, site_opener, lambda _: None)


def test_a_password_that_is_no_file_stops_a_rotation_before_it_begins(
    resting: "Site",
) -> None:
    home, site_opener = resting.home("bay"), opener(resting)
    prepare_account(home, CHEAP)
    sent = resting.sent("bay")
    elsewhere = home.chain_password.rename(home.chain_password.with_suffix(".elsewhere"))
    with pytest.raises(KeyRotationError, match="moves passwords as files"):
        rotate_account(home, site_opener, lambda _: None)
    elsewhere.rename(home.chain_password)
    assert resting.sent("bay") == sent


def test_a_cut_between_binding_and_key_loses_no_key(
    resting: "Site", monkeypatch: pytest.MonkeyPatch
) -> None:
    home, old = resting.home("bay"), resting.address("bay")
    resting.anvil.fund(prepare_account(home, CHEAP))
    with monkeypatch.context() as patch:
        patch.setattr("zkfl.node.key_rotation.rebind_home", lambda *a: (rebind_home(*a), 1 / 0))
        with pytest.raises(ZeroDivisionError):
            rotate_account(home, opener(resting), lambda _: None)
    new = rotate_account(home, opener(resting), lambda _: None)
    assert resting.address("bay") == new
    assert (home.root / "keys" / f"chain-{old}.json").exists()
    assert (home.root / "keys" / f"chain-{old}.password").exists()


def test_not_while_a_round_is_in_progress(resting: "Site") -> None:
    resting.coordinator().open_round()
    with pytest.raises(ContractRevertError, match="RoundInProgress"):
        rotate(resting, "bay")
    with pytest.raises(ContractRevertError, match="RoundInProgress"):
        rotate_mask_key(resting.home("bay"), resting.node("bay").registry, lambda _: None)


def test_a_folder_is_not_bound_to_somebody_elses_account(resting: "Site") -> None:
    registry = resting.node("cay").registry
    with pytest.raises(HomeBindingError, match="it cannot go on as"):
        rebind_home(resting.home("bay"), registry, resting.address("ada"))


def test_a_round_goes_on_under_a_new_mask_key(resting: "Site") -> None:
    home = resting.home("bay")
    before = load_mask_key(home).public_bytes()
    public = rotate_mask_key(home, resting.node("bay").registry, lambda _: None)
    assert public == load_mask_key(home).public_bytes() != before
    assert not home.next_mask_key.exists()
    round_id = resting.run_round()
    registry = resting.node("bay").registry
    assert registry.round(round_id).status is RoundStatus.FINAL
    pins = resting.home("ada").pinned_keys.read_text()
    assert public.hex() in pins
    assert before.hex() not in pins


def test_both_keys_one_after_the_other(resting: "Site") -> None:
    new = rotate(resting, "bay")
    public = rotate_mask_key(resting.home("bay"), resting.node("bay").registry, lambda _: None)
    resting.run_round()
    assert public.hex() in resting.home("cay").pinned_keys.read_text()
    assert new in resting.home("cay").pinned_keys.read_text()


def test_the_commands_change_both_keys(
    resting: "Site", capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap = partial(key_rotation.prepare_account, scrypt_cost=CHEAP)
    monkeypatch.setattr("zkfl.node.key_rotation.prepare_account", cheap)
    root, url = resting.workspace.root, resting.anvil.url
    rotation_steps.rotate_account(root, "bay", url, None, prepare=True)
    new = capsys.readouterr().out.split()[-1]
    resting.anvil.fund(new)
    rotation_steps.rotate_account(root, "bay", url, None, prepare=False)
    assert resting.address("bay") == new == capsys.readouterr().out.split()[-1]
    rotation_steps.rotate_mask_key(root, "bay", url, None)
    public = capsys.readouterr().out.split()[-1]
    assert resting.node("bay").registry.member_of(new).mask_key.hex() == public
    founding_steps.retire_shards(root, "ada", 1, url, None)
    assert resting.node("ada").registry.member_of(resting.address("ada")).first_shard == 1
    with pytest.raises(StepError, match="asks for no bonds"):
        bond_steps.show_stakes(root, url, None)
