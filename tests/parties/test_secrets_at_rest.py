"""Mask key and HE secret lie on disk under the chain key's password; old folders still open."""

import base64
import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from zkfl.atomic_file import write_atomically
from zkfl.encryption import scheme_named
from zkfl.encryption.errors import ContextError, SecretKeyMissingError
from zkfl.masks import MaskKeyError
from zkfl.node.home import NodeHome
from zkfl.node.key_rotation import prepare_account
from zkfl.node.key_store import (
    draw_next_mask_key,
    keep_under_password,
    load_he_secret,
    load_mask_key,
)
from zkfl.party_card import PartyCard
from zkfl.secret_file import SecretFileError, is_sealed, open_secret, seal_secret

Join = Callable[[str], PartyCard]
COST = 1 << 10
SECRET = bytes(range(32))


def forget_the_sealing(home: NodeHome) -> None:
    """Make the folder one of a version that kept its keys in the clear."""
    shutil.rmtree(home.root / "state" / "sealed")


@pytest.fixture
def home(join: Join, tmp_path: Path) -> NodeHome:
    join("ada")
    return NodeHome.open(tmp_path / "ada" / "sites" / "ada")


def test_what_is_sealed_opens_with_its_password_alone() -> None:
    content = seal_secret(SECRET, "right", "mask key", COST)
    assert is_sealed(content)
    assert SECRET not in content
    assert base64.b64encode(SECRET) not in content
    assert seal_secret(SECRET, "right", "mask key", COST) != content
    assert open_secret(content, ["wrong", "right"], "mask key") == SECRET
    with pytest.raises(SecretFileError, match="the mask key does not open"):
        open_secret(content, ["wrong", ""], "mask key")


def test_one_secrets_file_does_not_stand_for_another() -> None:
    content = seal_secret(SECRET, "right", "mask key", COST)
    with pytest.raises(SecretFileError, match="the file of the HE secret holds something else"):
        open_secret(content, ["right"], "HE secret")
    renamed = content.replace(b"mask key", b"HE secret")
    with pytest.raises(SecretFileError, match="the HE secret does not open"):
        open_secret(renamed, ["right"], "HE secret")


@pytest.mark.parametrize("name", ["salt", "nonce", "ciphertext"])
def test_a_changed_file_does_not_open(name: str) -> None:
    said = json.loads(seal_secret(SECRET, "right", "mask key", COST))
    changed = bytearray(base64.b64decode(said[name]))
    changed[0] ^= 1
    said[name] = base64.b64encode(changed).decode()
    with pytest.raises(SecretFileError, match="does not open"):
        open_secret(json.dumps(said).encode(), ["right"], "mask key")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cost", 1 << 30),
        ("cost", 1_000),
        ("cost", -1),
        ("salt", 7),
        ("format", "zkfl.secret.v2"),
        ("more", 1),
    ],
)
def test_a_file_of_another_form_is_refused_unquoted(name: str, value: object) -> None:
    said = json.loads(seal_secret(SECRET, "right", "mask key", COST)) | {name: value}
    with pytest.raises(SecretFileError, match="restore it") as refused:
        open_secret(json.dumps(said).encode(), ["right"], "mask key")
    assert str(said["ciphertext"]) not in str(refused.value)


def test_no_secret_is_kept_without_a_password() -> None:
    with pytest.raises(SecretFileError, match="an empty password"):
        seal_secret(SECRET, "", "mask key", COST)


def test_a_partys_secrets_are_sealed(home: NodeHome) -> None:
    assert is_sealed(home.mask_key.read_bytes())
    assert is_sealed(home.he_secret.read_bytes())
    assert load_mask_key(home).private_bytes() not in home.mask_key.read_bytes()


def test_plain_files_of_old_folders_are_read_and_sealed_then(home: NodeHome) -> None:
    key, secret = load_mask_key(home).private_bytes(), load_he_secret(home)
    forget_the_sealing(home)
    write_atomically(home.mask_key, key)
    write_atomically(home.he_secret, secret)
    assert load_mask_key(home).private_bytes() == key
    assert load_he_secret(home) == secret
    for path in (home.mask_key, home.he_secret):
        assert is_sealed(path.read_bytes())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_mask_key(home).private_bytes() == key
    assert load_he_secret(home) == secret


def test_a_plain_file_in_a_sealed_ones_place_is_refused(home: NodeHome) -> None:
    """Whoever can write the file need not know the password."""
    secret, _ = scheme_named("bfv").generate()
    for path, plain, load in (
        (home.mask_key, SECRET, load_mask_key),
        (home.he_secret, secret, load_he_secret),
    ):
        write_atomically(path, plain)
        with pytest.raises(SecretFileError, match="in the clear, and was encrypted before"):
            load(home)
        assert path.read_bytes() == plain


def test_a_sealed_file_that_is_read_is_remembered_as_sealed(home: NodeHome) -> None:
    forget_the_sealing(home)
    load_mask_key(home)
    write_atomically(home.mask_key, SECRET)
    with pytest.raises(SecretFileError, match="was encrypted before"):
        load_mask_key(home)


@pytest.mark.parametrize(
    "damage",
    [
        lambda sealed: b"\n" + sealed,
        lambda sealed: json.dumps(json.loads(sealed), indent=1).encode(),
        lambda sealed: b" \t{" + sealed.split(b",", 1)[1],
    ],
)
def test_a_sealed_file_that_was_laid_out_anew_is_not_sealed_over_itself(
    home: NodeHome, damage: Callable[[bytes], bytes]
) -> None:
    damaged = damage(home.mask_key.read_bytes())
    forget_the_sealing(home)
    write_atomically(home.mask_key, damaged)
    with pytest.raises(SecretFileError, match=r"mask\.key: .* is damaged: restore it"):
        load_mask_key(home)
    assert home.mask_key.read_bytes() == damaged


@pytest.mark.parametrize("plain", [b"", b"k" * 31, b"k" * 33, b"x" + b"{}" * 100])
def test_what_is_no_mask_key_is_not_kept(home: NodeHome, plain: bytes) -> None:
    forget_the_sealing(home)
    write_atomically(home.mask_key, plain)
    with pytest.raises(MaskKeyError, match=f"a mask key has 32 bytes, got {len(plain)}"):
        load_mask_key(home)
    assert home.mask_key.read_bytes() == plain


def test_what_is_no_he_secret_is_not_kept(home: NodeHome) -> None:
    _, public = scheme_named("bfv").generate()
    forget_the_sealing(home)
    for plain, error in ((public, SecretKeyMissingError), (b"junk", ContextError)):
        write_atomically(home.he_secret, plain)
        with pytest.raises(error):
            load_he_secret(home)
        assert home.he_secret.read_bytes() == plain


def test_a_plain_mask_key_that_begins_like_text_is_still_a_key(home: NodeHome) -> None:
    plain = b'{"' + bytes(30)
    forget_the_sealing(home)
    write_atomically(home.mask_key, plain)
    assert load_mask_key(home).private_bytes() == plain
    assert load_mask_key(home).private_bytes() == plain


def test_another_password_opens_nothing(home: NodeHome) -> None:
    load_mask_key(home)
    write_atomically(home.chain_password, b"another")
    # what was opened before is in memory; a changed file is read anew
    write_atomically(home.mask_key, seal_secret(SECRET, "right", "mask key", COST))
    with pytest.raises(SecretFileError, match=r"mask\.key: the mask key does not open"):
        load_mask_key(home)


def test_a_move_to_the_next_password_can_be_cut_short_anywhere(home: NodeHome) -> None:
    key, secret = load_mask_key(home).private_bytes(), load_he_secret(home)
    following = draw_next_mask_key(home).private_bytes()
    prepare_account(home, COST)
    upcoming = home.next_chain_password.read_text()
    # the mask keys have moved, the HE secret has not
    kept = home.he_secret.read_bytes()
    keep_under_password(home, upcoming, COST)
    write_atomically(home.he_secret, kept)
    for _ in range(2):
        assert load_mask_key(home).private_bytes() == key
        assert draw_next_mask_key(home).private_bytes() == following
        assert load_he_secret(home) == secret
        keep_under_password(home, upcoming, COST)
    write_atomically(home.chain_password, upcoming.encode())
    home.next_chain_password.unlink()
    assert load_mask_key(home).private_bytes() == key
    assert load_he_secret(home) == secret
