"""The folder of a consortium: everyone apart, and a store that is checked on reading."""

from pathlib import Path

import pytest

from zkfl.artifacts import ArtifactHashMismatchError, ArtifactNotFoundError
from zkfl.consortium import Consortium
from zkfl.founding import FoundingError, create_parties
from zkfl.node.home import NodeHome
from zkfl.workspace import Workspace


def test_every_party_has_a_folder_of_its_own(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    folders = [workspace.site(name) for name in ("office", "north")]
    folders += [workspace.role(name) for name in ("office", "aggregator")]
    assert len(set(folders)) == 4
    assert all(folder.is_relative_to(tmp_path) for folder in folders)


def test_the_store_of_a_workspace_hands_out_only_what_was_named(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    digest = workspace.store.put(b"model")
    assert Workspace(tmp_path).store.get(digest) == b"model"
    (tmp_path / "store" / digest.hex()).write_bytes(b"other")
    with pytest.raises(ArtifactHashMismatchError, match="damaged or was exchanged"):
        workspace.store.get(digest)
    with pytest.raises(ArtifactNotFoundError, match="ask its publisher"):
        workspace.store.get(bytes(32))


def test_a_node_folder_is_closed_and_can_be_made_twice(tmp_path: Path) -> None:
    root = Workspace(tmp_path).site("north")
    home = NodeHome.create(root)
    (root / "keys" / "mask.key").write_bytes(b"k" * 32)
    assert NodeHome.create(root) == home == NodeHome.open(root)
    assert (root / "keys" / "mask.key").read_bytes() == b"k" * 32
    assert {p.stat().st_mode & 0o777 for p in (root, root / "keys", root / "state")} == {0o700}


def test_scratch_is_emptied_of_what_a_killed_run_left(tmp_path: Path) -> None:
    home = NodeHome.create(tmp_path / "node")
    left = home.root / "state" / "scratch" / "run-dead" / "zkfl-proof-1" / "witness.json"
    left.parent.mkdir(parents=True)
    left.write_text("records")
    scratch = home.fresh_scratch()
    assert list(scratch.iterdir()) == []
    assert scratch.stat().st_mode & 0o777 == 0o700
    assert list(scratch.parent.iterdir()) == [scratch]


def test_scratch_of_a_run_that_goes_on_stays(tmp_path: Path) -> None:
    home = NodeHome.create(tmp_path / "node")
    witness = home.fresh_scratch() / "witness.json"
    witness.write_text("records")
    assert home.fresh_scratch() != witness.parent
    assert witness.read_text() == "records"


def test_parties_are_made_once(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "all")
    consortium = Consortium.model_validate(
        {"name": "once", "dataset": "wdbc", "circuits": "tiny", "hospitals": ("a", "b", "c")}
    )
    create_parties(workspace, consortium, 1 << 12)
    before = {path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()}
    with pytest.raises(FoundingError, match="they are made once"):
        create_parties(workspace, consortium, 1 << 12)
    assert before == {
        path: path.read_bytes() for path in workspace.root.rglob("*") if path.is_file()
    }
