"""Keys and cohorts from which no safe mask can be made."""

import pytest

from zkfl.masks import (
    MaskCohortError,
    MaskError,
    MaskKey,
    MaskKeyError,
    mask_vector,
)

Keys = dict[str, MaskKey]
Announced = dict[str, bytes]

PRIME = 2**255 - 19
LOW_ORDER = {
    "0": 0,
    "1": 1,
    "order 8": 325606250916557431795983626356110631294008115727848805560023387167927233504,
    "other order 8": 39382357235489614581723060781553021112529911719440698176882885853963445705823,
    "p - 1": PRIME - 1,
}
ADDRESS = f"0x{9:040x}"
PEER = f"0x{4:040x}"


@pytest.mark.parametrize("point", LOW_ORDER.values(), ids=LOW_ORDER)
def test_refuses_points_of_low_order(
    cohort: Keys, announced: Announced, context: bytes, point: int
) -> None:
    public = announced | {PEER: point.to_bytes(32, "little")}
    with pytest.raises(MaskKeyError, match="point of low order"):
        mask_vector(cohort[ADDRESS], public, ADDRESS, context, 3)


@pytest.mark.parametrize("value", [PRIME, PRIME + 9, 2**255 + 9, 2**256 - 1])
def test_refuses_spellings_that_are_not_canonical(
    cohort: Keys,
    announced: Announced,
    context: bytes,
    value: int,
) -> None:
    public = announced | {PEER: value.to_bytes(32, "little")}
    with pytest.raises(MaskKeyError, match="not canonical"):
        mask_vector(cohort[ADDRESS], public, ADDRESS, context, 3)


def test_refuses_a_key_of_another_length(
    cohort: Keys, announced: Announced, context: bytes
) -> None:
    public = announced | {PEER: bytes(31)}
    with pytest.raises(MaskKeyError, match="32 bytes, got 31"):
        mask_vector(cohort[ADDRESS], public, ADDRESS, context, 3)
    with pytest.raises(MaskKeyError, match="32 bytes, got 33"):
        MaskKey.from_bytes(bytes(33))


def test_refuses_a_peer_with_the_own_key(
    cohort: Keys, announced: Announced, context: bytes
) -> None:
    key = cohort[ADDRESS]
    with pytest.raises(MaskCohortError, match="the same mask key"):
        mask_vector(key, announced | {PEER: key.public_bytes()}, ADDRESS, context, 3)
    with pytest.raises(MaskKeyError, match="our own mask key"):
        key.pair_key(key.public_bytes(), context)


def test_refuses_two_peers_with_one_key(cohort: Keys, announced: Announced, context: bytes) -> None:
    public = announced | {PEER: announced[f"0x{7:040x}"]}
    with pytest.raises(MaskCohortError, match="the same mask key"):
        mask_vector(cohort[ADDRESS], public, ADDRESS, context, 3)


def test_refuses_another_key_than_the_announced_one(announced: Announced, context: bytes) -> None:
    with pytest.raises(MaskKeyError, match="this node has another"):
        mask_vector(MaskKey.generate(), announced, ADDRESS, context, 3)


def test_refuses_a_cohort_without_the_member(
    cohort: Keys, announced: Announced, context: bytes
) -> None:
    public = {address: key for address, key in announced.items() if address != ADDRESS}
    with pytest.raises(MaskCohortError, match="is not in the cohort"):
        mask_vector(cohort[ADDRESS], public, ADDRESS, context, 3)


def test_refuses_a_cohort_of_two(cohort: Keys, announced: Announced, context: bytes) -> None:
    public = {address: announced[address] for address in (ADDRESS, PEER)}
    with pytest.raises(MaskCohortError, match="a cohort of 2 is too small"):
        mask_vector(cohort[ADDRESS], public, ADDRESS, context, 3)


def test_refuses_an_address_twice(context: bytes) -> None:
    keys = {f"0x{'ab' * 20}": MaskKey.generate(), f"0x{'AB' * 20}": MaskKey.generate()}
    public = {address: key.public_bytes() for address, key in keys.items()}
    with pytest.raises(MaskCohortError, match="different spellings"):
        mask_vector(keys[f"0x{'ab' * 20}"], public, f"0x{'ab' * 20}", context, 3)


@pytest.mark.parametrize("address", ["0x12", "hospital", "0x" + "g" * 40, " " + "1" * 39])
def test_refuses_what_is_no_address(
    cohort: Keys, announced: Announced, context: bytes, address: str
) -> None:
    with pytest.raises(MaskCohortError, match="is no address"):
        mask_vector(cohort[ADDRESS], announced, address, context, 3)


def test_refuses_contexts_and_lengths_that_are_none(
    cohort: Keys, announced: Announced, context: bytes
) -> None:
    key = cohort[ADDRESS]
    with pytest.raises(MaskError, match="32 bytes, got 31"):
        mask_vector(key, announced, ADDRESS, bytes(31), 3)
    with pytest.raises(MaskError, match="32 bytes, got 0"):
        key.pair_key(announced[PEER], b"")
    with pytest.raises(MaskError, match="at least one entry, got 0"):
        mask_vector(key, announced, ADDRESS, context, 0)


def test_never_shows_the_secret() -> None:
    key = MaskKey.generate()
    assert key.private_bytes().hex() not in repr(key)
