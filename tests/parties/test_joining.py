"""A party joins: its own keys and nobody else's, once, whole or not at all."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from zkfl.artifacts import ArtifactStore
from zkfl.card_folder import load_cards
from zkfl.consortium import Consortium
from zkfl.founding import FoundingError
from zkfl.joining import join_consortium
from zkfl.node.home import NodeHome
from zkfl.node.key_store import KeyStoreError, load_mask_key
from zkfl.party_accounts import open_account
from zkfl.party_card import PartyCard, agreements_hash, load_card

Join = Callable[[str], PartyCard]


def test_a_hospital_has_its_own_keys_and_nobody_elses(join: Join, tmp_path: Path) -> None:
    card = join("bay")
    home = NodeHome.open(tmp_path / "bay" / "sites" / "bay")
    assert card.account == open_account(home).address
    assert card.mask_key == load_mask_key(home).public_bytes().hex()
    assert home.shuffling_key.exists()
    assert card.encryption_context is None
    assert load_card(tmp_path / "bay" / "cards" / "bay.json") == card
    assert [path.name for path in (tmp_path / "bay" / "sites").iterdir()] == ["bay"]
    assert not (tmp_path / "bay" / "roles").exists()
    for path in (home.root / "keys").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(home.root.stat().st_mode) == 0o700


def test_the_first_hospital_makes_the_encryption_keys_and_stores_the_public_one(
    join: Join, tmp_path: Path
) -> None:
    card = join("ada")
    public = ArtifactStore(tmp_path / "ada" / "store").get(
        bytes.fromhex(str(card.encryption_context))
    )
    assert public == NodeHome(tmp_path / "ada" / "sites" / "ada").he_public.read_bytes()


def test_a_role_has_a_chain_key_alone(join: Join, tmp_path: Path) -> None:
    card = join("aggregator")
    assert (card.role, card.mask_key, card.encryption_context) == ("aggregator", None, None)
    keys = tmp_path / "aggregator" / "roles" / "aggregator" / "keys"
    assert sorted(path.name for path in keys.iterdir()) == ["chain.json", "chain.password"]


def test_joining_again_makes_no_new_keys_and_writes_the_card_anew(
    join: Join, tmp_path: Path
) -> None:
    card = join("bay")
    path = tmp_path / "bay" / "cards" / "bay.json"
    path.unlink()
    assert join("bay").model_copy(update={"signature": card.signature}) == card
    assert load_card(path).account == card.account


def test_parties_of_one_consortium_may_share_a_folder(agreements: Path, tmp_path: Path) -> None:
    for name in ("office", "guardian"):
        join_consortium(agreements, tmp_path / "office", name, 1 << 10)
    assert sorted(p.name for p in (tmp_path / "office" / "roles").iterdir()) == [
        "guardian",
        "office",
    ]


def test_a_folder_of_other_agreements_is_refused(
    join: Join, agreements: Path, tmp_path: Path
) -> None:
    join("bay")
    other = tmp_path / "other.json"
    changed = Consortium.load(agreements).model_copy(update={"quorum_bps": 9_000})
    other.write_bytes(changed.to_json())
    with pytest.raises(FoundingError, match="is of a consortium with other agreements"):
        join_consortium(other, tmp_path / "bay", "cay", 1 << 10)
    assert not (tmp_path / "bay" / "sites" / "cay").exists()


def test_a_hospital_that_comes_later_changes_no_card(
    join: Join, agreements: Path, tmp_path: Path
) -> None:
    """The list of hospitals may grow; the terms that cards are signed for stay."""
    before = join("bay")
    grown = tmp_path / "grown.json"
    agreed = Consortium.load(agreements)
    grown.write_bytes(agreed.model_copy(update={"hospitals": (*agreed.hospitals, "dee")}).to_json())
    late = join_consortium(grown, tmp_path / "dee", "dee", 1 << 10)
    assert late.consortium == before.consortium
    again = join_consortium(grown, tmp_path / "bay", "bay", 1 << 10)
    assert again.account == before.account
    late.save(tmp_path / "bay" / "cards" / "dee.json")
    found = load_cards(tmp_path / "bay" / "cards", Consortium.load(grown))
    assert list(found) == ["bay", "dee"]


def test_a_name_that_was_not_agreed_is_refused_and_nothing_is_made(
    join: Join, tmp_path: Path
) -> None:
    with pytest.raises(FoundingError, match="three has no hospital 'dee': it has ada, bay, cay"):
        join("dee")
    assert not (tmp_path / "dee").exists()


def test_a_join_that_fails_leaves_no_party_behind(
    join: Join, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: NodeHome) -> None:
        raise KeyStoreError("no key today")

    monkeypatch.setattr("zkfl.joining.create_mask_key", refuse)
    with pytest.raises(KeyStoreError, match="no key today"):
        join("bay")
    assert list((tmp_path / "bay" / "sites").iterdir()) == []
    assert not (tmp_path / "bay" / "cards").exists()


def test_the_hash_of_agreements_does_not_depend_on_their_layout(agreements: Path) -> None:
    consortium = Consortium.load(agreements)
    again = Consortium.model_validate_json(agreements.read_text().replace("\n", ""))
    assert agreements_hash(again) == agreements_hash(consortium)


def test_no_hospital_is_called_as_a_role_is(agreements: Path) -> None:
    with pytest.raises(ValueError, match="no hospital can be called as a role is"):
        Consortium.model_validate_json(agreements.read_text().replace('"bay"', '"guardian"'))
