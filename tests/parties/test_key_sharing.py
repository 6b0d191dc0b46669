"""The HE key reaches one further holder, opens the announced context, and nothing else is kept."""

import hashlib
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from zkfl.consortium import Consortium
from zkfl.encryption import scheme_named
from zkfl.encryption.errors import SecretKeyMissingError
from zkfl.founding import create_encryption_keys
from zkfl.joining import write_card
from zkfl.node.home import NodeHome
from zkfl.node.key_sharing import KeySharingError, open_he_key, seal_he_key
from zkfl.node.key_store import KeyStoreError, keep_he_secret, load_he_secret
from zkfl.party_card import PartyCard
from zkfl.workspace import Workspace

Join = Callable[[str], PartyCard]
BFV = scheme_named("bfv")


@dataclass(frozen=True)
class Sharing:
    """ada holds the key, bay is to get it, cay is not."""

    cards: dict[str, PartyCard]
    homes: dict[str, NodeHome]

    @property
    def context(self) -> str:
        return str(self.cards["ada"].encryption_context)

    @property
    def public(self) -> bytes:
        return self.homes["ada"].he_public.read_bytes()

    def sealed_to(self, name: str) -> bytes:
        return seal_he_key(self.homes["ada"], self.cards[name], self.context)

    def open(self, name: str, sealed: bytes, public: bytes | None = None) -> bool:
        return open_he_key(self.homes[name], self.cards[name], sealed, public or self.public, BFV)

    def require_nothing_kept(self, name: str) -> None:
        assert not self.homes[name].he_secret.exists()
        assert not self.homes[name].he_public.exists()


@pytest.fixture
def sharing(join: Join, tmp_path: Path) -> Sharing:
    cards = {name: join(name) for name in ("ada", "bay", "cay")}
    homes = {name: NodeHome.open(tmp_path / name / "sites" / name) for name in cards}
    return Sharing(cards, homes)


def test_a_second_holder_opens_sums_with_the_same_key_and_says_so_on_its_card(
    sharing: Sharing, agreements: Path, tmp_path: Path
) -> None:
    sealed = sharing.sealed_to("bay")
    assert sharing.open("bay", sealed)
    assert load_he_secret(sharing.homes["bay"]) == load_he_secret(sharing.homes["ada"])
    assert stat.S_IMODE(sharing.homes["bay"].he_secret.stat().st_mode) == 0o600
    ciphertext = BFV.encrypt(sharing.public, [1, 2, 3])
    assert BFV.decrypt(load_he_secret(sharing.homes["bay"]), ciphertext, 3) == [1, 2, 3]
    assert not sharing.open("bay", sealed)
    card = write_card(Workspace(tmp_path / "bay"), Consortium.load(agreements), "bay")
    assert card.encryption_context == sharing.context


def test_a_sealed_key_shows_nothing_of_the_secret(sharing: Sharing) -> None:
    sealed, secret = sharing.sealed_to("bay"), load_he_secret(sharing.homes["ada"])
    assert sharing.sealed_to("bay") != sealed
    assert all(secret[at : at + 16] not in sealed for at in range(0, 4_096, 16))


def test_a_key_for_another_hospital_does_not_open(sharing: Sharing) -> None:
    with pytest.raises(KeySharingError, match="does not open for cay"):
        sharing.open("cay", sharing.sealed_to("bay"))
    sharing.require_nothing_kept("cay")


def test_a_card_in_anothers_name_does_not_open_it(sharing: Sharing) -> None:
    """Sealed to bay's key, but bound to the account of a made-up card."""
    wrong = sharing.cards["bay"].model_copy(update={"account": sharing.cards["cay"].account})
    sealed = seal_he_key(sharing.homes["ada"], wrong, sharing.context)
    with pytest.raises(KeySharingError, match="does not open for bay"):
        sharing.open("bay", sealed)


@pytest.mark.parametrize("at", [0, 30, 60, 100, -1])
def test_a_damaged_file_is_refused(sharing: Sharing, at: int) -> None:
    sealed = bytearray(sharing.sealed_to("bay"))
    sealed[at] ^= 1
    with pytest.raises(KeySharingError, match=r"does not open for bay|is no sealed HE key"):
        sharing.open("bay", bytes(sealed))
    sharing.require_nothing_kept("bay")


def test_a_key_that_was_cut_short_is_refused(sharing: Sharing) -> None:
    for length in (22, 40, 1_000):
        with pytest.raises(KeySharingError, match="does not open for bay"):
            sharing.open("bay", sharing.sealed_to("bay")[:length])


def test_the_key_of_another_context_is_refused(sharing: Sharing) -> None:
    """A holder that seals a key of its own under the announced context's name."""
    _, announced = BFV.generate()
    context = hashlib.sha256(announced).hexdigest()
    sealed = seal_he_key(sharing.homes["ada"], sharing.cards["bay"], context)
    with pytest.raises(KeySharingError, match="is not that of the announced context"):
        sharing.open("bay", sealed, announced)
    sharing.require_nothing_kept("bay")


def test_a_public_context_in_place_of_the_secret_is_refused(sharing: Sharing) -> None:
    home = sharing.homes["ada"]
    home.he_secret.unlink()
    keep_he_secret(home, sharing.public)
    with pytest.raises(KeySharingError, match="holds no secret key"):
        sharing.open("bay", sharing.sealed_to("bay"))
    sharing.require_nothing_kept("bay")


def test_a_key_that_is_there_is_not_overwritten(sharing: Sharing) -> None:
    secret, _ = BFV.generate()
    keep_he_secret(sharing.homes["bay"], secret)
    with pytest.raises(KeyStoreError, match="holds another key: it is not overwritten"):
        sharing.open("bay", sharing.sealed_to("bay"))
    assert load_he_secret(sharing.homes["bay"]) == secret


def test_a_stop_between_the_two_files_is_mended_by_opening_again(sharing: Sharing) -> None:
    home, sealed = sharing.homes["bay"], sharing.sealed_to("bay")
    sharing.open("bay", sealed)
    home.he_public.unlink()
    assert not sharing.open("bay", sealed)
    assert home.he_public.read_bytes() == sharing.public
    assert stat.S_IMODE(home.he_public.stat().st_mode) == 0o644


def test_a_lost_public_context_is_made_from_the_secret(sharing: Sharing) -> None:
    """Also what a stop of zkfl he-key create between the two files leaves."""
    home, public = sharing.homes["ada"], sharing.public
    secret = load_he_secret(home)
    home.he_public.unlink()
    create_encryption_keys(home, BFV)
    assert home.he_public.read_bytes() == public
    assert load_he_secret(home) == secret
    with pytest.raises(KeyStoreError, match=r"he-secret\.ctx exists: it is not overwritten"):
        create_encryption_keys(home, BFV)


def test_no_public_context_is_made_from_what_is_no_secret(sharing: Sharing) -> None:
    home, public = sharing.homes["cay"], sharing.public
    keep_he_secret(home, public)
    with pytest.raises(SecretKeyMissingError, match="holds no secret key"):
        create_encryption_keys(home, BFV)
    assert not home.he_public.exists()


def test_only_a_holder_seals_and_only_to_hospitals(sharing: Sharing, join: Join) -> None:
    with pytest.raises(KeyStoreError, match="holds no HE key"):
        seal_he_key(sharing.homes["bay"], sharing.cards["cay"], sharing.context)
    with pytest.raises(KeySharingError, match="guardian is no hospital"):
        seal_he_key(sharing.homes["ada"], join("guardian"), sharing.context)
