"""The committed storage layouts are the compiler's."""

from pathlib import Path
from typing import Any

import pytest

from zkfl.audit.errors import AuditError
from zkfl.audit.layout import CONTRACTS, FOLDER, pages, reduced, require_alike

ROOT = Path(__file__).parents[2]


def test_the_committed_layouts_are_the_compilers() -> None:
    for path, text in pages(ROOT).items():
        assert (ROOT / path).read_text() == text
    committed = {path.stem for path in (ROOT / FOLDER).iterdir()}
    assert committed == set(CONTRACTS)


def test_a_layout_keeps_places_and_structs_alone() -> None:
    place = {"astId": 7, "contract": "X", "label": "a", "slot": "3", "offset": 1, "type": "t_s"}
    member = place | {"label": "b", "slot": "0", "offset": 0, "type": "t_u8"}
    types: dict[str, Any] = {
        "t_s": {"label": "struct S", "members": [member]},
        "t_u8": {"label": "uint8"},
    }
    assert reduced("X", {"storage": [place], "types": types}) == {
        "contract": "X",
        "storage": [{"label": "a", "slot": 3, "offset": 1, "type": "struct S"}],
        "structs": {"struct S": [{"label": "b", "slot": 0, "offset": 0, "type": "uint8"}]},
    }


def test_a_registry_and_its_extension_must_store_alike() -> None:
    place = {"label": "a", "slot": 0, "offset": 0, "type": "uint256"}
    one = {"contract": "One", "storage": [place], "structs": {"struct S": [place]}}
    require_alike([one, one | {"contract": "Other"}])
    for changed in (
        {"storage": [place | {"slot": 1}]},
        {"storage": [place, place | {"label": "b", "slot": 1}]},
        {"structs": {"struct S": []}},
    ):
        with pytest.raises(AuditError, match="One and Other share one storage, but differ"):
            require_alike([one, one | {"contract": "Other"} | changed])
