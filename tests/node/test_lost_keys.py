"""Keys are lost one by one; each way back that needs no vote is taken."""

import shutil
from typing import TYPE_CHECKING

import pytest

from zkfl.atomic_file import write_atomically
from zkfl.chain.keys import KeyFileError
from zkfl.chain.states import RoundStatus
from zkfl.encryption import scheme_named
from zkfl.founding import create_encryption_keys
from zkfl.joining import write_card
from zkfl.node.key_holder import announce_encryption_context
from zkfl.node.key_rotation import rotate_mask_key
from zkfl.node.key_sharing import open_he_key, seal_he_key
from zkfl.node.key_store import KeyStoreError, load_he_secret, load_mask_key
from zkfl.node.opening_count import OpeningCount, OpeningCountError
from zkfl.node.pinned_keys import PinnedKeyError
from zkfl.node.round_masks import RoundMasks
from zkfl.node.shard_vault import ShardVaultError
from zkfl.party_accounts import open_account
from zkfl.private_file import PrivateFileError

if TYPE_CHECKING:
    from conftest import Site

    from zkfl.chain.registry import Registry

ROUND = 1
BFV = scheme_named("bfv")


@pytest.fixture
def resting(site: "Site") -> "Site":
    """The consortium between rounds: nobody submitted, and the round was pushed."""
    registry = site.coordinator().registry
    deadline = registry.round(ROUND).deadline
    site.anvil.advance_time(deadline + 1 - registry.client.block_timestamp())
    registry.push_round(ROUND)
    assert registry.round(ROUND).status is RoundStatus.FAILED
    return site


def masks(site: "Site", name: str, round_id: int) -> RoundMasks:
    registry = registry_of(site, name)
    return RoundMasks.shown(site.home(name), registry, round_id, registry.round(round_id))


def registry_of(site: "Site", name: str) -> "Registry":
    return site.registry(site.workspace.site(name))


def test_without_its_password_nothing_of_a_party_opens(site: "Site") -> None:
    home = site.home("ada")
    home.chain_password.unlink()
    for opened in (open_account, load_mask_key, load_he_secret):
        with pytest.raises(KeyFileError, match=r"chain\.password cannot be read"):
            opened(home)


def test_a_chain_key_comes_back_from_its_copy(site: "Site") -> None:
    home, address = site.home("bay"), site.address("bay")
    kept = home.chain_key.read_bytes()
    home.chain_key.unlink()
    with pytest.raises(KeyFileError, match=r"chain\.json cannot be read"):
        open_account(home)
    write_atomically(home.chain_key, kept)
    assert open_account(home).address == address


def test_a_lost_mask_key_is_replaced_between_rounds(resting: "Site") -> None:
    home, registry = resting.home("bay"), registry_of(resting, "bay")
    home.mask_key.unlink()
    with pytest.raises(PrivateFileError, match=r"mask\.key cannot be read"):
        resting.node("bay").announce_mask_key()
    public = rotate_mask_key(home, registry, lambda _: None)
    assert registry.member_of(resting.address("bay")).mask_key == public
    round_id, _ = resting.coordinator().open_round()
    assert masks(resting, "ada", round_id).keys[resting.address("bay")] == public
    assert any(masks(resting, "bay", round_id).vector(4))


def test_a_second_holder_gives_a_lost_he_key_back(site: "Site") -> None:
    cards = {
        name: write_card(site.workspace, site.consortium, name) for name in ("ada", "bay", "cay")
    }
    context, first, second = (
        str(cards["ada"].encryption_context),
        site.home("ada"),
        site.home("bay"),
    )
    public, secret = first.he_public.read_bytes(), load_he_secret(first)
    sealed = seal_he_key(first, cards["bay"], context)
    assert open_he_key(second, cards["bay"], sealed, public, BFV)
    first.he_secret.unlink()
    first.he_public.unlink()
    with pytest.raises(KeyStoreError, match="holds no HE key"):
        load_he_secret(first)
    back = seal_he_key(second, cards["ada"], context)
    assert open_he_key(first, cards["ada"], back, public, BFV)
    assert load_he_secret(first) == secret


def test_a_new_he_key_counts_once_each_operator_has_asked(resting: "Site") -> None:
    """The line that the runbook has operators remove is the one that stops a node."""
    home, registry = resting.home("ada"), registry_of(resting, "ada")
    round_id, _ = resting.coordinator().open_round()
    masks(resting, "bay", round_id)
    deadline = registry.round(round_id).deadline
    resting.anvil.advance_time(deadline + 1 - registry.client.block_timestamp())
    registry.push_round(round_id)
    home.he_secret.unlink()
    create_encryption_keys(home, BFV)
    assert announce_encryption_context(home, registry, resting.workspace.store) is not None
    round_id, _ = resting.coordinator().open_round()
    with pytest.raises(PinnedKeyError, match="ask the key holder over another channel"):
        masks(resting, "bay", round_id)
    pins = resting.home("bay").pinned_keys
    lines = pins.read_text().splitlines(keepends=True)
    kept = [line for line in lines if "encryption_context" not in line]
    assert len(kept) == len(lines) - 1
    write_atomically(pins, "".join(kept).encode())
    assert any(masks(resting, "bay", round_id).vector(4))


def test_without_its_shards_a_hospital_submits_nothing(site: "Site") -> None:
    shards = site.home("bay").root / "state" / "shards"
    shutil.rmtree(shards)
    with pytest.raises(ShardVaultError, match="holds no shard 0"):
        site.node("bay").submit(ROUND)
    assert not registry_of(site, "bay").participation(ROUND, site.address("bay")).submitted


def test_an_old_copy_of_shards_is_refused_and_the_latest_taken(proven_site: "Site") -> None:
    """The chain counts a proof that the old copy does not know of."""
    site, path = proven_site, proven_site.home("bay").shard(0) / "openings.json"
    old = path.read_bytes()
    site.node("bay").submit(ROUND)
    latest = path.read_bytes()
    on_chain = registry_of(site, "bay").shard_of(site.address("bay"), 0).openings
    limit = site.ground.spec.max_openings
    write_atomically(path, old)
    with pytest.raises(OpeningCountError, match="restored from an old copy"):
        OpeningCount(site.home("bay"), 0, limit).require_room(on_chain)
    write_atomically(path, latest)
    OpeningCount(site.home("bay"), 0, limit).require_room(on_chain)
