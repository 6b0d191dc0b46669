"""A backbone with its weights: exactly the tensors that the architecture has, or nothing."""

from pathlib import Path

import torch
from torch import Tensor, nn

from zkfl.features.backbones import Backbone, backbone_named, packaged_weights
from zkfl.features.errors import WeightsError
from zkfl.features.recipe import FeatureRecipe
from zkfl.features.tensor_file import read_tensors

PACKAGED = "efficientnet-lite0"
_SHOWN = 5


def load_network(recipe: FeatureRecipe, weights: Path | None = None) -> nn.Module:
    """Return the recipe's backbone, frozen and in evaluation mode.

    Parameters
    ----------
    recipe
        Names backbone and hash.
    weights
        The file; None for the backbone whose weights come in a package.

    Raises
    ------
    WeightsError
        The weights are absent, others than the recipe's, or not of this architecture.
    """
    return read_network(backbone_named(recipe.backbone), recipe.weights_sha256, weights)


def read_network(backbone: Backbone, sha256: str, weights: Path | None = None) -> nn.Module:
    """Return a backbone, frozen and in evaluation mode, with weights of this SHA-256.

    Raises
    ------
    WeightsError
        As `load_network`.
    """
    path = weights or default_weights(backbone)
    network = backbone.module()
    tensors = read_tensors(path, sha256)
    wanted = {name: tensors[name] for name in tensors if name not in backbone.unused}
    _require_fit(network.state_dict(), wanted, path, backbone)
    network.load_state_dict(wanted)
    return network.float().eval().requires_grad_(requires_grad=False)


def default_weights(backbone: Backbone) -> Path:
    """Return where a backbone's weights are when no file was given.

    Raises
    ------
    WeightsError
        They come as a file only, or their package is not installed.
    """
    if backbone.name != PACKAGED:
        raise WeightsError(
            f"the weights of {backbone.name} come as a safetensors file: name it with --weights"
        )
    return packaged_weights()


def _require_fit(
    expected: dict[str, Tensor], given: dict[str, Tensor], path: Path, backbone: Backbone
) -> None:
    counters = {name for name in expected if name.endswith("num_batches_tracked")}
    if missing := sorted(set(expected) - set(given)):
        raise WeightsError(f"{path} lacks tensors of {backbone.name}: {missing[:_SHOWN]}")
    if unknown := sorted(set(given) - set(expected)):
        shown = [name[:80] for name in unknown[:_SHOWN]]
        raise WeightsError(f"{path} holds tensors that {backbone.name} does not have: {shown}")
    for name, tensor in given.items():
        if tensor.shape != expected[name].shape:
            raise WeightsError(
                f"{path}: {name} has shape {tuple(tensor.shape)}, {backbone.name} has "
                f"{tuple(expected[name].shape)}"
            )
        if name not in counters and tensor.dtype != torch.float32:
            raise WeightsError(f"{path}: {name} holds {tensor.dtype}, expected float32")
