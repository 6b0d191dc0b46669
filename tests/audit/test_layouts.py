"""The committed storage layouts are the compiler's."""

from pathlib import Path
from typing import Any

from zkfl.audit.layout import CONTRACTS, FOLDER, pages, reduced

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
