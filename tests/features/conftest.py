"""A small recipe per backbone, with weights drawn here."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import save

from zkfl.features.backbones import EFFICIENTNET_LITE0_SHA256, backbone_named
from zkfl.features.recipe import FeatureRecipe, ImageInput, RandomProjection

OUTPUTS = 4


def recipe_with(backbone: str, sha256: str, **changes: object) -> FeatureRecipe:
    known = backbone_named(backbone)
    image = ImageInput(mode="grey", size=32, centre=known.centre, scale=known.scale)
    content: dict[str, object] = {
        "name": "small",
        "backbone": backbone,
        "weights_sha256": sha256,
        "image": image,
        "projection": RandomProjection(kind="random", seed="tests"),
        "constants_source": "drawn in a test",
        "centre": (0.0,) * OUTPUTS,
        "scale": (0.25,) * OUTPUTS,
        "bound": 8.0,
        "decimals": 4,
    }
    return FeatureRecipe.model_validate(content | changes)


@dataclass(frozen=True)
class Drawn:
    """Random weights of an architecture, and a recipe that names them."""

    recipe: FeatureRecipe
    file: Path
    tensors: dict[str, torch.Tensor]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Drawn]:
    """Draw weights of a backbone, in a safetensors file as torchvision's would be."""

    def draw(name: str) -> Drawn:
        torch.manual_seed(7)
        backbone = backbone_named(name)
        tensors = dict(backbone.module().state_dict())
        tensors |= {"fc.weight": torch.zeros(3, backbone.width), "fc.bias": torch.zeros(3)}
        content = save(tensors)
        file = tmp_path_factory.mktemp("weights") / f"{name}.safetensors"
        file.write_bytes(content)
        return Drawn(recipe_with(name, hashlib.sha256(content).hexdigest()), file, tensors)

    return draw


@pytest.fixture(scope="session")
def resnet18(drawn: Callable[[str], Drawn]) -> Drawn:
    return drawn("resnet18")


@pytest.fixture(scope="session")
def lite() -> FeatureRecipe:
    """A recipe of the backbone whose weights are installed."""
    return recipe_with("efficientnet-lite0", EFFICIENTNET_LITE0_SHA256)


@pytest.fixture(scope="session")
def scans() -> list[NDArray[np.uint8]]:
    """Grey images of several sizes."""
    draw = np.random.default_rng(3)
    sizes = [(40, 48), (32, 32), (64, 50)]
    return [draw.integers(0, 256, size, dtype=np.uint8) for size in sizes]
