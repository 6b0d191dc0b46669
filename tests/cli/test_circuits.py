"""``zkfl circuits``: every circuit is listed and described; a build is found again."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from zkfl.cache import cache_folder
from zkfl.cli.exit_codes import ExitCode
from zkfl.srs.demo import cached_demo_srs
from zkfl.zk_circuits.builder import build_circuit
from zkfl.zk_circuits.instances import get_instance, instance_names

Run = Callable[..., SimpleNamespace]


def result(done: SimpleNamespace) -> dict[str, object]:
    assert done.status == 0, done.err
    found: dict[str, object] = json.loads(done.out)["result"]
    return found


def test_every_circuit_of_every_instance_is_listed(run_zkfl: Run) -> None:
    listed = result(run_zkfl("circuits", "list", "--json"))["circuits"]
    assert isinstance(listed, list)
    names = {entry["name"] for entry in listed}
    for name in instance_names():
        assert {f"admission-{name}", get_instance(name).training.name} <= names


def test_a_circuit_is_described_with_its_vectors(run_zkfl: Run) -> None:
    shown = result(run_zkfl("circuits", "show", "logistic-training-tiny", "--json"))
    circuit = get_instance("tiny").training
    assert shown["statement"] == circuit.statement
    assert isinstance(shown["vectors"], list)
    assert [(entry["name"], entry["entries"]) for entry in shown["vectors"]] == [
        (tensor.name, tensor.length) for tensor in circuit.inputs + circuit.outputs
    ]


def test_a_build_has_the_hash_that_others_get_and_is_found_again(run_zkfl: Run) -> None:
    done = run_zkfl("circuits", "build", "admission-tiny", "--json")
    [made] = result(done)["builds"]  # type: ignore[misc]
    definition = get_instance("tiny").admission
    srs = cached_demo_srs(definition.spec.logrows).path
    built = build_circuit(definition, srs, cache_folder() / "circuits")
    assert made["manifest_hash"] == built.manifest.manifest_hash().hex()
    assert made["proof_length"] == built.manifest.proof_length
    shown = result(run_zkfl("circuits", "show", "admission-tiny", "--json"))["builds"]
    assert made in shown  # type: ignore[operator]


def test_a_build_on_the_demo_srs_says_so(run_zkfl: Run) -> None:
    assert "INSECURE demo SRS" in run_zkfl("circuits", "build", "admission-tiny").out


@pytest.mark.parametrize("verb", ["show", "build"])
def test_an_unknown_circuit_is_answered_with_those_there_are(run_zkfl: Run, verb: str) -> None:
    done = run_zkfl("circuits", verb, "admission-lung")
    assert done.status == ExitCode.CONFIG
    assert "there is no circuit 'admission-lung'; there are admission-wdbc, " in done.err
