"""Parties that made their own keys in folders of their own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from zkfl.consortium import Consortium
from zkfl.joining import join_consortium
from zkfl.party_card import PartyCard

SCRYPT_COST = 1 << 10
HOSPITALS = ("ada", "bay", "cay")
Join = Callable[[str], PartyCard]


@pytest.fixture(scope="session")
def agreements(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the consortium file that the office sends to everybody."""
    consortium = Consortium.agree(
        name="three", dataset="wdbc", circuits="tiny", demo=True, hospitals=HOSPITALS
    )
    path = tmp_path_factory.mktemp("office") / "consortium.json"
    path.write_bytes(consortium.to_json())
    return path


@pytest.fixture
def join(agreements: Path, tmp_path: Path) -> Join:
    """Return what makes a party's own folder, called like the party."""
    return lambda name: join_consortium(agreements, tmp_path / name, name, SCRYPT_COST)
