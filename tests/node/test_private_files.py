"""Keys and secrets of a node: unsafe files are refused, and nothing ever shows them."""

import logging
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from eth_account import Account

from zkfl.chain.errors import RpcError
from zkfl.chain.keys import KeyFileError, password_from_file
from zkfl.chain.sender import TransactionSender
from zkfl.encryption import scheme_named
from zkfl.errors import ZkflError
from zkfl.founding import create_chain_key
from zkfl.masks import MaskKeyError
from zkfl.node.home import NodeHome, NodeHomeError
from zkfl.node.key_store import (
    KeyStoreError,
    create_he_keys,
    create_mask_key,
    load_he_secret,
    load_mask_key,
)
from zkfl.node.opening_count import OpeningCountError
from zkfl.node.submission import Sealing
from zkfl.node.training import ProvenUpdate, TrainingInputs
from zkfl.private_file import PrivateFileError

if TYPE_CHECKING:
    from conftest import Site

PRIVATE = {
    "keys/chain.json": KeyFileError,
    "keys/chain.password": KeyFileError,
    "keys/mask.key": PrivateFileError,
    "state/binding.json": PrivateFileError,
    "state/shards/0/data.vector": PrivateFileError,
    "state/shards/0/count": PrivateFileError,
    "state/shards/0/openings.json": OpeningCountError,
    "state/rounds/1/secrets.vector": PrivateFileError,
    "state/rounds/1/update.vector": PrivateFileError,
    "state/rounds/1/training.proof": PrivateFileError,
}
"""Every file that bay's submission reads, and how an unsafe one is refused."""


def open_to_others(path: Path) -> None:
    path.chmod(0o640)


def behind_a_link(path: Path) -> None:
    elsewhere = path.with_name("elsewhere")
    path.rename(elsewhere)
    path.symlink_to(elsewhere)


def test_a_node_keeps_everything_to_itself(proven_site: "Site") -> None:
    root = proven_site.home("bay").root
    for path in root.rglob("*"):
        if path.is_file() and path != root / "records.csv":
            assert path.stat().st_mode & 0o777 == 0o600, path
    for folder in (root, root / "keys", root / "state", root / "state" / "scratch"):
        assert folder.stat().st_mode & 0o777 == 0o700, folder


@pytest.mark.parametrize(
    ("spoil", "message"),
    [(open_to_others, "mode 0640: others can reach it"), (behind_a_link, "symbolic link")],
)
@pytest.mark.parametrize("file", PRIVATE)
def test_an_unsafe_file_stops_the_node(
    proven_site: "Site", file: str, spoil: Callable[[Path], None], message: str
) -> None:
    home = proven_site.home("bay")
    address, client = proven_site.address("bay"), proven_site.coordinator().registry.client
    before, stored = client.transaction_count(address, "pending"), proven_site.stored()
    if file == "state/rounds/1/secrets.vector":
        (home.round(1) / "training.proof").unlink()
    spoil(home.root / file)
    with pytest.raises(PRIVATE[file], match=message):
        proven_site.node("bay").submit(1)
    assert client.transaction_count(address, "pending") == before
    assert proven_site.stored() == stored


def test_the_key_holders_secret_must_be_private(site: "Site") -> None:
    secret = site.home("ada").he_secret
    assert load_he_secret(site.home("ada"))
    open_to_others(secret)
    with pytest.raises(PrivateFileError, match="others can reach it"):
        load_he_secret(site.home("ada"))
    with pytest.raises(KeyStoreError, match="not the key holder's folder"):
        load_he_secret(site.home("bay"))


def test_a_folder_that_others_may_enter_is_refused(site: "Site") -> None:
    root = site.home("bay").root
    root.chmod(0o750)
    with pytest.raises(NodeHomeError, match="run chmod 700"):
        NodeHome.open(root)


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    home = NodeHome.create(tmp_path / "node")
    create_chain_key(home, 1 << 10)
    public = create_mask_key(home).public_bytes()
    create_he_keys(home, scheme_named("bfv"))
    secret = home.he_secret.read_bytes()
    with pytest.raises(KeyStoreError, match=r"mask\.key exists"):
        create_mask_key(home)
    with pytest.raises(KeyStoreError, match=r"he-secret\.ctx exists"):
        create_he_keys(home, scheme_named("bfv"))
    assert load_mask_key(home).public_bytes() == public
    assert home.he_secret.read_bytes() == secret


@pytest.mark.parametrize("content", [b"", b"k" * 31, b"k" * 33])
def test_a_mask_key_of_another_length_is_refused_unquoted(site: "Site", content: bytes) -> None:
    site.home("bay").mask_key.write_bytes(content)
    with pytest.raises(MaskKeyError, match=f"got {len(content)}") as refused:
        site.node("bay").announce_mask_key()
    assert "kkk" not in str(refused.value)


# --- nothing shows a secret ---


def shown_secrets(site: "Site", text: str) -> list[str]:
    """Return the names of bay's secrets that a text quotes, in any usual spelling."""
    home = site.home("bay")
    password = home.chain_password.read_text()
    key = bytes(Account.decrypt(home.chain_key.read_text(), password))
    found = {
        "password": password,
        "chain key": key.hex(),
        "mask key": load_mask_key(home).private_bytes().hex(),
        "mask key as bytes": repr(load_mask_key(home).private_bytes())[2:-1],
    }
    vector = site.node("bay").vault.load(0).vector
    secrets = site.journal("bay").vector("secrets", site.ground.spec.secrets_length) or []
    for place, entry in enumerate([*vector, *secrets]):
        if entry > 1 << 64:
            found[f"entry {place}"] = str(entry)
            found[f"entry {place} in hex"] = f"{entry:064x}"
    return [name for name, secret in found.items() if secret in text]


def test_objects_that_hold_secrets_do_not_show_them(proven_site: "Site") -> None:
    node = proven_site.node("bay")
    shard = node.vault.load(0)
    update = proven_site.journal("bay").vector("update", node.spec.model_length)
    assert update is not None
    objects = [
        node,
        shard,
        [shard],
        load_mask_key(node.home),
        node.registry.client.account,
        password_from_file(node.home.chain_password),
        TrainingInputs(shard.vector, [0], [8, 1]),
        ProvenUpdate(update, b"proof"),
        Sealing(1, shard.vector, b"public"),
    ]
    shown = " ".join(text for each in objects for text in (repr(each), str(each)))
    assert shown_secrets(proven_site, shown) == []
    assert str(update[-1]) not in shown


def test_logs_steps_and_errors_show_no_secret(
    proven_site: "Site",
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> None:
        raise RpcError("cut off")

    caplog.set_level(logging.DEBUG)
    shown: list[str] = []
    node = proven_site.node("bay")
    with monkeypatch.context() as patch:
        patch.setattr(TransactionSender, "send", refuse)
        try:
            node.submit(1)
        except ZkflError as error:
            shown += traceback.format_exception(error)
    node.submit(1)
    output = capfd.readouterr()
    shown += [caplog.text, output.out, output.err]
    assert shown_secrets(proven_site, "".join(shown)) == []
