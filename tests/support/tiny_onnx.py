"""Networks of one or two operations, written as ONNX files without the onnx package.

Only the few fields of the format that are needed are encoded: https://onnx.ai/onnx/repo-docs/IR.html
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

FLOAT, UINT8, FLOAT16 = 1, 2, 10
_INT, _INTS = 2, 7


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _tensor(name: str, shape: Sequence[int | str], kind: int) -> bytes:
    dims = b"".join(
        _bytes(1, _number(1, side) if isinstance(side, int) else _bytes(2, side)) for side in shape
    )
    return _bytes(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dims)))


def _node(op: str, source: str, target: str, attributes: dict[str, int | list[int]]) -> bytes:
    node = _bytes(1, source) + _bytes(2, target) + _bytes(4, op)
    for name, value in attributes.items():
        body = _bytes(1, name)
        if isinstance(value, int):
            body += _number(3, value) + _number(20, _INT)
        else:
            body += b"".join(_number(8, item) for item in value) + _number(20, _INTS)
        node += _bytes(5, body)
    return node


def write_network(
    path: Path,
    shape: Sequence[int | str] = (1, 3, 8, 8),
    *,
    kind: int = FLOAT,
    operation: str = "ReduceMean",
    channels_last: bool = False,
    kinds: bool = False,
    inputs: int = 1,
) -> Path:
    """Write a network whose matte is the mean of the picture's channels.

    With `kinds` a second output has the mean of each channel, as if there were three kinds.
    """
    axis, sides = (3, [1, 2]) if channels_last else (1, [2, 3])
    nodes = [_node(operation, "picture", "matte", {"axes": [axis], "keepdims": 1})]
    matte = [1 if index == axis else side for index, side in enumerate(shape)]
    outputs = [_tensor("matte", matte, kind)]
    if kinds:
        nodes.append(_node("ReduceMean", "picture", "kinds", {"axes": sides, "keepdims": 0}))
        outputs.append(_tensor("kinds", [shape[0], 3], kind))
    names = ["picture", *(f"more{number}" for number in range(1, inputs))]
    graph = b"".join(
        [
            *(_bytes(1, node) for node in nodes),
            _bytes(2, "tiny"),
            *(_bytes(11, _tensor(name, shape, kind)) for name in names),
            *(_bytes(12, output) for output in outputs),
        ]
    )
    opset = _bytes(1, "") + _number(2, 13)
    path.write_bytes(_number(1, 8) + _bytes(7, graph) + _bytes(8, opset))
    return path


CARD = """
[input]
size = [8, 8]
divide = 255
mean = [0, 0, 0]
std = [1, 1, 1]

[output]
activation = "none"
"""
