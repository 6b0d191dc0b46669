"""Both schemes, each with one pair of contexts for the session."""

import pytest

from zkfl.encryption import EncryptionScheme, scheme_named

Pair = tuple[bytes, bytes]
SCHEMES = ("bfv", "ckks")


@pytest.fixture(params=SCHEMES, scope="session")
def scheme(request: pytest.FixtureRequest) -> EncryptionScheme:
    return scheme_named(request.param)


@pytest.fixture(scope="session")
def contexts(scheme: EncryptionScheme) -> Pair:
    """Return the secret and the public context."""
    return scheme.generate()


@pytest.fixture(scope="session")
def secret(contexts: Pair) -> bytes:
    return contexts[0]


@pytest.fixture(scope="session")
def public(contexts: Pair) -> bytes:
    return contexts[1]
