"""A small picture of what would come of a layer, before anything is done to it."""

import re
from typing import Any, Dict, Mapping, Optional, Tuple

import mattekit_bridge as bridge
from mattekit_bridge import Picture
from mattekit_gimp.plugin.targets import Request, Target, options_of, read_layer

__all__ = ["composite", "preview", "scaled_lengths", "smaller"]

#: Pixels of its longer side.
_SIDE = 280
#: Side of a square of the checkerboard, and its two greys.
_SQUARE, _GRAYS = 8, (154, 106)
_PIXELS = re.compile(r"(-?[0-9.]+)px")


def preview(target: Target, request: Request) -> Tuple[int, int, bytes]:
    """Return the subject of a layer on a colour or a checkerboard: width, height and RGB."""
    options = options_of(target, request)
    layer = read_layer(target, request)
    small = smaller(layer, _SIDE)
    options = scaled_lengths(options, small.width / layer.width)
    result = bridge.remove_background(request.worker, small, options, "pam", request.progress)
    return composite(result.picture, _color(request.extra))


def smaller(picture: Picture, side: int) -> Picture:
    """Return every so manieth pixel of a picture, with 8 bits, so that no side is longer."""
    step = max(1, -(-max(picture.width, picture.height) // side))
    size = 1 if picture.maximum < 256 else 2
    width, height = (-(-length // step) for length in (picture.width, picture.height))
    pixel = picture.channels * size
    samples = memoryview(picture.samples)
    rows = []
    for y in range(0, picture.height, step):
        start = y * picture.width * pixel
        row = samples[start : start + picture.width * pixel]
        made = bytearray(width * picture.channels)
        for channel in range(picture.channels):
            # Of two bytes the first one is the higher.
            made[channel :: picture.channels] = bytes(row[channel * size :: pixel * step])
        rows.append(bytes(made))
    return Picture(width, height, picture.channels, 255, b"".join(rows), picture.profile)


def scaled_lengths(options: Mapping[str, str], factor: float) -> Dict[str, str]:
    """Return options whose lengths in pixels are those of a smaller picture."""

    def scaled(match: "re.Match[str]") -> str:
        return "%gpx" % round(float(match.group(1)) * factor, 3)

    return {name: _PIXELS.sub(scaled, text) for name, text in options.items()}


def composite(
    picture: Picture, color: Optional[Tuple[int, int, int]] = None
) -> Tuple[int, int, bytes]:
    """Return straight RGBA on a colour, or on a checkerboard: width, height and RGB."""
    samples, width = bytes(picture.samples), picture.width
    made = bytearray()
    for index in range(0, len(samples), 4):
        y, x = divmod(index // 4, width)
        ground = color or (_GRAYS[(x // _SQUARE + y // _SQUARE) % 2],) * 3
        alpha = samples[index + 3]
        for value, under in zip(samples[index : index + 3], ground):
            made.append((value * alpha + under * (255 - alpha) + 127) // 255)
    return width, picture.height, bytes(made)


def _color(extra: Mapping[str, Any]) -> Optional[Tuple[int, int, int]]:
    """Return the colour that is wanted behind the subject."""
    if extra.get("with") != "color":
        return None
    red, green, blue = (int(part) for part in tuple(extra["color"])[:3])
    return red, green, blue
