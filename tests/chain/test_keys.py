import json
import os
from pathlib import Path

import pytest
from eth_account import Account

from zkfl.chain.keys import (
    KeyFileError,
    load_account,
    password_from_environment,
    password_from_file,
    password_from_prompt,
    write_keystore,
)

PASSWORD = "correct horse"  # noqa: S105 (a test's)


@pytest.fixture
def keystore(tmp_path: Path) -> Path:
    path = tmp_path / "key.json"
    write_keystore(path, Account.create(), PASSWORD, iterations=2)
    return path


def test_a_written_key_loads_from_every_source(
    keystore: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert keystore.stat().st_mode & 0o777 == 0o600
    secret = tmp_path / "password"
    secret.write_text(PASSWORD + "\n")
    secret.chmod(0o600)
    monkeypatch.setenv("CHAIN_PASSWORD", PASSWORD)
    monkeypatch.setattr("getpass.getpass", lambda _: PASSWORD)
    address = json.loads(keystore.read_text())["address"].removeprefix("0x").lower()
    for source in (
        password_from_file(secret),
        password_from_environment("CHAIN_PASSWORD"),
        password_from_prompt(),
    ):
        assert load_account(keystore, source).address.lower() == "0x" + address


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_file_that_others_can_reach_is_refused(keystore: Path, mode: int) -> None:
    keystore.chmod(mode)
    with pytest.raises(KeyFileError, match="others can reach it"):
        load_account(keystore, lambda: PASSWORD)


def test_a_password_file_that_others_can_reach_is_refused(keystore: Path, tmp_path: Path) -> None:
    secret = tmp_path / "password"
    secret.write_text(PASSWORD)
    secret.chmod(0o644)
    with pytest.raises(KeyFileError, match="mode 0644"):
        load_account(keystore, password_from_file(secret))


def test_a_wrong_password_is_refused_without_being_shown(keystore: Path) -> None:
    with pytest.raises(KeyFileError, match="password is wrong") as refused:
        load_account(keystore, lambda: "sesame")
    assert "sesame" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_an_unset_variable_is_refused(keystore: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHAIN_PASSWORD", raising=False)
    with pytest.raises(KeyFileError, match="CHAIN_PASSWORD is not set"):
        load_account(keystore, password_from_environment("CHAIN_PASSWORD"))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff", b'{"version": 3}'])
def test_a_file_that_is_no_keystore_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key.json"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="does not open"):
        load_account(path, lambda: PASSWORD)


def test_a_missing_file_a_folder_and_a_huge_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be read"):
        load_account(tmp_path / "none", lambda: PASSWORD)
    with pytest.raises(KeyFileError, match="cannot be read"):
        load_account(tmp_path, lambda: PASSWORD)
    huge = tmp_path / "huge"
    huge.write_bytes(b" " * 100_000)
    huge.chmod(0o600)
    with pytest.raises(KeyFileError, match="larger than"):
        load_account(huge, lambda: PASSWORD)


def test_keys_are_never_overwritten_or_left_open(keystore: Path, tmp_path: Path) -> None:
    with pytest.raises(KeyFileError, match="cannot be created"):
        write_keystore(keystore, Account.create(), PASSWORD, iterations=2)
    with pytest.raises(KeyFileError, match="empty password"):
        write_keystore(tmp_path / "new.json", Account.create(), "")
    assert not os.path.lexists(tmp_path / "new.json")
