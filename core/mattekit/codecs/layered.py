"""Layered files for editors: OpenRaster and PSD.

Both hold the picture with all its colours and the matte apart from it, so that an editor can still
correct the matte. PSD has layer masks: there is one layer, the picture, with the matte as its mask.
OpenRaster has none: there is the cut-out as a layer whose hidden colours are kept under alpha 0,
and, hidden above each other, the whole picture and the matte.

References
----------
.. [1] OpenRaster 0.0.6, https://www.openraster.org
.. [2] Adobe, Photoshop File Formats Specification (November 2019)
"""

from __future__ import annotations

import dataclasses
import io
import struct
import zipfile
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs.pngwriter import write_png
from mattekit.codecs.strips import eight_bits, grey, masked, strips
from mattekit.errors import OptionError
from mattekit.geometry import Placement, Size
from mattekit.photo import Metadata, Pixels

__all__ = ["openraster", "photoshop"]

#: The earliest time that ZIP knows: the same pixels give the same bytes.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_PSD_SIDE: Final = 30_000
_PSD_BYTES: Final = (1 << 31) - 1


def openraster(color: Pixels, alpha: Pixels, metadata: Metadata) -> bytes:
    """Return an OpenRaster file of three layers.

    Parameters
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
    alpha : (H, W) ndarray of the same dtype
    metadata : Metadata
        The profile goes into each picture, the resolution into the stack.

    Returns
    -------
    bytes
        From top to bottom: "Cut-out" (visible), "Matte" and "Picture" (hidden).
    """
    height, width = alpha.shape
    metadata = _with_profile(metadata)
    merged = _png(masked(color, alpha), metadata)
    kept = np.concatenate([color, alpha[..., None]], axis=-1)
    entries = {
        "stack.xml": _stack(width, height, metadata.dpi).encode(),
        "data/cutout.png": _png(kept, metadata),
        "data/matte.png": _png(grey(alpha), metadata),
        "data/picture.png": _png(color, metadata),
        "mergedimage.png": merged,
        "Thumbnails/thumbnail.png": _thumbnail(color, alpha),
    }
    del kept
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        # The type stands first and stored, so that it can be read at a fixed place.
        for name, data in {"mimetype": b"image/openraster", **entries}.items():
            info = zipfile.ZipInfo(name, _TIME)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return file.getvalue()


def _with_profile(metadata: Metadata) -> Metadata:
    """Name the profile in any case: Krita takes 16 bits without one for linear light, or asks."""
    if metadata.icc_profile is not None:
        return metadata
    from PIL import ImageCms

    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Bytes 24 to 35 are the time of its making, which would make every file another.
    fixed = profile[:24] + struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + profile[36:]
    return dataclasses.replace(metadata, icc_profile=fixed)


def _stack(width: int, height: int, dpi: tuple[float, float] | None) -> str:
    x, y = (max(1, round(value)) for value in dpi or (72, 72))
    layers = "".join(
        f'  <layer name="{name}" src="data/{source}.png" x="0" y="0" opacity="1.0" '
        f'visibility="{visibility}" composite-op="svg:src-over"/>\n'
        for name, source, visibility in (
            ("Cut-out", "cutout", "visible"),
            ("Matte", "matte", "hidden"),
            ("Picture", "picture", "hidden"),
        )
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<image version="0.0.5" w="{width}" h="{height}" xres="{x}" yres="{y}">\n'
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


def photoshop(color: Pixels, alpha: Pixels, metadata: Metadata) -> bytes:
    """Return a PSD file: one layer, the picture, with the matte as its mask.

    Parameters
    ----------
    color : (H, W, 3) ndarray of uint8 or uint16
    alpha : (H, W) ndarray of the same dtype
    metadata : Metadata
        Profile, resolution and EXIF become image resources.

    Returns
    -------
    bytes
        Readers that know no layers see the merged picture, which has the matte as its transparency
        and, as is the custom, is mixed with white.

    Raises
    ------
    OptionError
        The picture is too large for PSD: more than 30 000 pixels a side or 2 gigabytes.
    """
    height, width = alpha.shape
    depth = alpha.dtype.itemsize * 8
    if max(height, width) > _PSD_SIDE or 8 * color.nbytes > 3 * _PSD_BYTES:
        reason = f"{width} × {height} pixels, at most {_PSD_SIDE} a side and 2 GB"
        raise OptionError("format", "psd", "ora, png or tiff", reason)
    planes = [_packed(color[..., channel]) for channel in range(3)]
    matte = _packed(alpha)
    shown = [_packed(_over_white(color[..., channel], alpha)) for channel in range(3)]
    parts = [
        struct.pack(">4sH6xHIIHH", b"8BPS", 1, 4, height, width, depth, 3),
        struct.pack(">I", 0),  # no palette
        _block(b"".join(_resources(_with_profile(metadata)))),
        _block(_layers(planes, matte, Size(width, height), alpha.dtype.itemsize)),
        struct.pack(">H", 1),
        *(lengths for lengths, _ in (*shown, matte)),
        *(rows for _, rows in (*shown, matte)),
    ]
    return b"".join(parts)


def _over_white(plane: Pixels, alpha: Pixels) -> Pixels:
    """Return a channel of the merged picture: by convention it is mixed with white."""
    most = int(np.iinfo(plane.dtype).max)
    result = np.empty_like(plane)
    for part in strips(plane.shape):
        share = alpha[part].astype(np.uint32)
        result[part] = (plane[part] * share + (most - share) * most + most // 2) // most
    return result


def _packed(plane: NDArray[np.uint8] | NDArray[np.uint16]) -> tuple[bytes, bytes]:
    """Return a channel as PackBits: the byte counts of its rows, and the rows."""
    from imagecodecs import packbits_encode

    rows = np.ascontiguousarray(plane.astype(plane.dtype.newbyteorder(">")))
    coded = [packbits_encode(row.tobytes()) for row in rows]
    return struct.pack(f">{len(coded)}H", *map(len, coded)), b"".join(coded)


def _block(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _resources(metadata: Metadata) -> Iterator[bytes]:
    x, y = metadata.dpi or (72.0, 72.0)
    fixed = struct.pack(">IHHIHH", round(x * 65536), 1, 1, round(y * 65536), 1, 1)
    yield _resource(1005, fixed)
    # Names of the alpha channels beyond the colours, as a Pascal string and in Unicode.
    name = "Transparency"
    yield _resource(1006, bytes([len(name)]) + name.encode())
    yield _resource(1045, struct.pack(">I", len(name) + 1) + f"{name}\0".encode("utf-16-be"))
    if metadata.icc_profile is not None:
        yield _resource(1039, metadata.icc_profile)
    if metadata.exif is not None:
        yield _resource(1058, metadata.exif)


def _resource(number: int, data: bytes) -> bytes:
    return struct.pack(">4sHHI", b"8BIM", number, 0, len(data)) + data + b"\0" * (len(data) % 2)


def _layers(
    planes: list[tuple[bytes, bytes]], matte: tuple[bytes, bytes], size: Size, itemsize: int
) -> bytes:
    """Return the section of layers and masks."""
    box = struct.pack(">iiii", 0, 0, size.height, size.width)
    # Channels 0 to 2 are the colours, -2 is the layer's mask.
    channels = [struct.pack(">H", 1) + lengths + rows for lengths, rows in (*planes, matte)]
    table = b"".join(
        struct.pack(">hI", number, len(data))
        for number, data in zip((0, 1, 2, -2), channels, strict=True)
    )
    mask = _block(box + struct.pack(">BBH", 0, 0, 0))
    name = b"\x06Cutout\0"  # a Pascal string, padded to a multiple of four
    unicode_name = "Cut-out"
    label = struct.pack(">I", len(unicode_name)) + unicode_name.encode("utf-16-be")
    label += b"\0" * (-len(label) % 4)
    extra = mask + _block(b"") + name + b"8BIMluni" + _block(label)
    record = (
        box
        + struct.pack(">H", len(channels))
        + table
        + struct.pack(">4s4sBBBB", b"8BIM", b"norm", 255, 0, 8, 0)
        + _block(extra)
    )
    # A negative count: the first channel beyond the colours of the merged picture is transparency.
    info = struct.pack(">h", -1) + record + b"".join(channels)
    info += b"\0" * (-len(info) % 4)
    if itemsize == 1:
        return _block(info) + _block(b"")
    # At 16 bits the layers stand in a tagged block behind an empty layer info.
    return _block(b"") + _block(b"") + b"8BIMLr16" + _block(info)
