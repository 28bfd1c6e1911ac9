"""OpenRaster: the cut-out, the matte and the picture as layers.

See `mattekit.codecs.psdwriter` for what both formats with layers have in common.

References
----------
.. [1] OpenRaster 0.0.6, https://www.openraster.org
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs import archive
from mattekit.codecs.coders import png
from mattekit.codecs.color import with_profile
from mattekit.codecs.pngwriter import write_png
from mattekit.codecs.source import Check
from mattekit.codecs.strips import masked, to_gray
from mattekit.geometry import Placement, Size
from mattekit.imaging.samples import Pixels, eight_bits
from mattekit.photo import Photo
from mattekit.picture import BACKGROUND, Metadata, Picture

__all__ = ["read", "size", "write"]


def size(data: bytes, source: str) -> Size:
    """Return the size of the merged picture."""
    return png.size(*_merged(data, source))


def read(data: bytes, source: str, check: Check) -> Photo:
    """Return the merged picture of an OpenRaster or Krita file."""
    return png.read(*_merged(data, source), check)


def write(picture: Picture, metadata: Metadata) -> bytes:
    """Return an OpenRaster file.

    Parameters
    ----------
    picture : Picture
    metadata : Metadata
        The profile goes into each picture, the resolution into the stack.

    Returns
    -------
    bytes
        With the layers, from top to bottom: "Cut-out", or one of each subject, "Matte" and
        "Picture" (both hidden), and, where something lies behind the subject, "Background".
    """
    layers = picture.layers or (picture,)
    subjects = [layer for layer in layers[::-1] if layer.name != BACKGROUND]
    behind = [layer for layer in layers if layer.name == BACKGROUND]
    metadata = with_profile(metadata)
    # Subjects do not overlap. What all of them hide is in the picture below.
    matte = functools.reduce(np.maximum, (layer.full_alpha() for layer in subjects))
    entries, names = {}, []
    for number, layer in enumerate(subjects, 1):
        entry = "cutout" if len(subjects) == 1 else f"subject{number}"
        entries[f"data/{entry}.png"] = _rgba(layer, metadata, keep_color=len(subjects) == 1)
        names.append((layer.name, entry, True))
    entries["data/matte.png"] = _png(to_gray(matte), metadata)
    entries["data/picture.png"] = _png(subjects[0].color, metadata)
    names += [("Matte", "matte", False), ("Picture", "picture", False)]
    if behind:
        entries["data/background.png"] = _rgba(behind[0], metadata)
        names.append((BACKGROUND, "background", True))
    entries["mergedimage.png"] = _rgba(picture, metadata)
    entries["Thumbnails/thumbnail.png"] = _thumbnail(picture.color, picture.full_alpha())
    stack = _stack(names, picture.size, metadata.dpi).encode()
    # The type stands first and stored, so that it can be read at a fixed place.
    entries = {"mimetype": b"image/openraster", "stack.xml": stack, **entries}
    return archive.pack(entries)


def _merged(data: bytes, source: str) -> tuple[bytes, str]:
    """Return the PNG of all layers, and what messages call it."""
    merged = archive.merged(data, len(data) + archive.ENTRY_ROOM, source)
    return merged, f"{source}: the merged picture"


def _rgba(picture: Picture, metadata: Metadata, *, keep_color: bool = False) -> bytes:
    return _png(masked(picture.color, picture.full_alpha(), keep_color=keep_color), metadata)


def _stack(names: list[tuple[str, str, bool]], size: Size, dpi: tuple[float, float] | None) -> str:
    x, y = (max(1, round(value)) for value in dpi or (72, 72))
    layers = "".join(
        f'  <layer name="{name}" src="data/{source}.png" x="0" y="0" opacity="1.0" '
        f'visibility="{"visible" if visible else "hidden"}" composite-op="svg:src-over"/>\n'
        for name, source, visible in names
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<image version="0.0.5" w="{size.width}" h="{size.height}" xres="{x}" yres="{y}">\n'
        f' <stack name="root">\n{layers} </stack>\n</image>\n'
    )


def _png(samples: NDArray[np.uint8] | NDArray[np.uint16], metadata: Metadata) -> bytes:
    height, width, channels = samples.shape
    return write_png(
        lambda top, bottom: samples[top:bottom], width, height, channels, samples.dtype, metadata
    )


def _thumbnail(color: Pixels, alpha: Pixels) -> bytes:
    """Return the cut-out within 256 × 256 pixels."""
    from mattekit.resampling import resample

    photo = Size(alpha.shape[1], alpha.shape[0])
    size = photo.scaled(min(1.0, 256 / max(photo)))
    where = Placement(
        size, photo.box, size.width / photo.width, size.height / photo.height, 0.0, 0.0, photo
    )
    small, matte = resample(color, alpha, where)
    assert matte is not None
    return _png(masked(eight_bits(small), eight_bits(matte)), Metadata())
