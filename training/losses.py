"""Losses of the matte and of the kind head."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

COARSE_WEIGHT = 0.15
KIND_WEIGHT = 0.1


def edge_weight(mask: Tensor, outline: float = 0) -> Tensor:
    """Weight of each pixel: 1 in flat areas, up to 5 near edges (N x 1 x S x S).

    ``outline`` adds up to half of itself within three pixels of an edge.

    It is the distance of the mask from its own blur, computed at a quarter of the size (a large
    window at full size costs more than the network's last layers on a CPU).
    """
    small = F.avg_pool2d(mask, 4)
    k = small.shape[-1] // 16 * 2 + 1
    blur = F.avg_pool2d(small, k, 1, k // 2, count_include_pad=False)
    blur = F.interpolate(blur, size=mask.shape[-2:], mode="bilinear", align_corners=False)
    weight = 1 + 4 * (blur - mask).abs()
    if outline:
        blur = F.avg_pool2d(mask, 7, 1, 3, count_include_pad=False)
        weight = weight + outline * (blur - mask).abs()
    return weight


def structure_loss(logit: Tensor, mask: Tensor, weight: Tensor) -> Tensor:
    """Edge-weighted cross-entropy plus edge-weighted soft IoU (as in F3Net), mean over N."""
    bce = F.binary_cross_entropy_with_logits(logit, mask, reduction="none")
    bce = (weight * bce).sum((1, 2, 3)) / weight.sum((1, 2, 3))
    p = logit.sigmoid()
    inter = (weight * p * mask).sum((1, 2, 3))
    union = (weight * (p + mask - p * mask)).sum((1, 2, 3))
    # The constant keeps pictures without a subject well-behaved: a few stray pixels cost a
    # little, a hallucinated subject costs almost 1.
    some = 2e-3 * mask.shape[-1] * mask.shape[-2]
    return (bce + 1 - (inter + some) / (union + some)).mean()


def total_loss(
    out: tuple[Tensor, Tensor, list[Tensor]],
    mask: Tensor,
    kinds: Tensor,
    kind_weight: Tensor,
    outline: float = 0,
) -> Tensor:
    """Loss of one batch.

    Parameters
    ----------
    out
        What `training.network.MatteNet` returns in training mode.
    mask
        N x 1 x S x S float, 0..1.
    kinds
        N int64, index of the kind or -1 when unknown.
    kind_weight
        Weight of each kind in the cross-entropy (float, one per kind).
    outline
        See `edge_weight`.
    """
    logit, kind_logit, coarse = out
    side = mask.shape[-1]
    weight = edge_weight(mask, outline)
    logit = F.interpolate(logit.float(), size=(side, side), mode="bilinear", align_corners=False)
    loss = structure_loss(logit, mask, weight)
    for level in coarse:
        k = side // level.shape[-1]
        loss = loss + COARSE_WEIGHT * structure_loss(
            level.float(), F.avg_pool2d(mask, k), F.avg_pool2d(weight, k)
        )
    known = kinds >= 0
    entropy = F.cross_entropy(
        kind_logit.float(),
        kinds.clamp(min=0),
        weight=kind_weight,
        reduction="none",
        label_smoothing=0.05,
    )
    return loss + KIND_WEIGHT * (entropy * known).sum() / known.sum().clamp(min=1)
