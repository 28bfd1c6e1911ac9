"""The same picture, every way in: the same cut-out, or the same refusal."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import imagecodecs
import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

import mattekit
import support.codecs as make
from mattekit.errors import InputError
from mattekit.imaging.samples import eight_bits
from mattekit.runtime import Runtime
from mattekit_bridge import netpbm, tiff
from mattekit_imageio.plugin import MattekitPlugin
from mattekit_server.application import create_app
from mattekit_server.settings import Settings
from support.helpers import disc
from support.red_network import runtime
from support.server.pictures import TestClient
from support.tiers import slow, spread

__all__ = ["runtime"]

HEIGHT, WIDTH = 48, 64
SCENE = disc(HEIGHT, WIDTH, softness=1).image
# Noise, so that it is a photograph, and a corner, so that it has no symmetry.
SCENE = np.clip(
    SCENE.astype(int) + np.random.default_rng(2).integers(-9, 10, SCENE.shape), 0, 255
).astype(np.uint8)
SCENE[:6, :9] = (20, 90, 130)
DEEP = SCENE.astype(np.uint16) * 257 + np.random.default_rng(3).integers(-99, 99, SCENE.shape) * (
    (SCENE > 0) & (SCENE < 255)
)
DEEP = DEEP.astype(np.uint16)
IMAGE = Image.fromarray(SCENE)
#: Display P3, near enough: colours of its own for which the network must not be fooled.
P3 = imagecodecs.cms_profile(
    "rgb",
    whitepoint=(0.3127, 0.329, 1.0),
    primaries=(0.68, 0.32, 1.0, 0.265, 0.69, 1.0, 0.15, 0.06, 1.0),
    gamma=2.2,
)


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x112] = orientation
    return block.tobytes()


def deep_png(orientation: int, profile: bytes | None) -> bytes:
    import zlib

    extra = [(b"eXIf", exif(orientation)[6:])]
    if profile:
        extra.append((b"iCCP", b"p\0\0" + zlib.compress(profile)))
    return make.png(DEEP, *extra)


def deep_tiff(orientation: int, profile: bytes | None) -> bytes:
    return make.tiff(
        DEEP,
        photometric="rgb",
        compression="zlib",
        iccprofile=profile,
        extratags=[(274, 3, 1, orientation, True)],
    )


def table() -> Iterator[tuple[str, bytes]]:
    for orientation in (1, 3, 6):
        for profile in (None, P3):
            what = f"{orientation}{' P3' if profile else ''}"
            how: dict[str, Any] = {"icc_profile": profile} if profile else {}
            turned = {**how, "exif": exif(orientation)}
            yield f"jpeg {what}", make.saved(IMAGE, "JPEG", quality=95, **turned)
            yield f"png {what}", make.saved(IMAGE, "PNG", **turned)
            yield f"webp {what}", make.saved(IMAGE, "WEBP", lossless=True, **turned)
            yield f"tiff {what}", make.saved(IMAGE, "TIFF", compression="tiff_lzw", **turned)
            yield f"png16 {what}", deep_png(orientation, profile)
            yield f"tiff16 {what}", deep_tiff(orientation, profile)
    yield "progressive", make.saved(IMAGE, "JPEG", progressive=True)
    yield "cmyk", make.saved(IMAGE.convert("CMYK"), "JPEG", quality=95)
    yield "jpeg without end", make.saved(IMAGE, "JPEG")[:-2] + bytes(99)
    yield "png without end", make.saved(IMAGE, "PNG")[:-12]
    yield "rgba", make.saved(Image.fromarray(with_alpha(SCENE)), "PNG")
    yield "rgba16", make.png(with_alpha(DEEP))
    yield "palette", make.saved(IMAGE.quantize(64), "PNG")
    for kind in ("BMP", "PPM", "QOI", "TGA", "AVIF", "JPEG2000"):
        yield kind.lower(), make.saved(IMAGE, kind)
    yield "gif", make.saved(IMAGE.quantize(64), "GIF")
    yield "avif12", imagecodecs.avif_encode(DEEP >> 4, bitspersample=12, level=95)
    yield "jp2 16", imagecodecs.jpeg2k_encode(DEEP, codecformat="jp2", level=0)
    yield "jxl", imagecodecs.jpegxl_encode(SCENE, lossless=True)
    yield "jxl 16", imagecodecs.jpegxl_encode(DEEP, lossless=True)
    yield "jxr 16", imagecodecs.jpegxr_encode(DEEP, level=100)
    # What is refused:
    yield "text", b"no picture at all\n"
    yield "empty", b""
    yield "heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(400)
    yield "half a jpeg", make.saved(IMAGE, "JPEG")[:-900] + b"\xff\xd9"
    yield "half a png", make.saved(IMAGE, "PNG")[:-900]
    yield "half a webp", make.saved(IMAGE, "WEBP")[:-300]


def with_alpha(samples: np.ndarray) -> np.ndarray:
    alpha = np.full(samples.shape[:2], np.iinfo(samples.dtype).max, samples.dtype)
    alpha[:, -9:] //= 3
    return np.dstack([samples, alpha])


TABLE = dict(table())
#: What Pillow has no mode for is read by it at 8 bits, and these it does not open.
AT_EIGHT = ("png16", "rgba16", "avif12", "jp2 16")
NOT_OF_PILLOW = ("jxl", "jxr", "heic", "tiff16", "text", "empty", "half", "without end")
SLOW = (" 3", " 3 P3", " 1 P3", " 6", "bmp", "qoi", "jxl", "gif", "progressive", "ppm")
HTTP = ("jpeg ", "png", "webp", "progressive", "cmyk", "rgba", "palette", "half")


def rows(*without: str, only: tuple[str, ...] = ()) -> list[Any]:
    """The table; what differs from other rows only in what does not meet is for the slow tier."""
    names = [name for name in sorted(TABLE) if not any(each in name for each in without)]
    names = [name for name in names if not only or name.startswith(only)]
    return spread([n for n in names if not n.endswith(SLOW)], 4) + [
        slow(n) for n in names if n.endswith(SLOW)
    ]


class Answer(NamedTuple):
    """RGBA, or the error, without what the way calls the picture."""

    rgba: np.ndarray | None
    refusal: str = ""


def answered(source: Any) -> Answer:
    try:
        return Answer(mattekit.remove_background(source).rgba())
    except InputError as error:
        return Answer(None, f"{type(error).__name__}: {str(error).partition(': ')[2]}")


@pytest.fixture
def client(runtime: Runtime) -> Iterator[TestClient]:
    app = create_app(Settings(auth=False, rate_limit=5000), runtime)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


@pytest.fixture
def worker(runtime: Runtime) -> Iterator[TestClient]:
    """What the plug-ins of GIMP and Krita speak with."""
    app = create_app(Settings(auth=False, rate_limit=5000, local=True), runtime)
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield client


def same(one: Answer, other: Answer, tolerance: int = 0) -> bool:
    if one.rgba is None or other.rgba is None:
        return one.rgba is other.rgba and one.refusal == other.refusal
    if one.rgba.shape != other.rgba.shape or one.rgba.dtype != other.rgba.dtype:
        return False
    return int(np.abs(one.rgba.astype(int) - other.rgba).max()) <= tolerance


@pytest.mark.parametrize("name", rows())
def test_every_way_in_the_library(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    data = TABLE[name]
    path = tmp_path / "picture.bin"
    path.write_bytes(data)
    expected = answered(path)
    if "16" in name or "12" in name:
        assert expected.rgba is not None
        assert expected.rgba.dtype == np.uint16
    for way in (str(path), data, bytearray(data), memoryview(data), io.BytesIO(data)):
        assert same(answered(way), expected), type(way)
    with path.open("rb") as file:
        assert same(answered(file), expected)
    if expected.rgba is None:
        with pytest.raises((InputError, OSError)):
            iio.imread(data, plugin=MattekitPlugin)
        return
    read = iio.imread(data, plugin=MattekitPlugin)
    assert same(Answer(read), expected)
    photo = mattekit.codecs.decode(path)
    plain = photo.color if photo.alpha is None else np.dstack([photo.color, photo.alpha])
    if photo.metadata.icc_profile is None:  # an array has none
        assert same(answered(plain), expected)


@pytest.mark.parametrize("name", rows(*NOT_OF_PILLOW))
def test_pillow_images(name: str) -> None:
    expected = answered(TABLE[name])
    with Image.open(io.BytesIO(TABLE[name])) as image:
        given = answered(image)
        image.load()
        assert same(answered(image), given)
        if name.startswith(AT_EIGHT):
            whole, plain = mattekit.codecs.decode(TABLE[name]), mattekit.codecs.decode(image)
            difference = np.abs(plain.color.astype(int) - eight_bits(whole.color))
            assert difference.max() <= (6 if name.startswith("avif") else 1)
            return
    assert same(given, expected, tolerance=1)


@pytest.mark.parametrize("name", rows(only=HTTP))
def test_http(name: str, client: TestClient) -> None:
    expected = answered(TABLE[name])
    form = {"format": "png", "size": "auto"}
    files = {"image_file": ("picture.bin", TABLE[name])}
    answer = client.post("/v1.0/removebg", data=form, files=files)
    if expected.rgba is None:
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["code"] in {"invalid_file_type", "failed_to_read_image"}
        return
    assert answer.status_code == 200, answer.text
    given = mattekit.codecs.decode(answer.content)
    alpha = given.alpha
    assert alpha is not None
    assert given.color.shape == expected.rgba[..., :3].shape
    wanted = eight_bits(expected.rgba) if given.color.dtype == np.uint8 else expected.rgba
    assert np.abs(alpha.astype(int) - wanted[..., 3]).max() <= 1
    seen = np.abs(given.color.astype(int) - wanted[..., :3])[alpha > 0]
    assert seen.max() <= (0 if wanted is expected.rgba else 1)


@pytest.mark.parametrize("name", rows("half", "empty", "text", "heic"))
def test_editors(name: str, worker: TestClient) -> None:
    """GIMP and Krita open the file themselves, upright, and send samples and profile."""
    photo = mattekit.codecs.decode(TABLE[name])
    samples = photo.color if photo.alpha is None else np.dstack([photo.color, photo.alpha])
    big = samples.astype(samples.dtype.newbyteorder(">")).tobytes()
    top = int(np.iinfo(samples.dtype).max)
    picture = netpbm.Picture(
        samples.shape[1],
        samples.shape[0],
        samples.shape[2],
        top,
        big,
        photo.metadata.icc_profile or b"",
    )
    head = tiff.header(picture) if picture.profile else netpbm.header(picture)
    files = {"image_file": ("picture", head + big)}
    answer = worker.post("/v1.0/removebg", data={"format": "pam"}, files=files)
    assert answer.status_code == 200, answer.text
    result = netpbm.read(answer.content)
    kind = np.uint8 if result.maximum == 255 else ">u2"
    rgba = np.frombuffer(result.samples, kind).reshape(result.height, result.width, -1)
    expected = answered(TABLE[name]).rgba
    assert expected is not None
    assert result.maximum == np.iinfo(expected.dtype).max
    assert np.abs(rgba[..., -1].astype(int) - expected[..., -1]).max() <= result.maximum // 255
    shown = expected[..., 3] > 0
    assert (
        np.abs(rgba[..., :3].astype(int) - expected[..., :3])[shown].max() <= result.maximum // 255
    )
