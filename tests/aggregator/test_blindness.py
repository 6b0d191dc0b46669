"""From everything that the aggregator receives and stores, nothing decrypts."""

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import tenseal

from zkfl.artifacts import ArtifactStore
from zkfl.ciphertext_sum import sum_ciphertexts
from zkfl.encryption.errors import ContextError, EncryptionError, SecretKeyMissingError

if TYPE_CHECKING:
    from conftest import ClosedRound

_PACKAGE = Path(__file__).resolve().parents[2] / "aggregator"
_SECRETS = {"decrypt", "private_bytes", "pair_key", "mask_vector", "MaskKey", "generate"}


def everything(closed: "ClosedRound", store: ArtifactStore, folder: Path) -> list[bytes]:
    """Return the context and all files that exist after the aggregator's work."""
    length = len(closed.model)
    store.put(sum_ciphertexts(closed.expected, closed.public, length, closed.scheme, store))
    return [closed.public, *(path.read_bytes() for path in folder.iterdir())]


def test_nothing_held_decrypts_anything_held(
    closed: "ClosedRound",
    store: ArtifactStore,
    tmp_path: Path,
) -> None:
    held = everything(closed, store, tmp_path / "store")
    assert len(held) == 1 + len(closed.expected) + 1
    for key in held:
        for file in held[1:]:
            with pytest.raises((SecretKeyMissingError, ContextError)):
                closed.scheme.decrypt(key, file, len(closed.model))


def test_the_context_itself_refuses_to_decrypt(closed: "ClosedRound") -> None:
    context = closed.scheme.load_public(closed.public)
    make = tenseal.bfv_vector if closed.scheme.name == "bfv" else tenseal.ckks_vector
    with pytest.raises(ValueError, match="secret_key"):
        make(context, [1, 2, 3]).decrypt()


def test_no_file_holds_a_secret_key_or_a_plain_update(
    closed: "ClosedRound",
    store: ArtifactStore,
    tmp_path: Path,
) -> None:
    held = everything(closed, store, tmp_path / "store")
    for file in held:
        assert file != closed.secret
        for entry in (number for vector in closed.masked for number in vector):
            assert entry.to_bytes(32, "big") not in file
            assert entry.to_bytes(32, "little") not in file


def test_a_key_of_another_pair_does_not_help(
    closed: "ClosedRound",
    store: ArtifactStore,
    tmp_path: Path,
) -> None:
    other_secret, _ = closed.scheme.generate()
    for file in everything(closed, store, tmp_path / "store")[1:]:
        with pytest.raises(EncryptionError):
            closed.scheme.decrypt(other_secret, file, len(closed.model))


@pytest.mark.parametrize("module", sorted(_PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_the_package_names_no_secret_operation(module: Path) -> None:
    tree = ast.parse(module.read_text())
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imports = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not names & _SECRETS
    assert not any(name and name.startswith(("zkfl.node", "zkfl.masks")) for name in imports)
