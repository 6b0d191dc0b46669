"""The committed verifiers are what the circuits generate, and nothing else is committed."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest

from zkfl.zk_circuits.circuit_files import BuiltCircuit
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.regenerate_verifiers import (
    GENERATED,
    INSTANCES,
    LARGE_INSTANCES,
    demo_builds,
    generated_files,
)

_KEY_DIGITS = len("-01234567")
Builds = list[BuiltCircuit]


@pytest.fixture(
    scope="module",
    params=[INSTANCES, pytest.param(LARGE_INSTANCES, marks=pytest.mark.slow)],
    ids=["quick", "large"],
)
def instances(request: pytest.FixtureRequest) -> Sequence[str]:
    names: Sequence[str] = request.param
    return names


@pytest.fixture(scope="module")
def builds(instances: Sequence[str]) -> Builds:
    return list(demo_builds(instances))


def circuits_of(instances: Iterable[str]) -> list[str]:
    return [part.name for name in instances for part in get_instance(name).circuits]


def committed_files(circuits: Sequence[str]) -> dict[Path, bytes]:
    """Return what is committed of these circuits."""
    return {
        path: path.read_bytes()
        for path in GENERATED.rglob("*")
        if path.is_file() and path.parent.name[:-_KEY_DIGITS] in circuits
    }


def test_committed_verifiers_are_the_generated_ones(
    builds: Builds, instances: Sequence[str]
) -> None:
    expected = {
        path: content for built in builds for path, content in generated_files(built).items()
    }
    committed = committed_files(circuits_of(instances))
    changed = [path.parent.name for path in expected if committed.get(path) != expected[path]]
    hint = "run python -m zkfl.zk_circuits.regenerate_verifiers and read its diff"
    assert not changed, f"{changed} differ from what is committed: {hint}"
    assert set(committed) == set(expected), hint


def test_one_verifier_of_each_circuit_is_committed_and_no_other() -> None:
    circuits = circuits_of((*INSTANCES, *LARGE_INSTANCES))
    folders = [folder.name[:-_KEY_DIGITS] for folder in GENERATED.iterdir()]
    assert sorted(folders) == sorted(circuits)
    files = {path for path in GENERATED.rglob("*") if path.is_file()}
    assert files == set(committed_files(circuits))


def test_a_verifier_lies_beside_its_own_manifest(builds: Builds) -> None:
    for built in builds:
        for path in generated_files(built):
            digits = Path(path).parent.name.rsplit("-", 1)[1]
            assert built.manifest.hashes.verifying_key.startswith(digits)
