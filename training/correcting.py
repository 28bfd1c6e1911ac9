"""The correcting network: the built-in network's shape, which also listens to hints.

It takes the picture, the last matte and two maps of marks, and answers a matte. Three jobs come of
that: with marks it corrects, with somebody's mask it refines, with the automatic matte it adds
detail along its edge. Read before building it: Sofiiuk, Petrov and Konushin 2021, arXiv:2102.06583
(the last mask as an input); Chen et al. 2022, arXiv:2204.02574 (focus crop, spoilt first masks).

The first blocks see the picture alone and stay as the built-in network has them: they are computed
once for all simulated marks of a training step, and no gradient is wanted of them.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.network import BACKBONES, SHIPPED, WIDTHS, Encoder, MatteNet, convolution

STAGES = (*BACKBONES[SHIPPED][:5], (5, 6, 208, 3, 2))
"""The built-in network's encoder without its last stage and the end of the one before it: half of
its weights stand there, and what marks say about the subject need not be guessed."""

FIXED = 7
"""Blocks that see the picture alone: up to an eighth of its size."""

HINT_WIDTHS = (16, 32, 48)
"""Channels of the hints' own features at 1/2, 1/4 and 1/8 of the input."""


class Hints(nn.Module):
    """Features at 1/2, 1/4 and 1/8 of the last matte and the marks (N x 3 x S x S)."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c = HINT_WIDTHS
        self.first = nn.Conv2d(12, a, 3, 1, 1)
        self.second = nn.Conv2d(a, b, 3, 2, 1)
        self.third = nn.Conv2d(b, c, 3, 2, 1)

    def forward(self, hints: Tensor) -> list[Tensor]:
        """Return the features at the three scales."""
        # Every sample of the last matte is seen: its edge may be finer than half the size.
        a = F.relu(self.first(F.pixel_unshuffle(hints, 2)))
        b = F.relu(self.second(a))
        return [a, b, F.relu(self.third(b))]


class CorrectingNet(nn.Module):
    """Matte of one picture, given hints.

    ``forward(image, hints)`` takes N x 3 x S x S RGB in [-1, 1] (S a multiple of 32) and N x 3 x
    S x S hints (the last matte in 0..1, marks to keep, marks to remove), and returns the matte's
    logits (N x 1 x S x S) and, in training mode, three coarser logit maps (1/8, 1/16, 1/32).
    """

    def __init__(self) -> None:
        super().__init__()
        widths = WIDTHS
        whole = MatteNet(SHIPPED, widths)
        self.encoder = Encoder(STAGES)
        self.lateral = whole.lateral
        self.lateral[4] = convolution(self.encoder.channels[4], widths[4], 1, act=False)
        self.context, self.pooled, self.narrow = whole.context, whole.pooled, whole.narrow
        self.fuse, self.extra, self.coarse = whole.fuse, whole.extra, whole.coarse
        # A place of the decoder's finest features is two by two samples of the matte.
        self.mask = nn.Conv2d(widths[0], 4, 3, 1, 1)
        self.hints = Hints()
        inner = self.encoder.channels[2]
        self.inject = nn.Conv2d(HINT_WIDTHS[2], inner, 1)
        self.listen = nn.ModuleList(
            nn.Conv2d(h, w, 1) for h, w in zip(HINT_WIDTHS, widths, strict=False)
        )
        for conv in (self.inject, *self.listen):
            nn.init.zeros_(conv.weight)
            nn.init.zeros_(conv.bias)
        self.encoder.freeze(FIXED)
        self.encoder.fix_depthwise()

    def encode(self, image: Tensor) -> list[Tensor]:
        """Return what the fixed blocks see at 1/2, 1/4 and 1/8 (N x 3 x S x S)."""
        seen: list[Tensor] = []
        with torch.no_grad():
            x = F.relu6(self.encoder.stem(image))
            for i in range(FIXED):
                x = self.encoder.blocks[i](x)
                if i in self.encoder.taps:
                    seen.append(x)
        return seen

    def answer(self, seen: list[Tensor], hints: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the matte's logits and the coarse ones, out of what `encode` has seen."""
        own = self.hints(hints)
        feats = list(seen)
        x = feats[2] + self.inject(own[2])
        for i in range(FIXED, len(self.encoder.blocks)):
            x = self.encoder.blocks[i](x)
            if i in self.encoder.taps:
                feats.append(x)
        y = F.relu(self.lateral[4](feats[4]))
        y = y + self.context(y) + self.pooled(y.mean((2, 3), keepdim=True))
        y = self.extra[4](y)
        coarse = [self.coarse[2](y)] if self.training else []
        for i in (3, 2, 1, 0):
            y = F.interpolate(
                self.narrow[i](y), scale_factor=2, mode="bilinear", align_corners=False
            )
            y = y + self.lateral[i](feats[i])
            y = F.relu(y + self.listen[i](own[i]) if i < len(own) else y)
            y = self.extra[i](y + self.fuse[i](y))
            if self.training and i >= 2:
                coarse.append(self.coarse[i - 2](y))
        return F.pixel_shuffle(self.mask(y), 2), coarse

    def forward(self, image: Tensor, hints: Tensor) -> Tensor:
        """Return the matte's logits (see the class)."""
        return self.answer(self.encode(image), hints)[0]


def from_builtin(weights: dict[str, Tensor]) -> CorrectingNet:
    """Return a network that begins with the built-in network's weights wherever both have them.

    Without hints it answers at first as that network does, but for the blocks it lacks.
    """
    model = CorrectingNet()
    own = model.state_dict()
    for key, value in weights.items():
        if key.startswith("mask."):
            own[key].copy_(value.repeat_interleave(4, 0))
        elif key in own and own[key].shape == value.shape:
            own[key].copy_(value)
    return model


@torch.no_grad()
def fit_top(model: CorrectingNet, weights: dict[str, Tensor], images: Iterable[Tensor]) -> None:
    """Fit the decoder's first layer, which sees other features than the built-in network's.

    By least squares over pictures (each N x 3 x S x S in [-1, 1]): the decoder gets, as nearly as
    a linear layer can, what it gets there.
    """
    whole = MatteNet(SHIPPED).eval()
    whole.load_state_dict(weights, strict=False)
    a, b = [], []
    for image in images:
        x = F.relu6(model.encoder.stem(image))
        for block in model.encoder.blocks:
            x = block(x)
        a.append(x.movedim(1, -1).flatten(0, 2))
        top = whole.lateral[4](whole.encoder(image)[4])
        b.append(top.movedim(1, -1).flatten(0, 2))
    features = torch.cat(a)
    features = torch.cat((features, torch.ones(len(features), 1)), 1)
    solved = torch.linalg.lstsq(features, torch.cat(b)).solution
    conv = model.lateral[4][0]
    conv.weight.copy_(solved[:-1].T[:, :, None, None])
    conv.bias.copy_(solved[-1])
