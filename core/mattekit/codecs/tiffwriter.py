"""TIFF, at the depth of the cut-out."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from mattekit.codecs.metadata import append_exif, exif_byte_order
from mattekit.imaging.samples import Pixels
from mattekit.picture import Metadata

__all__ = ["write_tiff"]

_STRIP = 1 << 18


def write_tiff(samples: Pixels, metadata: Metadata) -> bytes:
    """Return a TIFF file: deflate in strips, horizontal prediction, alpha tagged as straight.

    Parameters
    ----------
    samples : (H, W) or (H, W, 3) or (H, W, 4) ndarray of uint8 or uint16
        Grey, RGB or RGBA.
    metadata : Metadata
        Profile, resolution and the descriptive tags of EXIF.
    """
    import tifffile

    how: dict[str, Any] = {}
    if metadata.dpi is not None:
        how |= {"resolution": metadata.dpi, "resolutionunit": "INCH"}
    if metadata.icc_profile is not None:
        how["iccprofile"] = metadata.icc_profile
    if samples.ndim == 3 and samples.shape[2] == 4:
        how["extrasamples"] = ["UNASSALPHA"]
    stride = samples[0].nbytes
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        np.ascontiguousarray(samples),
        photometric="minisblack" if samples.ndim == 2 else "rgb",
        planarconfig=None if samples.ndim == 2 else "contig",
        compression="zlib",
        compressionargs={"level": 4},
        predictor=True,
        rowsperstrip=max(1, _STRIP // stride),
        metadata=None,
        # So that the directories of the EXIF block may be copied byte by byte.
        byteorder=exif_byte_order(metadata.exif),
        software=False,
        **how,
    )
    return append_exif(file.getvalue(), metadata.exif)
