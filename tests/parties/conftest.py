"""Parties that made their own keys in folders of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from zkfl.chain.registry import Registry
from zkfl.consortium import Consortium
from zkfl.joining import join_consortium
from zkfl.party_card import PartyCard
from zkfl.turns import Look, Turn, take_turn

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


@pytest.fixture(scope="session")
def turn_of() -> Callable[..., Turn]:
    """Return what takes a turn at a chain: its looks see, or raise, these one after the other."""

    def run(chain: object, *looks: Look | Exception, **options: object) -> Turn:
        left = list(looks)

        def look() -> Look:
            seen = left.pop(0)
            if isinstance(seen, Exception):
                raise seen
            return seen

        try:
            return take_turn(cast("Registry", chain), look, **options)  # type: ignore[arg-type]
        finally:
            assert not left

    return run
