"""Pixels of a layer as the worker wants them, and back.

A layer is sent as what its file would hold: gamma-encoded, in the image's own colour space, 8 bits
where it has 8 and 16 where it has more (of 8 linear bits, too, so that shadows stay apart). Masks
and channels take alpha as it is: written in their own encoding, so that nothing converts it.
"""

import array
import sys
from typing import Any, Union

from mattekit_bridge import Picture
from mattekit_bridge.geometry import Box, samples_of

Samples = Union[bytes, memoryview]

__all__ = ["divided", "is_deep", "read", "read_alpha", "read_part", "write_alpha", "write_rgba"]


def read(layer: Any, profile: bytes = b"") -> Picture:
    """Return the pixels of a layer or group.

    Parameters
    ----------
    layer : gimp.Layer
        Anything that has pixels; its mask is not applied.
    profile : bytes
        The image's colour profile. That of a grey or linear image is left aside: it has other
        curves than what is read.
    """
    gray = layer.is_gray
    channels = (1 if gray else 3) + bool(layer.has_alpha)
    deep = _is_deep(layer.pixel_format, indexed=layer.is_indexed)
    model = _encoding(layer, "Y" if gray else "RGB") + ("A" if layer.has_alpha else "")
    data = layer.get_rect(0, 0, layer.width, layer.height, model + (" u16" if deep else " u8"))
    maximum = 65535 if deep else 255
    if "R'" not in model:
        profile = b""
    return Picture(layer.width, layer.height, channels, maximum, _swapped(data, maximum), profile)


def read_alpha(drawable: Any, maximum: int) -> Picture:
    """Return the alpha in a mask or channel, as it is, in samples up to `maximum`."""
    model = model_of(drawable) + (" u8" if maximum < 256 else " u16")
    data = drawable.get_rect(0, 0, drawable.width, drawable.height, model)
    return Picture(drawable.width, drawable.height, 1, maximum, _swapped(data, maximum))


def is_deep(drawable: Any) -> bool:
    """Whether a mask or channel has more than 8 bits."""
    return _sample_of(str(drawable.pixel_format)) != "u8"


def read_part(drawable: Any, box: Box) -> bytes:
    """Return a part of a mask or channel as it is, a byte each."""
    rect = (box.left, box.top, box.width, box.height)
    return bytes(drawable.get_rect(*rect, model_of(drawable) + " u8"))


def write_alpha(drawable: Any, alpha: Picture, x: int = 0, y: int = 0) -> None:
    """Write alpha into a mask or channel, as it is.

    Parameters
    ----------
    drawable : gimp.Channel
        The mask or channel.
    alpha : Picture
        One channel.
    x, y : int
        Where its corner lies in the drawable; what lies outside is left out.
    """
    whole = Box(x, y, x + alpha.width, y + alpha.height)
    inside = whole.intersection(Box(0, 0, drawable.width, drawable.height))
    if inside is None:
        return
    size = 1 if alpha.maximum < 256 else 2
    part = inside.moved(-x, -y)
    data = samples_of(
        alpha.samples,
        alpha.width * size,
        Box(part.left * size, part.top, part.right * size, part.bottom),
    )
    model = model_of(drawable)
    drawable.set_rect(
        inside.left,
        inside.top,
        inside.width,
        inside.height,
        _swapped(data, alpha.maximum),
        model + (" u8" if size == 1 else " u16"),
    )


def write_rgba(layer: Any, picture: Picture) -> None:
    """Write straight RGBA of the layer's size into a layer with alpha."""
    layer.set_rect(
        0,
        0,
        picture.width,
        picture.height,
        _swapped(picture.samples, picture.maximum),
        _encoding(layer, "RGB") + ("A u8" if picture.maximum < 256 else "A u16"),
    )


def divided(product: Picture, layer: Picture) -> Picture:
    """Return the alpha of the subject alone, where the worker has multiplied the layer's into it.

    Parameters
    ----------
    product : Picture
        What came back, one channel.
    layer : Picture
        What was sent.
    """
    if layer.channels in (1, 3):
        return product
    own = _alpha_of(layer)
    result = _array(product)
    top = product.maximum
    width = layer.width
    full, empty = array.array(own.typecode, [top]) * width, array.array(own.typecode, [0]) * width
    for start in range(0, len(own), width):
        row = own[start : start + width]
        if row in (full, empty):
            continue
        for x, alpha in enumerate(row):
            if 0 < alpha < top:
                value = (result[start + x] * top + alpha // 2) // alpha
                result[start + x] = min(top, value)
    return product._replace(samples=_bytes(result))


def model_of(drawable: Any) -> str:
    """Return the colour model of a drawable, as in ``R'G'B'A``."""
    return str(drawable.pixel_format).partition(" ")[0]


def _encoding(layer: Any, letters: str) -> str:
    """Return the model of gamma-encoded numbers: R'G'B' has the image's own curves.

    Those of a linear image are straight, so that it is given those of sRGB: R~G~B~.
    """
    linear = not layer.is_indexed and "'" not in model_of(layer)
    return "".join(letter + ("~" if linear else "'") for letter in letters)


def _is_deep(stored: str, *, indexed: bool) -> bool:
    if indexed:
        return False
    model = stored.partition(" ")[0]
    return _sample_of(stored) != "u8" or not ("'" in model or "~" in model)


def _sample_of(stored: str) -> str:
    # GIMP 3 appends the colour space, as in "R'G'B' u8-space-…".
    return stored.partition("-space-")[0].partition(" ")[2]


def _swapped(data: Samples, maximum: int) -> Samples:
    """Return samples in the other byte order, where it matters."""
    if maximum < 256 or sys.byteorder == "big":
        return data
    samples = array.array("H", bytes(data))
    samples.byteswap()
    return samples.tobytes()


def _array(picture: Picture) -> "array.array[int]":
    if picture.maximum < 256:
        return array.array("B", bytes(picture.samples))
    return array.array("H", bytes(_swapped(picture.samples, picture.maximum)))


def _bytes(samples: "array.array[int]") -> bytes:
    data = samples.tobytes()
    return data if samples.typecode == "B" else bytes(_swapped(data, 65535))


def _alpha_of(picture: Picture) -> "array.array[int]":
    return _array(picture)[picture.channels - 1 :: picture.channels]
