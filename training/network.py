"""The built-in network: a mobile encoder and a light top-down decoder, no normalisation.

There is no batch norm anywhere: the encoder's and the pilot decoder's are folded into their
convolutions on loading. That makes small batches on a CPU both correct and nearly twice as fast,
and what is trained is what is exported.
"""

from __future__ import annotations

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.kinds import KINDS

WIDTHS = (24, 32, 48, 80, 128)
"""Decoder channels at 1/2, 1/4, 1/8, 1/16 and 1/32 of the input."""

SHIPPED = "efficientnet_lite2"
"""Backbone of the built-in model."""

Stages = tuple[tuple[int, int, int, int, int], ...]
"""Of each stage: kernel, expansion, channels, blocks, stride of the first."""

BACKBONES: dict[str, Stages] = {
    # Sandler et al. 2018, arXiv:1801.04381, table 2
    "mobilenet_v2": (
        (3, 1, 16, 1, 1),
        (3, 6, 24, 2, 2),
        (3, 6, 32, 3, 2),
        (3, 6, 64, 4, 2),
        (3, 6, 96, 3, 1),
        (3, 6, 160, 3, 2),
        (3, 6, 320, 1, 1),
    ),
    # EfficientNet-B2's widths and depths (Tan and Le 2019, arXiv:1905.11946) without squeeze and
    # excitation, ReLU6 for SiLU, stem, first and last stage not grown: "Lite2" of the same authors
    "efficientnet_lite2": (
        (3, 1, 16, 1, 1),
        (3, 6, 24, 3, 2),
        (5, 6, 48, 3, 2),
        (3, 6, 88, 4, 2),
        (5, 6, 120, 4, 1),
        (5, 6, 208, 5, 2),
        (3, 6, 352, 1, 1),
    ),
}


class _FixedDepthwise(torch.autograd.Function):
    """A depthwise convolution of stride 1 whose weights are not trained (its bias may be).

    The gradient is the same convolution with turned kernels: on a CPU that is many times as fast as
    PyTorch's own backward pass of depthwise convolutions, which took two thirds of a step.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        ctx.save_for_backward(weight)
        return F.conv2d(x, weight, bias, 1, weight.shape[-1] // 2, 1, len(weight))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, Tensor]:
        (weight,) = ctx.saved_tensors
        (g,) = grads
        turned = weight.flip(2, 3).to(g.dtype)
        back = F.conv2d(g, turned, None, 1, weight.shape[-1] // 2, 1, len(weight))
        return back, None, g.float().sum((0, 2, 3))


class Block(nn.Module):
    """Inverted residual block (batch norm folded)."""

    def __init__(self, cin: int, cout: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        mid = cin * expansion
        self.expand = nn.Conv2d(cin, mid, 1) if expansion > 1 else None
        self.depthwise = nn.Conv2d(mid, mid, kernel, stride, kernel // 2, groups=mid)
        self.project = nn.Conv2d(mid, cout, 1)
        self.residual = stride == 1 and cin == cout

    def forward(self, x: Tensor) -> Tensor:
        """Return N x cout x H/stride x W/stride features of N x cin x H x W ones."""
        y: Tensor = x if self.expand is None else F.relu6(self.expand(x))
        d = self.depthwise
        if torch.is_grad_enabled() and x.device.type == "cpu":
            # Same values; PyTorch's backward pass of depthwise convolutions is slow on a CPU, and
            # very slow where they are strided.
            if d.weight.requires_grad:
                if d.stride == (2, 2):
                    y = F.conv2d(y, d.weight, d.bias, 1, d.padding, 1, d.groups)[:, :, ::2, ::2]
                    y = y.contiguous(memory_format=torch.channels_last)
                else:
                    y = d(y)
            else:
                y = _FixedDepthwise.apply(y, d.weight, d.bias)
                if d.stride == (2, 2):
                    y = y[:, :, ::2, ::2].contiguous(memory_format=torch.channels_last)
        else:
            y = d(y)
        y = self.project(F.relu6(y))
        return x + y if self.residual else y


class Encoder(nn.Module):
    """Features at 1/2, 1/4, 1/8, 1/16 and 1/32 of the picture (``channels`` of each)."""

    def __init__(self, stages: Stages) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, 2, 1)
        self.frozen = 0
        blocks: list[Block] = []
        ends: list[int] = []
        cin = 32
        for kernel, expansion, cout, repeats, stride in stages:
            for i in range(repeats):
                blocks.append(Block(cin, cout, kernel, stride if i == 0 else 1, expansion))
                cin = cout
            ends.append(len(blocks) - 1)
        self.blocks = nn.ModuleList(blocks)
        # What is taken out is the last of each scale.
        last = [i for i, s in enumerate((*stages[1:], (0, 0, 0, 0, 2))) if s[4] == 2]
        self.taps = tuple(ends[i] for i in last)
        self.channels = tuple(stages[i][2] for i in last)

    def freeze(self, count: int) -> None:
        """Keep the stem and the first ``count`` blocks as they are (0: train everything)."""
        self.frozen = count
        if count:
            for module in (self.stem, *self.blocks[:count]):
                module.requires_grad_(False)

    def fix_depthwise(self) -> None:
        """Keep all depthwise weights as they are: a training step on a CPU is far cheaper."""
        for block in self.blocks:
            block.depthwise.weight.requires_grad_(False)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return the features at the five scales of N x 3 x S x S pictures in [-1, 1]."""
        *out, x = self.before_last(x)
        return [*out, self.last(x)]

    def before_last(self, x: Tensor) -> list[Tensor]:
        """Return the features at the first four scales, and what the last block takes."""
        grad = torch.is_grad_enabled()
        out: list[Tensor] = []
        with torch.set_grad_enabled(grad and not self.frozen):
            x = F.relu6(self.stem(x))
        for i, block in enumerate(self.blocks[:-1]):
            with torch.set_grad_enabled(grad and i >= self.frozen):
                x = block(x)
            if i in self.taps:
                out.append(x)
        return [*out, x]

    def last(self, x: Tensor) -> Tensor:
        """Return the features at the coarsest scale."""
        trained = len(self.blocks) > self.frozen
        with torch.set_grad_enabled(torch.is_grad_enabled() and trained):
            return cast("Tensor", self.blocks[-1](x))


def convolution(cin: int, cout: int, k: int, groups: int = 1, act: bool = True) -> nn.Sequential:
    """Return a ``k`` x ``k`` convolution, by default with a ReLU behind it."""
    conv = nn.Conv2d(cin, cout, k, 1, k // 2, groups=groups)
    return nn.Sequential(conv, nn.ReLU(True)) if act else nn.Sequential(conv)


def separable(cin: int, cout: int, k: int) -> nn.Sequential:
    """Return a depthwise convolution and a pointwise one with a ReLU behind it."""
    return nn.Sequential(convolution(cin, cin, k, cin, act=False), convolution(cin, cout, 1))


class Residual(nn.Module):
    """Inverted residual of the decoder; adds nothing at first (its last weights are zero)."""

    def __init__(self, width: int, expansion: int, k: int) -> None:
        super().__init__()
        mid = width * expansion
        self.expand = nn.Conv2d(width, mid, 1)
        self.depthwise = nn.Conv2d(mid, mid, k, 1, k // 2, groups=mid)
        self.project = nn.Conv2d(mid, width, 1)
        nn.init.zeros_(self.project.weight)
        assert self.project.bias is not None
        nn.init.zeros_(self.project.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Return features of the same shape."""
        y: Tensor = F.relu(self.depthwise(F.relu(self.expand(x))))
        y = self.project(y)
        return x + y


class MatteNet(nn.Module):
    """Matte and kind of the subject of one picture.

    ``forward(x)`` takes N x 3 x S x S float32 RGB in [-1, 1] (S a multiple of 32) and returns
    the matte's logits at half size (N x 1 x S/2 x S/2), the kind logits (N x 6, order of
    `training.kinds.KINDS`) and, in training mode, three coarser logit maps (1/8, 1/16, 1/32).
    """

    def __init__(self, backbone: str = SHIPPED, widths: tuple[int, ...] = WIDTHS) -> None:
        super().__init__()
        self.backbone = backbone
        self.encoder = Encoder(BACKBONES[backbone])
        channels = self.encoder.channels
        self.lateral = nn.ModuleList(
            convolution(c, w, 1, act=False) for c, w in zip(channels, widths, strict=True)
        )
        top = widths[4]
        self.context = nn.Sequential(separable(top, top, 5), separable(top, top, 5))
        self.pooled = nn.Conv2d(top, top, 1)
        self.narrow = nn.ModuleList(nn.Conv2d(widths[i + 1], widths[i], 1) for i in range(4))
        self.fuse = nn.ModuleList(
            nn.Sequential(separable(w, w, 3), separable(w, w, k))
            for w, k in zip(widths[:4], (3, 3, 5, 5), strict=True)
        )
        self.extra = nn.ModuleList(
            (
                nn.Identity(),
                nn.Identity(),
                Residual(widths[2], 2, 5),
                Residual(widths[3], 3, 5),
                nn.Sequential(Residual(top, 3, 5), Residual(top, 3, 5)),
            )
        )
        self.mask = nn.Conv2d(widths[0], 1, 3, 1, 1)
        self.coarse = nn.ModuleList(nn.Conv2d(w, 1, 1) for w in widths[2:])
        self.kind = nn.Linear(channels[4], len(KINDS))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Return matte logits, kind logits and the coarse logits (see the class)."""
        feats = self.encoder(x)
        logit, coarse = self.decode(feats)
        return logit, self.kind_of(feats[4]), coarse

    def kind_of(self, coarsest: Tensor) -> Tensor:
        """Return the kind logits (N x 6) of the coarsest features."""
        return cast("Tensor", self.kind(coarsest.mean((2, 3))))

    def decode(self, feats: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
        """Return matte logits and coarse logits of the encoder's features (see the class)."""
        y = F.relu(self.lateral[4](feats[4]))
        y = y + self.context(y) + self.pooled(y.mean((2, 3), keepdim=True))
        y = self.extra[4](y)
        coarse = [self.coarse[2](y)] if self.training else []
        for i in (3, 2, 1, 0):
            y = F.interpolate(
                self.narrow[i](y), scale_factor=2, mode="bilinear", align_corners=False
            )
            y = F.relu(y + self.lateral[i](feats[i]))
            y = self.extra[i](y + self.fuse[i](y))
            if self.training and i >= 2:
                coarse.append(self.coarse[i - 2](y))
        return self.mask(y), coarse


def multiply_accumulates(model: nn.Module, side: int) -> int:
    """Count the multiply-accumulates of convolutions and linear layers for one picture."""
    total = 0

    def hook(module: nn.Module, _: object, out: Tensor) -> None:
        nonlocal total
        assert isinstance(module, nn.Conv2d | nn.Linear)
        places = out.numel() if isinstance(module, nn.Conv2d) else module.out_features
        total += module.weight[0].numel() * places

    hooks = [
        m.register_forward_hook(hook)
        for m in model.modules()
        if isinstance(m, nn.Conv2d | nn.Linear)
    ]
    with torch.no_grad():
        model.eval()(torch.zeros(1, 3, side, side))
    for handle in hooks:
        handle.remove()
    return total
