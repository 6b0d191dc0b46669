"""Options of a training proof: computed as stated by every family, and fixed by the key."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from zkfl.zk_circuits.circuit_files import CircuitFiles
from zkfl.zk_circuits.ezkl_calls import compile_circuit, set_up
from zkfl.zk_circuits.instances import TINY, TINY_MLP
from zkfl.zk_circuits.onnx_export import export_onnx
from zkfl.zk_circuits.settings_generation import generate_settings
from zkfl.zk_circuits.spec import CircuitSpec, SpecError
from zkfl.zk_circuits.training_circuit import define
from zkfl.zk_circuits.training_reference import training_update

if TYPE_CHECKING:
    from conftest import Case, MakeSrs, Run

Options = dict[str, Any]

WEIGHTED: Options = {"class_weights": (1.0, 3.0)}
PULLED: Options = {"local_steps": 2, "proximal": 0.5}
FAST: Options = {"local_steps": 2, "momentum": 0.875}
ALL: Options = {"local_steps": 3, "class_weights": (0.5, 1.25), "proximal": 0.3, "momentum": 0.9}


def with_options(spec: CircuitSpec, options: Options) -> CircuitSpec:
    return CircuitSpec.model_validate(spec.model_dump() | options)


@pytest.mark.parametrize("options", [WEIGHTED, PULLED, FAST, ALL], ids=str)
@pytest.mark.parametrize("base", [TINY, TINY_MLP], ids=lambda spec: spec.name)
def test_reference_equals_the_witness_under_options(
    base: CircuitSpec,
    options: Options,
    runner: Callable[..., "Run"],
    honest_case: Callable[[CircuitSpec], "Case"],
    tmp_path: Path,
) -> None:
    spec = with_options(base, options)
    run = runner(define(spec, committed=False), tmp_path)
    for seed in range(3):
        vectors = honest_case(spec, seed).training()
        update, zeros = training_update(spec, **vectors)
        assert run(vectors) == {"update": update, "zeros": zeros}


@pytest.mark.parametrize(
    ("base", "one", "other"),
    [
        (TINY, WEIGHTED, {"class_weights": (1.0, 2.0)}),
        (TINY, PULLED, PULLED | {"proximal": 0.75}),
        (TINY, FAST, FAST | {"momentum": 0.9375}),
        (TINY_MLP, {}, {"model": TINY_MLP.model.model_copy(update={"seed": 2})}),
    ],
    ids=["class_weights", "proximal", "momentum", "seed"],
)
def test_another_value_has_another_verifying_key(
    base: CircuitSpec, one: Options, other: Options, make_srs: "MakeSrs", tmp_path: Path
) -> None:
    """Settings are one file for both; from it a key is deterministic (`test_builder.py`)."""
    agreed = with_options(base, one)
    settings = tmp_path / "settings.json"
    definition = define(agreed, committed=False)
    settings.write_bytes(generate_settings(definition, export_onnx(definition)))

    def key(spec: CircuitSpec, name: str) -> str:
        files = CircuitFiles(tmp_path / name, make_srs(spec.logrows))
        files.folder.mkdir()
        made = replace(define(spec, committed=False), settings_path=settings)
        files.onnx.write_bytes(export_onnx(made))
        files.settings.symlink_to(settings)
        compile_circuit(files)
        set_up(files)
        return hashlib.sha256(files.verifying_key.read_bytes()).hexdigest()

    assert key(agreed, "agreed") != key(with_options(base, other), "other")


def test_options_that_do_nothing_change_no_manifest() -> None:
    named = {"model", "class_weights", "proximal", "momentum"}
    assert not named & set(TINY.model_dump(mode="json"))
    assert named <= set(with_options(TINY_MLP, ALL).model_dump(mode="json"))
    assert CircuitSpec.model_validate_json(TINY_MLP.model_dump_json()) == TINY_MLP


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"proximal": 0.5}, "do nothing in one local step"),
        ({"momentum": 0.5}, "do nothing in one local step"),
        ({"class_weights": (2.0, 2.0)}, "only scales the step"),
        ({"class_weights": (0.0, 1.0)}, "must be above 0"),
        ({"class_weights": (1.0, 17.0)}, "at most 16"),
        ({"class_weights": (1.0, 1.0001)}, "class weight of label 1 = 1.0001 is no multiple"),
        ({"model": {"family": "mlp", "hidden": 2, "seed": 1}}, "has 11 parameters"),
    ],
    ids=str,
)
def test_options_without_a_meaning_are_refused(options: Options, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        with_options(TINY, options)


@pytest.mark.parametrize("rate", [0.3, 8.0])
def test_an_mlp_needs_a_learning_rate_that_is_a_shift(rate: float) -> None:
    spec = with_options(TINY_MLP, {"learning_rate": rate})
    with pytest.raises(SpecError, match="is no power of two up to a quarter"):
        define(spec, committed=False).module()


def test_an_mlp_refuses_a_learning_rate_that_its_digits_cannot_divide_by() -> None:
    spec = with_options(TINY_MLP, {"learning_rate": 2.0**-7})
    with pytest.raises(SpecError, match="is too small at scale 10"):
        define(spec, committed=False).module()
