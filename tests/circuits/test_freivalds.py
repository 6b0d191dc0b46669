"""Products that EZKL would check by Freivalds' way alone are refused when settings are made."""

from dataclasses import replace

import pytest

from zkfl.zk_circuits import settings_generation
from zkfl.zk_circuits.circuit import CircuitDefinition
from zkfl.zk_circuits.instances import get_instance
from zkfl.zk_circuits.onnx_export import export_onnx
from zkfl.zk_circuits.settings_policy import FreivaldsError


@pytest.mark.parametrize(
    "instance", ["tiny-mlp", "tiny-cnn"], ids=["a hidden layer", "patches of a convolution"]
)
def test_freivalds_is_refused(instance: str, monkeypatch: pytest.MonkeyPatch) -> None:
    original = settings_generation._run_args  # noqa: SLF001 - EZKL is asked there

    def with_freivalds(definition: CircuitDefinition) -> object:
        arguments = original(definition)
        arguments.disable_freivalds = False
        return arguments

    monkeypatch.setattr(settings_generation, "_run_args", with_freivalds)
    definition = replace(get_instance(instance).training, settings_path=None)
    with pytest.raises(FreivaldsError, match=r"total_einsum_col_size is [1-9]"):
        settings_generation.generate_settings(definition, export_onnx(definition))
