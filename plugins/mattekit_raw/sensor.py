"""A picture as the sensor has it: what darktable's external raster masks must fit.

darktable scales such a mask to the whole picture before it is cropped, turned or corrected. A
network wants the picture upright, so it is turned for it and the mask is turned back.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path
from typing import Final

from mattekit.codecs.directories import ORIENTATION, read_directories
from mattekit.imaging.orientation import upright
from mattekit.imaging.samples import Pixels

__all__ = ["XMP", "orientation_of", "turned_back", "upright"]

#: A history of one entry: no turning by what the camera said (``flip``, ORIENTATION_NONE).
XMP: Final = """<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:darktable="http://darktable.sf.net/"
   darktable:xmp_version="5" darktable:raw_params="0" darktable:auto_presets_applied="0"
   darktable:history_end="1">
   <darktable:history><rdf:Seq>
    <rdf:li darktable:num="0" darktable:operation="flip" darktable:enabled="1"
     darktable:modversion="2" darktable:params="00000000" darktable:multi_name=""
     darktable:multi_priority="0"/>
   </rdf:Seq></darktable:history>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
"""
#: Directories stand near the beginning; sensors' samples come after.
_HEAD: Final = 16 * 2**20


def orientation_of(path: Path) -> int:
    """Return how EXIF says a picture is turned, 1 to 8; 1 where it cannot be told.

    That of JPEG, TIFF and of raw files that are TIFF inside (DNG, NEF, CR2, ARW, PEF, …) is known;
    CR3, RAF, ORF and RW2 are not read.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_HEAD)
    except OSError:
        return 1
    if data[:2] == b"\xff\xd8":
        value = _exif_orientation(data)
    else:
        directories, _ = read_directories(data)
        value = directories[0].number(ORIENTATION) if directories else 1
    return value if 1 <= value <= 8 else 1


def _exif_orientation(data: bytes) -> int:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes; no pixel is decoded
            with Image.open(io.BytesIO(data)) as image:
                value = image.getexif().get(ORIENTATION)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return 1
    return value if isinstance(value, int) else 1


def turned_back(upright_picture: Pixels, orientation: int) -> Pixels:
    """Return an upright picture as it was before `upright` had turned it.

    Parameters
    ----------
    upright_picture : (H, W) or (H, W, C) ndarray
    orientation : int
        Of EXIF, 1 to 8. All but 6 and 8, the quarter turns, are their own inverse.
    """
    inverse = {6: 8, 8: 6}.get(orientation, orientation)
    return upright(upright_picture, inverse)
