"""EfficientNet-Lite0 without its classifier, from the package efficientnet-lite-pytorch."""
# ruff: noqa: PLC0415 - the package is part of an extra

from torch import nn

from zkfl.features.errors import WeightsError


def headless_efficientnet_lite0() -> nn.Module:
    """Return the network, ``(N, 3, h, w)`` to ``(N, 1280)``, with weights still to be loaded.

    Raises
    ------
    WeightsError
        The package is not installed.
    """
    try:
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise WeightsError(
            f"efficientnet-lite0 needs the package efficientnet-lite-pytorch ({error}): install "
            "zkfl with the extra `imaging`"
        ) from error
    network: nn.Module = EfficientNet.from_name("efficientnet-lite0")
    # what is left of its forward pass is the mean of the last feature maps
    network._fc = nn.Identity()  # noqa: SLF001 - the package names its layers so
    return network
