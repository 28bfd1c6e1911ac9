"""Pictures through Pillow: every format and mode that has no faster way."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mattekit.codecs import directories, raw
from mattekit.codecs.color import lab_from_cielab, to_rgb
from mattekit.codecs.explain import refusal
from mattekit.codecs.facts import RAW_PROFILES, XMP_KEYWORD, Facts, facts_of
from mattekit.codecs.metadata import EXIF_PREFIX, dpi_of
from mattekit.codecs.signatures import PICTURES
from mattekit.codecs.source import Check
from mattekit.errors import InvalidFileType, UnreadableImage
from mattekit.geometry import Size
from mattekit.imaging.orientation import upright
from mattekit.imaging.samples import Pixels
from mattekit.photo import Photo
from mattekit.picture import Metadata

if TYPE_CHECKING:
    from PIL import Image, ImageFile

__all__ = [
    "facts_of_image",
    "identify",
    "info_of",
    "photo_from",
    "refuse_preview",
    "stored_orientation",
]

#: Formats that hold pixels and are decoded inside this process. EPS is left out because Pillow
#: hands it to Ghostscript, WMF because it hands it to Windows, the others are stubs or videos.
#: TGA comes last: it has no signature and is recognised by elimination.
_FORMATS: Final = (
    "PNG",
    "JPEG",
    "GIF",
    "WEBP",
    "TIFF",
    "BMP",
    "AVIF",
    "PPM",
    "JPEG2000",
    "PSD",
    "ICO",
    "CUR",
    "ICNS",
    "DIB",
    "DDS",
    "QOI",
    "SGI",
    "PCX",
    "DCX",
    "SUN",
    "MSP",
    "XBM",
    "XPM",
    "IM",
    "PIXAR",
    "PCD",
    "BLP",
    "FTEX",
    "GBR",
    "FITS",
    "SPIDER",
    "TGA",
)
_NAMES: Final = {"JPEG": "jpg", "PPM": "netpbm", "JPEG2000": "jp2", "DIB": "bmp", "MPO": "jpg"}
_ROWS: Final = 256
_DEPTHS: Final = "8 or 16 bits of unsigned integers per channel: save it so"
_BITS, _PHOTOMETRIC, _SAMPLE_FORMAT = 258, 262, 339
_WHITE_IS_ZERO: Final = 0
_SIGNED: Final = 2


def identify(
    data: bytes, source: str, looks: str, only: tuple[str, ...] = ()
) -> ImageFile.ImageFile:
    """Return the Pillow image of a file, its pixels not yet decoded.

    `Image.open` is not used: it warns about every large picture, while the caller compares the
    size with its own limit.

    Raises
    ------
    InvalidFileType
        No format recognises the bytes.
    UnreadableImage
        It looks like a format that this Pillow reads, and its header is broken.
    """
    from PIL import Image

    Image.preinit()
    if not only or any(name not in Image.OPEN for name in only):
        Image.init()
    broken: SyntaxError | None = None
    for name in only or _FORMATS:
        if name not in Image.OPEN:
            continue  # this Pillow was built without it
        factory, accept = Image.OPEN[name]
        accepted = accept is None or accept(data[:16])
        if not accepted or isinstance(accepted, str):
            continue
        try:
            image: ImageFile.ImageFile = factory(io.BytesIO(data), "")
        except SyntaxError as error:
            if accept is not None:
                broken = broken or error
            continue
        return image
    if broken is not None and (only or looks in PICTURES):
        raise UnreadableImage(source, str(broken) or "its header is broken") from broken
    raise refusal(source, looks)


def refuse_preview(image: Image.Image, source: str) -> None:
    """Refuse the preview of a TIFF file that Pillow shows because it stands first.

    A page that was sought is what the caller wants.

    Raises
    ------
    InvalidFileType
    """
    from PIL import TiffImagePlugin

    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return
    tags = image.tag_v2
    if raw.DNG_VERSION in tags:
        raise raw.refusal(source, "DNG")
    reduced = tags.get(directories.SUBFILE_TYPE, 0) & directories.REDUCED
    if reduced and image.tell() == 0 and (directories.SUB_DIRECTORIES in tags or tags.next):
        raise InvalidFileType(
            source,
            f"a Pillow image of the preview ({image.width} × {image.height}) that stands first in "
            "a TIFF file",
            "the picture: give the path of the file, or seek() the page that you want",
        )


def photo_from(image: Image.Image, source: str, facts: Facts | None = None) -> Photo:
    """Return the photo of a Pillow image; the image is not changed.

    Parameters
    ----------
    image : PIL.Image.Image
        Perhaps not loaded yet.
    source : str
        What messages call it.
    facts : Facts, optional
        What its file says, where that is known better than by the image.

    Raises
    ------
    InvalidFileType
        A mode of floating-point numbers.
    """
    from PIL import ImageFile

    profile = image.info.get("icc_profile")
    profile = profile if isinstance(profile, bytes) and profile else None
    step = 1
    if isinstance(image, ImageFile.ImageFile):
        step = _level_step(image)
        image.load()
    facts = facts or facts_of_image(image)
    level = image.info.get("transparency")
    if step > 1 and isinstance(level, int):
        plain = image.copy()  # the caller's says what it said
        plain.info["transparency"] = level * step
        color, alpha, profile = _planes(plain, profile, source)
    else:
        color, alpha, profile = _planes(image, profile, source)
    name = image.format or ""
    return Photo(
        upright(color, facts.orientation),
        None if alpha is None else upright(alpha, facts.orientation),
        Metadata(profile, facts.dpi, facts.exif),
        _NAMES.get(name, name.lower()),
        source=source,
    )


def _level_step(image: ImageFile.ImageFile) -> int:
    """Return by how much Pillow multiplies grey levels of less than a byte while loading.

    What ``info`` says about the transparent level it leaves as it is stored.
    """
    packed = {"L;2": 85, "L;4": 17}
    for tile in image.tile:
        mode = tile[3] if isinstance(tile[3], str) else next(iter(tile[3] or ()), "")
        if mode in packed:
            return packed[mode]
    return 1


def stored_orientation(image: Image.Image) -> int:
    """Return the orientation, 1..8 as EXIF counts, in which the pixels of a loaded image lie."""
    return facts_of_image(image).orientation


def facts_of_image(image: Image.Image) -> Facts:
    """Return what a loaded image says; its `info` is from its file or its owner."""
    from PIL import JpegImagePlugin, TiffImagePlugin

    info = image.info
    names: tuple[str, ...] = (*RAW_PROFILES, XMP_KEYWORD)
    texts = {name: _bytes(info[name]) for name in names if name in info}
    block, turned = _bytes(info.get("exif")), isinstance(image, TiffImagePlugin.TiffImageFile)
    # Pillow turns a TIFF while loading; `mattekit.codecs.coders.tiff` reads its tags.
    if not block and not turned and (exif := image.getexif()):
        block = exif.tobytes()
    dpi = dpi_of(info.get("dpi"))
    if isinstance(image, JpegImagePlugin.JpegImageFile) and info.get("jfif_unit") not in {1, 2}:
        dpi = None  # Pillow took it from EXIF, the horizontal one for both, or made it up
    facts = facts_of([block], _bytes(info.get("xmp")), dpi=dpi, texts=texts)
    return facts._replace(orientation=1) if turned else facts


def _bytes(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return value if isinstance(value, bytes) else b""


def _planes(
    image: Image.Image, profile: bytes | None, source: str
) -> tuple[Pixels, Pixels | None, bytes | None]:
    """Return colour, alpha, and the RGB profile that the colour is in."""
    mode = image.mode
    if mode == "F":
        raise InvalidFileType(
            source, "a picture of floating-point numbers", "8 or 16 bits per channel: save it so"
        )
    if mode.startswith("I"):
        samples = _sixteen(image, source)
        level = image.info.get("transparency")
        alpha: Pixels | None = None
        if mode == "I;16" and isinstance(level, int):
            alpha = np.where(samples == level, 0, 65535).astype(np.uint16)
        color, profile = to_rgb(samples, "gray", profile)
        return color, alpha, profile
    transparent = mode in {"1", "L", "P", "RGB"} and "transparency" in image.info
    if transparent or mode in {"PA", "RGBa"} or (mode == "P" and _palette_alpha(image)):
        # Grey stays grey, for its profile.
        image = image.convert("LA" if mode in {"1", "L"} else "RGBA")
    elif mode == "La":
        image = image.convert("LA")
    elif mode == "1":
        image = image.convert("L")
    alpha = array(image.getchannel("A")) if image.mode in {"RGBA", "LA"} else None
    if image.mode in {"L", "LA"}:
        plain = image if image.mode == "L" else image.getchannel("L")
        color, profile = to_rgb(array(plain), "gray", profile)
    elif image.mode == "CMYK":
        color, profile = to_rgb(array(image), "cmyk", profile)
    elif image.mode == "LAB":
        color, profile = to_rgb(lab_from_cielab(array(image)), "lab", None)
    else:
        color, profile = to_rgb(array(image.convert("RGB")), "rgb", profile)
    return color, alpha, profile


def _palette_alpha(image: Image.Image) -> bool:
    return image.palette is not None and image.palette.mode.endswith("A")


def _sixteen(image: Image.Image, source: str) -> NDArray[np.uint16]:
    """Return 16-bit samples of a mode of integers; wider ones are brought to that range."""
    samples: NDArray[Any] = np.asarray(image)
    tags = _tiff_tags(image)
    if tags.get(_SAMPLE_FORMAT, (1,))[0] == _SIGNED:
        raise InvalidFileType(source, "a picture of signed integers", _DEPTHS)
    if samples.dtype.itemsize > 2 and tags.get(_BITS) == (32,):
        samples = samples.view(np.uint32) >> 16  # Pillow takes them for signed
    elif samples.dtype.itemsize > 2:
        if samples.size and int(samples.max()) > 65535:
            samples = samples >> 15  # Pillow's I is signed
        samples = np.clip(samples, 0, 65535)
    result = samples.astype(np.uint16)
    # Pillow inverts what is white at zero up to eight bits only.
    return ~result if tags.get(_PHOTOMETRIC) == _WHITE_IS_ZERO else result


def _tiff_tags(image: Image.Image) -> dict[int, Any]:
    """Return the tags of an image that was opened from a TIFF file, else none."""
    from PIL import TiffImagePlugin

    return dict(image.tag_v2) if isinstance(image, TiffImagePlugin.TiffImageFile) else {}


def array(image: Image.Image) -> NDArray[np.uint8]:
    """Return the pixels as a new array, without a second whole copy on the way."""
    width, height = image.size
    bands = len(image.getbands())
    result = np.empty((height, width) if bands == 1 else (height, width, bands), np.uint8)
    for top in range(0, height, _ROWS):
        bottom = min(height, top + _ROWS)
        result[top:bottom] = np.asarray(image.crop((0, top, width, bottom)))
    return result


def info_of(metadata: Metadata) -> dict[str, Any]:
    """Return metadata in Pillow's words."""
    info: dict[str, Any] = {}
    if metadata.icc_profile is not None:
        info["icc_profile"] = metadata.icc_profile
    if metadata.dpi is not None:
        info["dpi"] = metadata.dpi
    if metadata.exif is not None:
        info["exif"] = EXIF_PREFIX + metadata.exif
    return info


def size(data: bytes, source: str, kind: str, only: tuple[str, ...] = ()) -> Size:
    """Return the size of a picture that Pillow knows; raises as `identify`."""
    return Size(*identify(data, source, kind, only).size)


def read(data: bytes, source: str, check: Check, kind: str) -> Photo:
    """Return a picture of a kind that Pillow alone reads; raises as `identify`."""
    image = identify(data, source, kind)
    check(*image.size)
    return photo_from(image, source)
