"""ResNet-18 and ResNet-50 without their classifier, with torchvision's names of tensors.

K. He, X. Zhang, S. Ren, J. Sun, Deep Residual Learning for Image Recognition,
https://arxiv.org/abs/1512.03385. As in torchvision, a bottleneck strides in its 3x3
convolution. Written out here since torchvision brings compiled operators that must match one
build of torch; weights of torchvision fit by name and shape.
"""

from abc import ABC, abstractmethod
from collections import OrderedDict
from collections.abc import Callable

import torch
from torch import Tensor, nn

_WIDTHS = (64, 128, 256, 512)
Block = Callable[[int, int, int], nn.Module]


def _conv(inputs: int, outputs: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, kernel, stride, padding=kernel // 2, bias=False)


class _Residual(nn.Module, ABC):
    """Adds a shortcut to a path, through a projection where their shapes differ."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.relu = nn.ReLU()
        self.downsample: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(
                _conv(inputs, outputs, 1, stride), nn.BatchNorm2d(outputs)
            )

    @abstractmethod
    def path(self, images: Tensor) -> Tensor:
        """Return what the shortcut is added to."""

    def forward(self, images: Tensor) -> Tensor:
        """Return the block's output."""
        result: Tensor = self.relu(self.path(images) + self.downsample(images))
        return result


class BasicBlock(_Residual):
    """Two 3x3 convolutions."""

    expansion = 1

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__(inputs, width, stride)
        self.conv1, self.bn1 = _conv(inputs, width, 3, stride), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = _conv(width, width, 3), nn.BatchNorm2d(width)

    def path(self, images: Tensor) -> Tensor:
        """Return what the shortcut is added to."""
        hidden = self.relu(self.bn1(self.conv1(images)))
        result: Tensor = self.bn2(self.conv2(hidden))
        return result


class Bottleneck(_Residual):
    """A 3x3 convolution between two 1x1 ones."""

    expansion = 4

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        outputs = width * self.expansion
        super().__init__(inputs, outputs, stride)
        self.conv1, self.bn1 = _conv(inputs, width, 1), nn.BatchNorm2d(width)
        self.conv2, self.bn2 = _conv(width, width, 3, stride), nn.BatchNorm2d(width)
        self.conv3, self.bn3 = _conv(width, outputs, 1), nn.BatchNorm2d(outputs)

    def path(self, images: Tensor) -> Tensor:
        """Return what the shortcut is added to."""
        hidden = self.relu(self.bn1(self.conv1(images)))
        hidden = self.relu(self.bn2(self.conv2(hidden)))
        result: Tensor = self.bn3(self.conv3(hidden))
        return result


class HeadlessResNet(nn.Sequential):
    """``(N, 3, h, w)`` to ``(N, width)``."""

    def __init__(self, block: type[BasicBlock | Bottleneck], depths: tuple[int, ...]) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict(
            conv1=nn.Conv2d(3, 64, 7, 2, padding=3, bias=False),
            bn1=nn.BatchNorm2d(64),
            relu=nn.ReLU(),
            maxpool=nn.MaxPool2d(3, 2, padding=1),
        )
        inputs = 64
        for place, (width, depth) in enumerate(zip(_WIDTHS, depths, strict=True), start=1):
            strides = [1 if place == 1 else 2, *[1] * (depth - 1)]
            blocks: list[nn.Module] = []
            for stride in strides:
                blocks.append(block(inputs, width, stride))
                inputs = width * block.expansion
            layers[f"layer{place}"] = nn.Sequential(*blocks)
        super().__init__(layers)

    def forward(self, images: Tensor) -> Tensor:
        """Return the features before the classifier."""
        for layer in self:
            images = layer(images)
        return torch.mean(images, (2, 3))


def resnet18() -> nn.Module:
    """Return ResNet-18 with weights that are still to be loaded."""
    return HeadlessResNet(BasicBlock, (2, 2, 2, 2))


def resnet50() -> nn.Module:
    """Return ResNet-50 with weights that are still to be loaded."""
    return HeadlessResNet(Bottleneck, (3, 4, 6, 3))
