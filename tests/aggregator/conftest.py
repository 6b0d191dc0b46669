"""A cohort of three whose masked updates are encrypted and stored."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from zkfl.artifacts import ArtifactStore
from zkfl.ciphertext_sum import ExpectedCiphertext
from zkfl.commitments import Committer
from zkfl.curve import G1Point
from zkfl.encryption import EncryptionScheme, scheme_named
from zkfl.field import SCALAR_MODULUS, random_elements
from zkfl.masks import MaskKey, mask_context, mask_vector
from zkfl.srs import demo_srs

LENGTH = 6
MEMBERS = [f"0x{n:040x}" for n in (5, 2, 9)]


@dataclass(frozen=True)
class ClosedRound:
    """What the parties hold when a round has closed; only ``secret`` can decrypt.

    ``expected`` is what the chain holds, ``total`` the sum in the clear, ``new_commitment``
    the contract's C(G').
    """

    scheme: EncryptionScheme
    secret: bytes
    public: bytes
    model: list[int]
    total: list[int]
    masked: list[list[int]]
    expected: list[ExpectedCiphertext]
    new_commitment: G1Point


@pytest.fixture(scope="session")
def committer(tmp_path_factory: pytest.TempPathFactory) -> Committer:
    return Committer(demo_srs(5, tmp_path_factory.mktemp("srs") / "demo.srs").path)


@pytest.fixture
def store(tmp_path: Path) -> ArtifactStore:
    return ArtifactStore(tmp_path / "store")


@pytest.fixture(params=["bfv", "ckks"])
def closed(
    request: pytest.FixtureRequest, committer: Committer, store: ArtifactStore
) -> ClosedRound:
    scheme = scheme_named(request.param)
    secret, public = scheme.generate()
    model = random_elements(LENGTH)
    weighted = [random_elements(LENGTH) for _ in MEMBERS]
    total = column_sums(weighted)
    masked = [column_sums(pair) for pair in zip(weighted, cohort_masks(), strict=True)]
    expected = [
        ExpectedCiphertext(member, store.put(scheme.encrypt(public, vector)))
        for member, vector in zip(MEMBERS, masked, strict=True)
    ]
    commitment = committer.commit(column_sums([model, total]))
    return ClosedRound(scheme, secret, public, model, total, masked, expected, commitment)


def cohort_masks() -> list[list[int]]:
    keys = {member: MaskKey.generate() for member in MEMBERS}
    public = {member: key.public_bytes() for member, key in keys.items()}
    context = mask_context(1, "0x" + "aa" * 20, 1, 0)
    return [mask_vector(keys[member], public, member, context, LENGTH) for member in MEMBERS]


def column_sums(vectors: list[list[int]] | tuple[list[int], ...]) -> list[int]:
    return [sum(column) % SCALAR_MODULUS for column in zip(*vectors, strict=True)]
