"""No record is trained on and tested on, whichever file of the hospital came last."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.node.held_out_home import HeldOutHome, HeldOutRecordsError
from zkfl.node.model_testing import ModelTester
from zkfl.node.records.errors import RecordsError

if TYPE_CHECKING:
    from conftest import Site

MakeRecords = Callable[[Path, int, int], None]


@pytest.fixture
def site(
    committed: "Site", tmp_path: Path, borrow: Callable[["Site", Path], Iterator["Site"]]
) -> Iterator["Site"]:
    """Ada has committed to ten test records."""
    yield from borrow(committed, tmp_path)


@pytest.fixture
def newer(make_records: MakeRecords, tmp_path: Path) -> Path:
    path = tmp_path / "newer.csv"
    make_records(path, 9, 91)
    return path


def held_out_file(site: "Site") -> Path:
    return HeldOutHome(site.workspace.site("ada")).records


def with_patients(path: Path, prefix: str) -> None:
    header, *rows = path.read_text().splitlines()
    named = [f"{row},{prefix}{number}" for number, row in enumerate(rows)]
    path.write_text("\n".join([f"{header},patient", *named, ""]))


def test_newer_records_that_are_tested_on_are_not_taken(site: "Site", newer: Path) -> None:
    node = site.node("ada")
    clean = newer.read_text()
    newer.write_text(clean + held_out_file(site).read_text().splitlines()[-1] + "\n")
    with pytest.raises(HeldOutRecordsError, match="1 of 10 test records are among the records"):
        node.add_records(newer)
    assert node.home.latest_version() == 1
    newer.write_text(clean)
    assert node.add_records(newer) == 2
    assert len(node.seal()) == 4


def test_newer_records_that_were_put_there_by_hand_are_not_sealed(site: "Site") -> None:
    node = site.node("ada")
    (node.home.root / "records-v2.csv").write_bytes(held_out_file(site).read_bytes())
    with pytest.raises(HeldOutRecordsError, match="10 of 10 test records"):
        node.admit()
    assert len(node.vault) == 2


def test_a_patient_is_on_one_side_only(site: "Site", newer: Path) -> None:
    node = site.node("ada")
    with_patients(node.home.records, "p")
    with_patients(newer, "q")
    with pytest.raises(RecordsError, match="nobody can tell whether they share a patient"):
        node.add_records(newer)
    held = held_out_file(site).read_text()
    with_patients(held_out_file(site), "q")
    with pytest.raises(RecordsError, match=r"share 9 patient\(s\)"):
        node.add_records(newer)
    held_out_file(site).write_text(held)
    with_patients(held_out_file(site), "r")
    assert node.add_records(newer) == 2


def test_test_records_of_a_patient_who_trains_are_not_admitted(
    site: "Site", make_records: MakeRecords
) -> None:
    node = site.node("cay")
    held = HeldOutHome(site.workspace.site("cay")).records
    make_records(held, 4, 92)
    for path in (held, node.home.records):
        with_patients(path, "p")
    with pytest.raises(RecordsError, match=r"share 4 patient\(s\)"):
        ModelTester(node).admit()
