"""The mask of a fixed cohort, byte by byte, against ``tests/vectors/masks.json``."""

import json
from pathlib import Path

import pytest

from zkfl.masks import MaskKey, mask_context, mask_vector

Keys = dict[str, MaskKey]
Announced = dict[str, bytes]

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "masks.json").read_text())


def keys() -> dict[str, MaskKey]:
    return {m["address"]: MaskKey.from_bytes(bytes.fromhex(m["secret"])) for m in VECTORS["cohort"]}


def context() -> bytes:
    where = VECTORS["context"]
    return mask_context(where["chainId"], where["registry"], where["roundId"], where["attempt"])


def test_context() -> None:
    assert context().hex() == VECTORS["context"]["maskContext"]


def test_public_keys() -> None:
    assert [key.public_bytes().hex() for key in keys().values()] == [
        member["public"] for member in VECTORS["cohort"]
    ]


@pytest.mark.parametrize("pair", VECTORS["pairKeys"], ids=lambda pair: f"{pair['of']}")
def test_pair_keys_are_the_same_from_both_sides(pair: dict[str, list[int] | str]) -> None:
    i, j = pair["of"]
    members = list(keys().values())
    assert members[i].pair_key(members[j].public_bytes(), context()).hex() == pair["key"]
    assert members[j].pair_key(members[i].public_bytes(), context()).hex() == pair["key"]


@pytest.mark.parametrize("member", VECTORS["cohort"], ids=lambda member: member["address"][-4:])
def test_masks(member: dict[str, str]) -> None:
    public = {address: key.public_bytes() for address, key in keys().items()}
    key = keys()[member["address"]]
    mask = mask_vector(key, public, member["address"], context(), VECTORS["length"])
    assert [f"{entry:064x}" for entry in mask] == member["mask"]
