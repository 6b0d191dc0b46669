"""Weights are taken by hash, as data, and only if they are the architecture's."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save
from torch import Tensor

from zkfl.features.backbones import EFFICIENTNET_LITE0_SHA256, backbone_named, packaged_weights
from zkfl.features.errors import RecipeError, WeightsError
from zkfl.features.network import load_network, read_network
from zkfl.features.recipe import FeatureRecipe
from zkfl.features.tensor_file import file_sha256, read_tensors

PUBLISHED = {"resnet18": (11_689_512, 122), "resnet50": (25_557_032, 320)}
"""Parameters and tensors of torchvision's networks, classifiers of 1000 classes included."""


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_a_resnet_has_as_many_parameters_and_tensors_as_torchvisions(name: str) -> None:
    backbone = backbone_named(name)
    classifier = 1000 * (backbone.width + 1)
    with torch.device("meta"):
        network = backbone.module()
    counted = sum(parameter.numel() for parameter in network.parameters())
    tensors = len(network.state_dict()) + len(backbone.unused)
    assert (counted + classifier, tensors) == PUBLISHED[name]


def test_weights_of_a_file_are_loaded_without_the_classifier(resnet18: Any) -> None:  # noqa: ANN401
    network = load_network(resnet18.recipe, resnet18.file)
    state = network.state_dict()
    assert not network.training
    assert "fc.weight" not in state
    assert torch.equal(state["layer4.1.conv2.weight"], resnet18.tensors["layer4.1.conv2.weight"])


def test_a_resnet50_of_a_file_gives_its_width(drawn: Callable[[str], Any]) -> None:
    drawn50 = drawn("resnet50")
    with torch.inference_mode():
        rows = load_network(drawn50.recipe, drawn50.file)(torch.zeros(1, 3, 32, 32))
    assert rows.shape == (1, 2048)


def test_the_packaged_weights_are_the_pinned_ones() -> None:
    assert file_sha256(packaged_weights()) == EFFICIENTNET_LITE0_SHA256


def test_another_hash_is_refused(lite: FeatureRecipe) -> None:
    other = lite.model_copy(update={"weights_sha256": "00" * 32})
    with pytest.raises(WeightsError, match="the recipe names 0000"):
        load_network(other)


def test_a_resnet_needs_a_file(resnet18: Any) -> None:  # noqa: ANN401
    with pytest.raises(WeightsError, match="name it with --weights"):
        load_network(resnet18.recipe)


def test_an_absent_file_is_refused(resnet18: Any, tmp_path: Path) -> None:  # noqa: ANN401
    with pytest.raises(WeightsError, match="no weights"):
        load_network(resnet18.recipe, tmp_path / "none")


def test_an_unknown_backbone_is_refused() -> None:
    with pytest.raises(RecipeError, match="no backbone 'vgg'"):
        backbone_named("vgg")


def written(tmp_path: Path, content: bytes) -> tuple[Path, str]:
    path = tmp_path / "weights"
    path.write_bytes(content)
    return path, hashlib.sha256(content).hexdigest()


def test_a_truncated_file_is_refused(resnet18: Any, tmp_path: Path) -> None:  # noqa: ANN401
    path, digest = written(tmp_path, resnet18.file.read_bytes()[:-5])
    with pytest.raises(WeightsError, match="no safetensors file"):
        read_tensors(path, digest)


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    content = io.BytesIO()
    torch.save({"conv1.weight": torch.zeros(1)}, content)
    path, digest = written(tmp_path, content.getvalue())
    with pytest.raises(WeightsError, match="pickled files of torch are never loaded"):
        read_tensors(path, digest)


CHANGES: dict[str, tuple[Callable[[dict[str, Tensor]], object], str]] = {
    "a shape": (
        lambda t: t.update({"conv1.weight": torch.zeros(64, 1, 7, 7)}),
        r"conv1.weight has shape \(64, 1, 7, 7\)",
    ),
    "a type": (
        lambda t: t.update({"bn1.bias": torch.zeros(64, dtype=torch.float16)}),
        "bn1.bias holds torch.float16",
    ),
    "8 bits": (
        lambda t: t.update({"bn1.bias": torch.zeros(64, dtype=torch.float8_e4m3fn)}),
        "bn1.bias holds torch.float8_e4m3fn",
    ),
    "a tensor missing": (lambda t: t.pop("bn1.bias"), r"lacks tensors of resnet18: \['bn1.bias'\]"),
    "a tensor more": (
        lambda t: t.update({"extra": torch.zeros(1)}),
        r"resnet18 does not have: \['extra'\]",
    ),
    "a NaN": (
        lambda t: t.update({"bn1.bias": torch.full((64,), torch.nan)}),
        "bn1.bias holds a number that is not finite",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_weights_of_another_form_are_refused(
    change: str,
    resnet18: Any,  # noqa: ANN401
    tmp_path: Path,
) -> None:
    alter, reason = CHANGES[change]
    tensors = dict(resnet18.tensors)
    alter(tensors)
    path, digest = written(tmp_path, save(tensors))
    with pytest.raises(WeightsError, match=reason):
        read_network(backbone_named("resnet18"), digest, path)
