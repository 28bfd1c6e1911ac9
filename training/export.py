"""Checkpoint -> ONNX files.

    python -m training.export RUN/ema.pt --out DIR [--side 256] [--mirrored]
        [--portraits PORTRAITS.pt] [--int8 --store STORE]

``DIR/NAME-SIDE-fp32.onnx``
    the network as trained;
``DIR/NAME-SIDE.onnx``
    weights stored as 8-bit integers and float16, made float32 again on loading: little more than
    a quarter of the file, the same speed, nearly the same output;
``DIR/NAME-SIDE-int8.onnx``
    static int8 (QDQ, per channel), calibrated on training pictures (``--int8``).

Input ``image``: 1 x 3 x SIDE x SIDE float32 RGB, value / 127.5 - 1. Outputs ``alpha``:
1 x 1 x SIDE x SIDE, 0..1, and ``kind``: 1 x 6 probabilities in the order of `kinds.KINDS`.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto, compose, helper, numpy_helper
from PIL import Image
from torch import Tensor, nn

from mattekit.runtime.ort import load_onnxruntime
from training.checkpoint import PORTRAITS, graphs, open_checkpoint
from training.data import Store
from training.kinds import KINDS
from training.network import MatteNet

log = logging.getLogger(__name__)

OPSET = 17

_PERSON = KINDS.index("person")

POINTWISE = 1024
"""Weights that a pointwise convolution must have to be stored as integers."""

MIRRORED = "mirrored"
"""Key of the exported file's metadata: side at which the mirror image runs, 0 where it does not."""


FEATURES = ("half", "quarter", "eighth", "sixteenth")
"""Names of the fine features inside a file."""

PORTRAIT_FROM = 0.5
"""Probability of a portrait from which on a file's second decoder runs."""


class Shared(nn.Module):
    """A network up to its decoder: kind, and features.

    With ``mirrored`` the picture's mirror image runs too, and both are averaged: about twice the
    time, a slightly better matte, no training. Both are one batch, so that the file holds the
    network once.
    """

    def __init__(self, network: MatteNet, mirrored: bool, portraits: MatteNet | None) -> None:
        super().__init__()
        self.network, self.mirrored = network, mirrored
        self.portraits = portraits.kind if portraits else None

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:
        """Return kind (1 x 6), fine features, what the last block takes and what it gives.

        Where there is a second decoder, the probability of a portrait (1) comes last.
        """
        looks = torch.cat([image, image.flip(3)]) if self.mirrored else image
        *fine, before = self.network.encoder.before_last(looks)
        coarsest = self.network.encoder.last(before)
        kind = self.network.kind_of(coarsest).mean(0, keepdim=True).softmax(1)
        if self.portraits is None:
            return kind, *fine, before, coarsest
        seen = self.portraits(coarsest.mean((2, 3))).mean(0).softmax(0)
        return kind, *fine, before, coarsest, seen[_PERSON : _PERSON + 1]


class Decoder(nn.Module):
    """The rest of a network, with the last block of its encoder where that is its own."""

    def __init__(self, network: MatteNet, mirrored: bool, own_block: bool) -> None:
        super().__init__()
        self.network, self.mirrored, self.own_block = network, mirrored, own_block

    def forward(self, *feats: Tensor) -> Tensor:
        """Return alpha (1 x 1 x S x S) of the features of a picture and of its mirror image."""
        *fine, coarsest = feats
        if self.own_block:
            coarsest = self.network.encoder.last(coarsest)
        logit, _ = self.network.decode([*fine, coarsest])
        if self.mirrored:
            logit = (logit[:1] + logit[1:].flip(3)) / 2
        alpha = F.interpolate(logit, scale_factor=2, mode="bilinear", align_corners=False)
        return alpha.sigmoid()


def export_onnx(
    network: MatteNet,
    side: int,
    path: Path,
    mirrored: bool = False,
    portraits: MatteNet | None = None,
) -> None:
    """Write the float32 ONNX file; its metadata name the side of the mirror image, 0 for none.

    ``portraits`` is a network that is the same up to the last block of its encoder: the file holds
    that block and its decoder as well, and runs these where its kind of the first network's
    features is a person, as `training.fit_kinds` fits it.
    """
    image = torch.zeros(1, 3, side, side)
    shared = Shared(network, mirrored, portraits).eval()
    with torch.no_grad():
        _, *fine, before, coarsest = shared(image)[:7]
    names = ["kind", *FEATURES, "before", "coarsest"]
    if portraits:
        names.append("portrait")
    written = _traced(shared, (image,), ["image"], names)
    first = _traced(
        Decoder(network, mirrored, own_block=False),
        (*fine, coarsest),
        [*FEATURES, "coarsest"],
        ["alpha"],
    )
    decoder = _inside(first, "decoder.", weights=False)
    graph = written.graph
    if portraits is None:
        graph.node.extend(decoder.node)
        graph.initializer.extend(decoder.initializer)
    else:
        second = _traced(
            Decoder(portraits, mirrored, own_block=True),
            (*fine, before),
            [*FEATURES, "before"],
            ["alpha"],
        )
        least = np.array([PORTRAIT_FROM], np.float32)
        graph.initializer.append(numpy_helper.from_array(least, "portrait_from"))
        graph.node.append(
            helper.make_node("GreaterOrEqual", ["portrait", "portrait_from"], ["is_portrait"])
        )
        graph.node.append(
            helper.make_node(
                "If",
                ["is_portrait"],
                ["alpha"],
                then_branch=_inside(second, PORTRAITS, weights=True),
                else_branch=decoder,
            )
        )
    kept = [output for output in graph.output if output.name == "kind"]
    del graph.output[:]
    graph.output.extend((*decoder.output, *kept))
    helper.set_model_props(written, {MIRRORED: str(side if mirrored else 0)})
    onnx.checker.check_model(written)
    onnx.save(written, str(path))


def _traced(
    module: nn.Module, given: tuple[Tensor, ...], inputs: list[str], outputs: list[str]
) -> onnx.ModelProto:
    # Where gradients are wanted, strided layers run another, slower way.
    with torch.no_grad(), tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "traced.onnx")
        torch.onnx.export(
            module.eval(),
            given,
            str(path),
            opset_version=OPSET,
            dynamo=False,
            input_names=inputs,
            output_names=outputs,
        )
        return onnx.load(str(path))


def _inside(model: onnx.ModelProto, prefix: str, *, weights: bool) -> onnx.GraphProto:
    """Return a graph to put into another, where what it takes is found under the same names.

    Its own names begin with ``prefix``, those of its weights where ``weights`` says so.
    """
    graph = model.graph
    compose.add_prefix_graph(
        graph,
        prefix,
        rename_inputs=False,
        rename_outputs=False,
        rename_initializers=weights,
        inplace=True,
    )
    del graph.input[:]
    return graph


def compress_weights(source: Path, target: Path) -> None:
    """Store the weights small, with nodes behind them that make float32 of them again.

    Pointwise convolutions, nearly all of the weights, become 8-bit integers with one scale for each
    output channel; everything else becomes float16. ONNX Runtime folds these nodes when it
    opens the file, so what runs is the float32 network with rounded weights: a smaller file, the
    same time.
    """
    model = onnx.load(str(source))
    for graph in graphs(model.graph):
        _compress(graph)
    onnx.checker.check_model(model)
    onnx.save(model, str(target))


def _compress(graph: onnx.GraphProto) -> None:
    nodes, kept = [], []
    for init in graph.initializer:
        if init.data_type != TensorProto.FLOAT or np.prod(init.dims) < 64:
            kept.append(init)
            continue
        name, weight = init.name, numpy_helper.to_array(init)
        small = f"{name}_small"
        if weight.ndim == 4 and weight.shape[2:] == (1, 1) and weight.size >= POINTWISE:
            scale = np.abs(weight).max((1, 2, 3), keepdims=True) / np.float32(127)
            scale = np.maximum(scale, np.finfo(np.float32).tiny)
            kept.append(numpy_helper.from_array(np.rint(weight / scale).astype(np.int8), small))
            kept.append(numpy_helper.from_array(scale, f"{name}_scale"))
            whole = f"{name}_whole"
            nodes.append(helper.make_node("Cast", [small], [whole], to=TensorProto.FLOAT))
            nodes.append(helper.make_node("Mul", [whole, f"{name}_scale"], [name]))
        else:
            kept.append(numpy_helper.from_array(weight.astype(np.float16), small))
            nodes.append(helper.make_node("Cast", [small], [name], to=TensorProto.FLOAT))
    nodes.extend(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def quantize(source: Path, target: Path, store: Store, side: int, count: int = 200) -> None:
    """Write a static int8 model, calibrated on ``count`` training pictures."""
    load_onnxruntime()
    from onnxruntime.quantization import (  # noqa: TID251 - after it
        CalibrationDataReader,
        CalibrationMethod,
        QuantFormat,
        QuantType,
        quantize_static,
    )
    from onnxruntime.quantization.shape_inference import quant_pre_process  # noqa: TID251

    index = store.split()[0]

    def tensors() -> Iterator[dict[str, Any]]:
        for i in index[:: len(index) // count][:count]:
            image = Image.fromarray(store.picture(int(i))[0])
            a = np.asarray(image.resize((side, side), Image.Resampling.LANCZOS))
            x = a.astype(np.float32).transpose(2, 0, 1)[None] / 127.5 - 1
            yield {"image": np.ascontiguousarray(x)}

    class Reader(CalibrationDataReader):  # type: ignore[misc]
        def __init__(self) -> None:
            self.items = tensors()

        def get_next(self) -> dict[str, Any] | None:
            return next(self.items, None)

    prepared = target.with_suffix(".tmp")
    quant_pre_process(str(source), str(prepared), skip_symbolic_shape=True)
    # The last layers carry the fine grades of the matte: they stay in float.
    last = [node.name for node in onnx.load(str(prepared)).graph.node][-8:]
    quantize_static(
        str(prepared),
        str(target),
        Reader(),
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        nodes_to_exclude=last,
        calibrate_method=CalibrationMethod.MinMax,
        extra_options={"CalibMovingAverage": True},
    )
    prepared.unlink()


def main() -> None:
    """Export one checkpoint."""
    p = argparse.ArgumentParser(description="Export a checkpoint to ONNX.")
    p.add_argument("checkpoint", type=Path)
    p.add_argument("--out", type=Path, required=True)
    p.add_argument("--name", default="builtin")
    p.add_argument("--side", type=int, default=256)
    p.add_argument("--mirrored", action="store_true", help="and its mirror image")
    p.add_argument(
        "--portraits", type=Path, help="checkpoint whose last block and decoder see portraits"
    )
    p.add_argument("--int8", action="store_true")
    p.add_argument("--store", type=Path, help="calibration pictures for --int8")
    args = p.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    network = open_checkpoint(args.checkpoint)
    args.out.mkdir(parents=True, exist_ok=True)
    stem = f"{args.name}-{args.side}" + ("-mirrored" if args.mirrored else "")
    full, small = args.out / f"{stem}-fp32.onnx", args.out / f"{stem}.onnx"
    portraits = open_checkpoint(args.portraits) if args.portraits else None
    export_onnx(network, args.side, full, args.mirrored, portraits)
    compress_weights(full, small)
    written = [full, small]
    if args.int8:
        written.append(args.out / f"{stem}-int8.onnx")
        quantize(full, written[-1], Store(args.store), args.side)
    for path in written:
        log.info("%s %d bytes", path, path.stat().st_size)


if __name__ == "__main__":
    main()
