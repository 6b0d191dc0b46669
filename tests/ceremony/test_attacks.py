"""What a contributor, or whoever carries the files, may try."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from py_ecc.fields import optimized_bn128_FQ2 as FQ2
from py_ecc.optimized_bn128 import b2

from zkfl.chain.errors import ContractRevertError
from zkfl.curve import G2Point
from zkfl.field import BASE_MODULUS
from zkfl.srs.ceremony import Phase
from zkfl.srs.ceremony.errors import (
    AgreementError,
    CeremonyError,
    HistoryError,
    SnarkjsError,
    TranscriptFileError,
    TurnError,
)
from zkfl.srs.ceremony.phase_one import PhaseOne, record_hash
from zkfl.srs.ceremony.snarkjs import add_beacon, begin
from zkfl.srs.encoding import encode_g2
from zkfl.srs.errors import SrsError, SrsPointError

if TYPE_CHECKING:
    from conftest import Hospitals

POWER = 8

TAU_G1_START = 12 + 12 + 44 + 12
TAU_G2_START = TAU_G1_START + 64 * (2 * 2**POWER - 1) + 12
ALPHA_START = TAU_G2_START + 128 * 2**POWER + 12


def refused(
    hospitals: "Hospitals", folder: Path, position: int, why: type[SrsError], match: str
) -> None:
    """A verifier refuses, the next contributor too, and nothing was stated on chain."""
    party = hospitals.at(folder, 2)
    before = party.log.state()
    with pytest.raises(why, match=match):
        party.verify(position)
    with pytest.raises(why, match=match):
        party.check(position)
    assert party.log.state() == before


def test_the_untouched_files_hold(hospitals: "Hospitals", half_way: Path) -> None:
    for position in range(2):
        hospitals.at(half_way, None).check(position)


# --- files that change on their way ---


@pytest.mark.parametrize("place", [0, 20, 60, TAU_G1_START + 70, TAU_G2_START + 200, -1, -200])
def test_one_byte_altered(hospitals: "Hospitals", half_way: Path, place: int) -> None:
    path = half_way / "0002.ptau"
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    party = hospitals.at(half_way, 2)
    with pytest.raises(CeremonyError):
        party.check(1)
    with pytest.raises(CeremonyError):
        party.contribute(hospitals.private(half_way, 2))
    assert not (half_way / "0003.ptau").exists()


def test_a_truncated_file(hospitals: "Hospitals", half_way: Path) -> None:
    path = half_way / "0002.ptau"
    for kept in (0, 11, 5_000, -1):
        path.write_bytes(path.read_bytes()[:kept])
        refused(hospitals, half_way, 1, TranscriptFileError, "it was truncated")


def test_a_longer_file(hospitals: "Hospitals", half_way: Path) -> None:
    with (half_way / "0002.ptau").open("ab") as file:
        file.write(b"x")
    refused(hospitals, half_way, 1, TranscriptFileError, "is larger than")


def test_a_missing_file(hospitals: "Hospitals", half_way: Path) -> None:
    (half_way / "0002.ptau").unlink()
    refused(hospitals, half_way, 1, TranscriptFileError, "get it from its contributor")


def test_another_file_than_the_one_on_chain(hospitals: "Hospitals", half_way: Path) -> None:
    other = hospitals.contribution(half_way / "0001.ptau", 1)
    (half_way / "0002.ptau").write_bytes(other)
    refused(hospitals, half_way, 1, TranscriptFileError, "on chain is")


# --- contributors who cheat, and record what they made ---


def test_an_earlier_contribution_is_dropped(hospitals: "Hospitals", honest_first: Path) -> None:
    alone = hospitals.contribution(honest_first / "0000.ptau", 1)
    hospitals.record(honest_first, 1, alone, [hospitals.addresses[1]])
    refused(hospitals, honest_first, 1, TranscriptFileError, "more or fewer contributions")


def test_an_earlier_contribution_is_replaced(hospitals: "Hospitals", honest_first: Path) -> None:
    path = honest_first / "forged.ptau"
    path.write_bytes(hospitals.contribution(honest_first / "0000.ptau", 0))
    forged = hospitals.contribution(path, 1)
    hospitals.record(honest_first, 1, forged, hospitals.addresses[:2])
    refused(hospitals, honest_first, 1, HistoryError, "somebody replaced what was contributed")


def test_a_contribution_over_an_altered_power(hospitals: "Hospitals", honest_first: Path) -> None:
    content = bytearray(hospitals.contribution(honest_first / "0001.ptau", 1))
    third, fourth = (slice(TAU_G1_START + 64 * i, TAU_G1_START + 64 * (i + 1)) for i in (3, 4))
    content[third], content[fourth] = content[fourth], content[third]
    hospitals.record(honest_first, 1, bytes(content), hospitals.addresses[:2])
    refused(hospitals, honest_first, 1, SnarkjsError, "tauG1 section. Powers do not match")


def test_a_point_off_the_curve(hospitals: "Hospitals", honest_first: Path) -> None:
    content = bytearray(hospitals.contribution(honest_first / "0001.ptau", 1))
    content[ALPHA_START + 64 * 9] ^= 1
    hospitals.record(honest_first, 1, bytes(content), hospitals.addresses[:2])
    refused(hospitals, honest_first, 1, SrsPointError, r"alphaTauG1\[9\]")


def test_a_point_outside_the_subgroup(hospitals: "Hospitals", honest_first: Path) -> None:
    content = bytearray(hospitals.contribution(honest_first / "0001.ptau", 1))
    start = TAU_G2_START + 128 * 5
    content[start : start + 128] = encode_g2(on_the_twist())
    hospitals.record(honest_first, 1, bytes(content), hospitals.addresses[:2])
    refused(hospitals, honest_first, 1, SrsPointError, r"tauG2\[5\] is not in the group G2")


def on_the_twist() -> G2Point:
    """Return a point of the twist; by chance in the subgroup once in 2^254."""
    for first in range(1, 100):
        x = FQ2([first, 0])
        y = square_root(x * x * x + b2)
        if y is not None:
            return G2Point(*(int(part) for part in (*x.coeffs, *y.coeffs)))
    raise AssertionError


def square_root(a: FQ2) -> FQ2 | None:
    # Adj, Rodriguez-Henriquez: https://eprint.iacr.org/2012/685, algorithm 9
    power = a ** ((BASE_MODULUS - 3) // 4)
    alpha, candidate = power * power * a, power * a
    one = FQ2([1, 0])
    if alpha == FQ2([BASE_MODULUS - 1, 0]):
        root = FQ2([0, 1]) * candidate
    else:
        root = (one + alpha) ** ((BASE_MODULUS - 1) // 2) * candidate
    return root if root * root == a else None


def test_a_contribution_in_anothers_name(hospitals: "Hospitals", honest_first: Path) -> None:
    content = hospitals.contribution(honest_first / "0001.ptau", 1, hospitals.addresses[0])
    twice = [hospitals.addresses[0], hospitals.addresses[0]]
    hospitals.record(honest_first, 1, content, twice)
    refused(hospitals, honest_first, 1, HistoryError, "expected the contributor's address")


def test_a_beacon_is_no_contribution(hospitals: "Hospitals", honest_first: Path) -> None:
    target = honest_first / "0002.ptau"
    add_beacon(honest_first / "0001.ptau", target, POWER, bytes(32))
    content = target.read_bytes()
    party = hospitals.at(honest_first, 1)
    file = PhaseOne(POWER, content, (b"",))
    party.log.contribute(file.sha256(), record_hash(content[-1548:]))
    refused(hospitals, honest_first, 1, HistoryError, "a beacon's secret is public")


def test_a_file_of_another_power(hospitals: "Hospitals", honest_first: Path) -> None:
    other = honest_first / "other.ptau"
    begin(other, POWER + 1)
    (honest_first / "0002.ptau").write_bytes(other.read_bytes())
    file = PhaseOne(POWER + 1, other.read_bytes(), ())
    hospitals.at(honest_first, 1).log.contribute(file.sha256(), bytes([1] * 32))
    refused(hospitals, honest_first, 1, TranscriptFileError, "is larger than")
    begin(other, POWER - 1)
    (honest_first / "0002.ptau").write_bytes(other.read_bytes())
    refused(hospitals, honest_first, 1, TranscriptFileError, f"one of power {POWER}")


def test_a_header_that_claims_a_larger_ceremony(hospitals: "Hospitals", half_way: Path) -> None:
    # snarkjs leaves out a check of hashes for files cut from a larger ceremony
    path = half_way / "0002.ptau"
    content = bytearray(path.read_bytes())
    content[12 + 12 + 4 + 32 + 4] = POWER + 1
    path.write_bytes(content)
    refused(hospitals, half_way, 1, TranscriptFileError, f"cut from {POWER + 1}")


# --- turns ---


def test_out_of_turn(hospitals: "Hospitals", honest_first: Path) -> None:
    party = hospitals.at(honest_first, 2)
    with pytest.raises(TurnError, match=f"the turn of {hospitals.addresses[1]}"):
        party.contribute(hospitals.private(honest_first, 2))
    with pytest.raises(ContractRevertError, match="NotYourTurn"):
        party.log.contribute(bytes([1] * 32), bytes([2] * 32))


def test_contributing_again(hospitals: "Hospitals", honest_first: Path) -> None:
    party = hospitals.at(honest_first, 0)
    with pytest.raises(TurnError, match=f"not of {hospitals.addresses[0]}"):
        party.contribute(hospitals.private(honest_first, 0))
    with pytest.raises(ContractRevertError, match="NotYourTurn"):
        party.log.contribute(bytes([1] * 32), bytes([2] * 32))


def test_contributing_what_was_contributed(
    hospitals: "Hospitals", honest_first: Path, as_file: Callable[[Path, int], PhaseOne]
) -> None:
    first = as_file(honest_first / "0001.ptau", 1)
    with pytest.raises(ContractRevertError, match="FileRepeated"):
        hospitals.at(honest_first, 1).log.contribute(first.sha256(), bytes([1] * 32))


def test_outsiders_state_nothing(hospitals: "Hospitals", half_way: Path) -> None:
    outsider = type(hospitals)(hospitals.anvil, [hospitals.anvil.new_account()])
    with pytest.raises(TurnError, match="is no contributor"):
        outsider.at(half_way, 0).unverified()
    with pytest.raises(ContractRevertError, match="NotAContributor"):
        outsider.at(half_way, 0).object_to(0)


def test_an_objection_ends_the_ceremony(hospitals: "Hospitals", honest_first: Path) -> None:
    hospitals.at(honest_first, 2).object_to(0)
    party = hospitals.at(honest_first, 1)
    assert party.log.state().phase == Phase.BLOCKED
    with pytest.raises(TurnError, match="the ceremony is blocked"):
        party.contribute(hospitals.private(honest_first, 1))


# --- what lies in wait in the shared folder ---


def test_a_file_that_somebody_put_there_is_not_adopted(
    hospitals: "Hospitals", honest_first: Path
) -> None:
    planted = hospitals.contribution(honest_first / "0001.ptau", 1)
    (honest_first / "0002.ptau").write_bytes(planted)
    hospitals.at(honest_first, 1).contribute(hospitals.private(honest_first, 1))
    assert (honest_first / "0002.ptau").read_bytes() != planted
    hospitals.at(honest_first, 2).check(1)


def test_a_contribution_that_was_not_recorded_is_taken_up_again(
    hospitals: "Hospitals", honest_first: Path
) -> None:
    party = hospitals.at(honest_first, 1)
    waiting = hospitals.private(honest_first, 1) / f"ceremony-{party.agreement.address}-1.ptau"
    made = hospitals.contribution(honest_first / "0001.ptau", 1)
    waiting.write_bytes(made)
    party.contribute(hospitals.private(honest_first, 1))
    assert (honest_first / "0002.ptau").read_bytes() == made
    assert not waiting.exists()


@pytest.mark.parametrize("field", ["logrows", "beacon_distance", "step_seconds", "contributors"])
def test_an_agreement_that_the_contract_does_not_share(
    hospitals: "Hospitals", half_way: Path, field: str
) -> None:
    agreement = hospitals.at(half_way, None).agreement
    value = getattr(agreement, field)
    changed = value[::-1] if isinstance(value, list) else value + 1
    forged = agreement.model_copy(update={field: changed})
    (half_way / "ceremony.json").write_text(forged.model_dump_json())
    with pytest.raises(AgreementError, match="was created with other code"):
        hospitals.at(half_way, 0)


def test_another_address_than_the_created_one(hospitals: "Hospitals", half_way: Path) -> None:
    agreement = hospitals.at(half_way, None).agreement
    forged = agreement.model_copy(update={"address": hospitals.addresses[0]})
    (half_way / "ceremony.json").write_text(forged.model_dump_json())
    with pytest.raises(AgreementError, match="do not use this ceremony"):
        hospitals.at(half_way, 0)
