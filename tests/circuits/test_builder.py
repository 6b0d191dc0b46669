"""Builds are reproducible, cached, and refused once changed."""

import dataclasses
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from zkfl.zk_circuits.builder import BuildError, CacheError, build_circuit
from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.ezkl_calls import EzklError
from zkfl.zk_circuits.manifest import Manifest

if TYPE_CHECKING:
    from conftest import MakeSrs


def test_a_second_build_elsewhere_has_the_same_manifest(
    training: BuiltCircuit, tmp_path: Path
) -> None:
    again = build_circuit(training.definition, training.files.srs, tmp_path)
    assert again.manifest == training.manifest
    assert again.manifest.manifest_hash() == training.manifest.manifest_hash()
    assert not list(tmp_path.glob(".build-*"))


def test_a_cached_build_is_not_built_again(training: BuiltCircuit) -> None:
    before = training.files.proving_key.stat().st_mtime_ns
    again = build_circuit(training.definition, training.files.srs, training.files.folder.parent)
    assert again.files == training.files
    assert again.files.proving_key.stat().st_mtime_ns == before


@pytest.mark.parametrize("name", ["verifying.key", "Halo2Verifier.sol", "settings.json"])
def test_a_changed_file_is_refused(name: str, training: BuiltCircuit, tmp_path: Path) -> None:
    folder = tmp_path / training.files.folder.name
    shutil.copytree(training.files.folder, folder)
    with (folder / name).open("ab") as handle:
        handle.write(b" ")
    with pytest.raises(CacheError, match="differs from its manifest"):
        build_circuit(training.definition, training.files.srs, tmp_path)


def test_missing_settings_are_refused(training: BuiltCircuit, tmp_path: Path) -> None:
    definition = dataclasses.replace(training.definition, settings_path=tmp_path / "none.json")
    with pytest.raises(BuildError, match="regenerate_settings tiny"):
        build_circuit(definition, training.files.srs, tmp_path)


def test_a_failed_build_leaves_nothing_behind(
    training: BuiltCircuit, make_srs: "MakeSrs", tmp_path: Path
) -> None:
    with pytest.raises(EzklError, match="make the keys"):
        build_circuit(training.definition, make_srs(10), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["logistic-training-tiny.lock"]


def test_the_manifest_on_disk_is_the_canonical_one(training: BuiltCircuit) -> None:
    assert training.files.manifest.read_bytes() == training.manifest.canonical_json()
    assert Manifest.load(training.files.manifest) == training.manifest


def test_the_manifest_states_what_contracts_need(
    training: BuiltCircuit, admission: BuiltCircuit
) -> None:
    assert (training.manifest.commitments, admission.manifest.commitments) == (6, 3)
    assert training.manifest.max_openings == 22
    assert training.manifest.spec.slots == 8
    assert training.manifest.manifest_hash() != admission.manifest.manifest_hash()
    assert len(training.manifest.manifest_hash()) == 32
