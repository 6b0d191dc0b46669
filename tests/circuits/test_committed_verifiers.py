"""The committed verifiers are what the circuits generate, and nothing else is committed."""

from pathlib import Path

import pytest

from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.regenerate_verifiers import GENERATED, demo_builds, generated_files


@pytest.fixture(scope="module")
def builds() -> list[BuiltCircuit]:
    return list(demo_builds())


def test_committed_verifiers_are_the_generated_ones(builds: list[BuiltCircuit]) -> None:
    expected = {
        path: content for built in builds for path, content in generated_files(built).items()
    }
    committed = {path: path.read_bytes() for path in GENERATED.rglob("*") if path.is_file()}
    changed = [path.parent.name for path in expected if committed.get(path) != expected[path]]
    hint = "run python -m zkfl.zk_circuits.regenerate_verifiers and read its diff"
    assert not changed, f"{changed} differ from what is committed: {hint}"
    assert set(committed) == set(expected), hint


def test_a_verifier_lies_beside_its_own_manifest(builds: list[BuiltCircuit]) -> None:
    for built in builds:
        for path in generated_files(built):
            digits = Path(path).parent.name.rsplit("-", 1)[1]
            assert built.manifest.hashes.verifying_key.startswith(digits)
