"""The aggregator adds exactly the ciphertexts whose hashes are on chain."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.artifacts import (
    ArtifactHashMismatchError,
    ArtifactNotFoundError,
    ArtifactStore,
)
from zkfl.ciphertext_sum import (
    CiphertextRefusedError,
    ExpectedCiphertext,
    sum_ciphertexts,
)
from zkfl.encryption.errors import (
    CiphertextContextError,
    CiphertextFormatError,
    ContextError,
    SecretKeyPresentError,
)
from zkfl.field import random_elements

if TYPE_CHECKING:
    from conftest import ClosedRound


def summed(closed: "ClosedRound", store: ArtifactStore, **changes: object) -> bytes:
    given = replace(closed, **changes)
    length = len(given.model)
    return sum_ciphertexts(given.expected, given.public, length, given.scheme, store)


def with_second(closed: "ClosedRound", digest: bytes) -> list[ExpectedCiphertext]:
    """Exchange the second member's hash."""
    first, second, third = closed.expected
    return [first, ExpectedCiphertext(second.member, digest), third]


def refusal(closed: "ClosedRound", store: ArtifactStore, digest: bytes) -> BaseException | None:
    """Return why the second member's ciphertext is refused."""
    expected = with_second(closed, digest)
    with pytest.raises(CiphertextRefusedError, match=expected[1].member) as caught:
        summed(closed, store, expected=expected)
    assert caught.value.member == expected[1].member
    return caught.value.__cause__


def test_the_sum_decrypts_to_the_sum_without_masks(
    closed: "ClosedRound", store: ArtifactStore
) -> None:
    total = summed(closed, store)
    assert closed.scheme.decrypt(closed.secret, total, len(closed.model)) == closed.total


def test_a_sum_without_one_member_is_another(closed: "ClosedRound", store: ArtifactStore) -> None:
    total = summed(closed, store, expected=closed.expected[:2])
    assert closed.scheme.decrypt(closed.secret, total, len(closed.model)) != closed.total


def test_names_the_member_whose_file_is_missing(
    closed: "ClosedRound", store: ArtifactStore
) -> None:
    assert isinstance(refusal(closed, store, bytes(32)), ArtifactNotFoundError)


def test_names_the_member_whose_file_was_exchanged(
    closed: "ClosedRound",
    store: ArtifactStore,
    tmp_path: Path,
) -> None:
    digest = closed.expected[1].digest
    path = tmp_path / "store" / digest.hex()
    path.write_bytes(store.get(closed.expected[0].digest))
    assert isinstance(refusal(closed, store, digest), ArtifactHashMismatchError)


def test_names_the_member_whose_file_is_garbage(
    closed: "ClosedRound", store: ArtifactStore
) -> None:
    assert isinstance(refusal(closed, store, store.put(b"garbage")), CiphertextFormatError)


def test_names_the_member_with_another_length(closed: "ClosedRound", store: ArtifactStore) -> None:
    longer = closed.scheme.encrypt(closed.public, [*closed.masked[1], 0])
    assert isinstance(refusal(closed, store, store.put(longer)), CiphertextContextError)


def test_names_the_member_with_another_context(closed: "ClosedRound", store: ArtifactStore) -> None:
    _, other = closed.scheme.generate()
    foreign = closed.scheme.encrypt(other, closed.masked[1])
    assert isinstance(refusal(closed, store, store.put(foreign)), CiphertextContextError)


def test_names_the_member_with_damaged_ciphertext(
    closed: "ClosedRound", store: ArtifactStore
) -> None:
    good = store.get(closed.expected[1].digest)
    middle = len(good) // 2
    damaged = good[:middle] + random_elements(1)[0].to_bytes(32, "big") + good[middle + 32 :]
    broken = damaged[:100] + bytes(20) + damaged[120:]
    assert isinstance(refusal(closed, store, store.put(broken)), CiphertextContextError)


def test_refuses_a_context_with_the_secret_key(closed: "ClosedRound", store: ArtifactStore) -> None:
    with pytest.raises(SecretKeyPresentError):
        summed(closed, store, public=closed.secret)


def test_refuses_a_context_that_is_none(closed: "ClosedRound", store: ArtifactStore) -> None:
    with pytest.raises(ContextError):
        summed(closed, store, public=b"garbage")
