"""Three hospitals make an SRS on a real chain."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.chain.errors import ContractRevertError
from zkfl.srs import check_srs, is_demo
from zkfl.srs.ceremony import Phase
from zkfl.srs.ceremony.errors import BeaconError, ResultError, TurnError
from zkfl.srs.ceremony.phase_one import read_phase_one
from zkfl.srs.ceremony.snarkjs import add_beacon
from zkfl.srs.file import SrsFile

if TYPE_CHECKING:
    from conftest import Hospitals

POWER, DISTANCE, STEP_SECONDS = 8, 4, 3600


def verified_by_all(hospitals: "Hospitals", folder: Path) -> None:
    for who in range(3):
        party = hospitals.at(folder, who)
        for position in party.unverified():
            party.verify(position)
        assert party.unverified() == []


@pytest.fixture(scope="module")
def confirming(hospitals: "Hospitals", tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = hospitals.begin(tmp_path_factory.mktemp("whole") / "transcript")
    for who in range(3):
        hospitals.at(folder, who).contribute(hospitals.private(folder, who))
        assert not list(hospitals.private(folder, who).iterdir())
    verified_by_all(hospitals, folder)
    party = hospitals.at(folder, 1)
    with pytest.raises(BeaconError, match="come back"):
        party.record_beacon()
    with pytest.raises(BeaconError, match="it has no beacon"):
        party.write_final()
    hospitals.anvil.control("anvil_mine", hex(DISTANCE + 1))
    assert party.record_beacon() is not None
    assert party.record_beacon() is None
    return folder


def test_all_compute_the_same_sound_srs(
    hospitals: "Hospitals", confirming: Path, tmp_path: Path
) -> None:
    hashes = set()
    for who in range(3):
        out = tmp_path / f"{who}.srs"
        srs_hash, result = hospitals.at(confirming, who).finish(out)
        assert result is not None
        hashes.add(srs_hash)
        srs = SrsFile(out)
        assert (srs.logrows, srs.sha256()) == (POWER, srs_hash)
        check_srs(srs)
        assert not is_demo(srs)
    state = hospitals.at(confirming, None).log.state()
    assert state.phase == Phase.COMPLETE
    assert hashes == {state.srs_hash}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0.srs", "1.srs", "2.srs"]
    _, result = hospitals.at(confirming, None).finish(tmp_path / "auditor.srs")
    assert result is None
    assert SrsFile(tmp_path / "auditor.srs").sha256() == state.srs_hash


def test_the_beacon_is_the_blocks_hash(hospitals: "Hospitals", confirming: Path) -> None:
    party = hospitals.at(confirming, None)
    state = party.log.state()
    block = party.log.client.w3.eth.get_block(state.beacon_block)
    assert bytes(block["hash"]) == state.beacon


def test_another_beacon_than_the_chains_is_refused(
    hospitals: "Hospitals", confirming: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(confirming, tmp_path / "copy"))
    (folder / "final.ptau").unlink(missing_ok=True)
    add_beacon(folder / "0003.ptau", folder / "final.ptau", POWER, bytes(31) + b"\x07")
    with pytest.raises(BeaconError, match="whoever made the file chose another one"):
        hospitals.at(folder, 0).finish(tmp_path / "never.srs")
    assert not (tmp_path / "never.srs").exists()


def test_a_changed_final_file_is_refused(
    hospitals: "Hospitals", confirming: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(confirming, tmp_path / "copy"))
    party = hospitals.at(folder, 0)
    (folder / "final.ptau").unlink(missing_ok=True)
    content = bytearray(party.write_final().content)
    content[5_000] ^= 1
    (folder / "final.ptau").write_bytes(content)
    with pytest.raises(ResultError, match="remove it"):
        party.finish(tmp_path / "never.srs")


def test_nobody_contributes_after_the_turns(hospitals: "Hospitals", confirming: Path) -> None:
    party = hospitals.at(confirming, 0)
    with pytest.raises(TurnError, match="all turns are over"):
        party.contribute(hospitals.private(confirming, 0))
    with pytest.raises(ContractRevertError, match="WrongPhase"):
        party.log.contribute(bytes([1] * 32), bytes([2] * 32))


def test_a_result_that_others_do_not_share_is_not_kept(
    hospitals: "Hospitals", tmp_path: Path
) -> None:
    folder = hospitals.begin(tmp_path / "transcript")
    hospitals.at(folder, 0).contribute(hospitals.private(folder, 0))
    for _ in range(3):  # two turns pass, and then nobody is left to verify
        if hospitals.at(folder, 0).log.state().phase != Phase.BEACON:
            hospitals.anvil.advance_time(STEP_SECONDS + 1)
            hospitals.at(folder, 1).log.skip()
    hospitals.anvil.control("anvil_mine", hex(DISTANCE + 1))
    party = hospitals.at(folder, 0)
    party.record_beacon()
    hospitals.at(folder, 1).log.confirm(bytes([1] * 32), bytes([2] * 32))
    with pytest.raises(ResultError, match="nothing was kept"):
        party.finish(tmp_path / "never.srs")
    assert party.log.state().phase == Phase.CONFIRMING
    with pytest.raises(ResultError, match="has ended"):
        party.finish(tmp_path / "never.srs", insist=True)
    assert party.log.state().phase == Phase.BLOCKED
    assert not (tmp_path / "never.srs").exists()


def test_the_first_file_is_the_same_for_all(hospitals: "Hospitals", half_way: Path) -> None:
    path = half_way / "0000.ptau"
    before = path.read_bytes()
    path.unlink()
    assert hospitals.at(half_way, None).start().read_bytes() == before
    assert read_phase_one(before, POWER, []).records == ()
