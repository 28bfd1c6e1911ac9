"""The remove.bg API, row by row: what a client sends, and what must come back.

Each row is a line of the API's documents, or of recorded real answers. Rows say what is sent besides
a picture of 100 × 80 and what the answer must have; the network is one that finds what is redder than
blue, a disc. Rates, fetching and clients have tests of their own; here they are only met.
"""

# ruff: noqa: E501 - a table of lines

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest
from PIL import Image, ImageCms

from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, OutputSpec
from mattekit.runtime import FakeSession, Runtime
from mattekit_server.application import create_app
from mattekit_server.keys import KeyStore
from mattekit_server.settings import Settings
from support.server.pictures import TestClient, blank, opened, picture
from support.tiers import spread

URL = "/v1.0/removebg"
PLAIN = picture(100, 80)


def with_window() -> bytes:
    """A disc of 240 × 180 with a pane in it through which the background is seen."""
    pixels = np.array(opened(picture(240, 180)))
    front, back = pixels[90, 120].astype(float), pixels[5, 5].astype(float)
    pixels[75:105, 95:145] = (0.55 * front + 0.45 * back).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def network(batch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    alpha = np.clip((batch[:, :1] - batch[:, 2:3]) * 4 + 0.5, 0, 1).astype(np.float32)
    return alpha, np.tile(np.float32([0.02, 0.95, 0.03]), (len(batch), 1))


@pytest.fixture(scope="module")
def huge() -> bytes:
    return picture(5184, 3456, "JPEG", quality=50)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, str]]:
    """A client of a server with keys, and a key."""
    folder = tmp_path_factory.mktemp("contract")
    keys = KeyStore(folder / "keys.sqlite3")
    key = keys.create("contract", credits=10_000, free_calls=0)
    card = ModelCard(
        "fake",
        input=InputSpec(size=Size(64, 64)),
        output=OutputSpec(kinds=1, kind_names=("person", "car", "other")),
    )
    with Runtime() as runtime:
        runtime.use("auto", FakeSession(network, card))
        settings = Settings(
            database=folder / "keys.sqlite3",
            rate_limit=100_000,
            improve_folder=folder / "improve",
            size="",
        )
        app = create_app(settings, runtime)
        with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            yield client, key
    keys.close()


class Row(NamedTuple):
    """What is sent, and what comes back."""

    name: str
    fields: dict[str, Any] = {}  # noqa: RUF012 - a NamedTuple's default is not shared for writing
    status: int = 200
    code: str = ""
    title: str = ""
    detail: str = ""
    size: tuple[int, int] | None = None
    type: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012
    check: Callable[[Any], bool] | None = None
    file: bytes | None = PLAIN
    send: dict[str, str] = {}  # noqa: RUF012 - headers


def invalid(name: str, value: str, **more: Any) -> Row:
    title = f"Invalid {name} parameter given"
    if name in {"size", "channels"}:
        title = f"Invalid value for parameter '{name}'"
    return Row(f"{name}={value}", {name: value, **more}, 400, f"invalid_{name}", title)


def image(answer: Any) -> Image.Image:
    return opened(answer.content)


def mode(expected: str) -> Callable[[Any], bool]:
    return lambda answer: image(answer).mode == expected


def pixel(x: int, y: int, *expected: int) -> Callable[[Any], bool]:
    return lambda answer: image(answer).getpixel((x, y)) == expected


def entries(answer: Any) -> bool:
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    stored = {item.compress_type for item in archive.infolist()} == {zipfile.ZIP_STORED}
    return archive.namelist() == ["color.jpg", "alpha.png"] and stored


def window(answer: Any) -> tuple[int, int]:
    """Return the least and the largest alpha in the pane of `with_window`."""
    low, high = image(answer).getchannel("A").crop((102, 82, 138, 98)).getextrema()
    return int(low), int(high)


def visible(answer: Any) -> tuple[int, int, int, int]:
    box = image(answer).getchannel("A").point(lambda level: 255 if level > 127 else 0).getbbox()
    assert box is not None
    return box


def farthest(answer: Any) -> int:
    """Return how far an opaque pixel is from the picture that was sent."""
    result = np.array(image(answer)).astype(int)
    opaque = result[..., 3] == 255
    assert opaque.sum() > 500
    return int(np.abs(result[..., :3] - np.array(opened(PLAIN)))[opaque].max())


def shaded(answer: Any) -> int:
    """Return how many pixels are a shadow's: black, and seen through."""
    result = np.array(image(answer))
    return int(
        ((result[..., :3].max(2) < 8) & (result[..., 3] > 12) & (result[..., 3] < 243)).sum()
    )


def colors(answer: Any) -> float:
    """Return how far the JPEG of a ZIP is from the picture that was sent, beyond its subject's rim."""
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        data = archive.read("color.jpg")
    kept = opened(data)
    assert (kept.mode, kept.format, kept.info.get("progressive")) == ("RGB", "JPEG", None)
    far = np.abs(np.array(kept).astype(int) - np.array(opened(WIDE)))
    return float(np.concatenate([far[:, :100], far[:, -100:]]).mean())


def profile(answer: Any) -> bool:
    return bool(image(answer).info.get("icc_profile") == ICC)


ICC = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
WIDE = picture(640, 240)
PROFILED = picture(100, 80, icc_profile=ICC)
PNG, JPEG, WEBP, ZIP = "image/png", "image/jpeg", "image/webp", "application/zip"
WINDOW = with_window()
LARGE = picture(2400, 1600, "JPEG", quality=70)
NO_SOURCE = (
    "Please provide the source image in the image_url, image_file or image_file_b64 parameter."
)
SOURCES = (
    "Multiple image sources given: Please provide either the image_url, image_file or "
    "image_file_b64 parameter."
)
BACKGROUNDS = (
    "Multiple background sources given: Please provide either the bg_color, the bg_image_url or "
    "the bg_image_file parameter."
)
UNKNOWN = (
    "Could not identify foreground in image. For details and recommendations see "
    "https://www.remove.bg/supported-images."
)
UNREADABLE = "There was an error reading the image."
B64 = base64.b64encode(PLAIN).decode()

ROWS = [
    # -- 1: who calls ---------------------------------------------------------------------------
    Row("no key", status=403, title="Missing API Key", send={"X-API-Key": ""}),
    Row("a wrong key", status=403, code="auth_failed", title="API Key invalid", send={"X-API-Key": "x"}),
    Row("a field api_key beside the header", {"api_key": "x", "whatever": "1"}),
    Row("any origin", headers={"access-control-allow-origin": "*"}),
    Row("any origin, errors too", {"size": "x"}, 400, headers={"access-control-allow-origin": "*"}),
    # -- 2: the picture -------------------------------------------------------------------------
    Row("nothing", file=None, status=400, code="missing_source", title="No image given", detail=NO_SOURCE),
    Row("all sources empty", {"image_url": "", "image_file_b64": ""}, 400, "missing_source", file=b""),
    Row("an empty URL beside a file", {"image_url": ""}),
    Row("two sources", {"image_file_b64": B64}, 400, "multiple_sources", SOURCES),
    Row("a URL and a file", {"image_url": "http://a.example/"}, 400, "multiple_sources", SOURCES),
    Row("base64", {"image_file_b64": B64}, file=None),
    Row("base64 with data:", {"image_file_b64": f"data:image/png;base64,{B64}"}, file=None),
    Row("base64 with lost +", {"image_file_b64": B64.replace("+", " ")}, file=None),
    Row("no base64", {"image_file_b64": "!"}, 400, "failed_to_read_image", UNREADABLE, file=None),
    *[
        Row(f"image_url={url}", {"image_url": url}, 400, "invalid_image_url",
            "Invalid image_url: Please provide a valid URL.", file=None)
        for url in ("x", "ftp://a.example/", "//a.example", "http://", "file:///etc/passwd")
    ],
    *[Row(f"{kind} in", file=picture(100, 80, kind)) for kind in ("PNG", "JPEG", "WEBP")],
    Row("GIF in", file=picture(100, 80, "GIF"), status=400, code="invalid_file_type",
        title="Invalid file type", detail="Expected jpg/png, received gif"),
    Row("text in", file=b"hello", status=400, code="invalid_file_type", title="Invalid file type"),
    Row("half a picture", file=PLAIN[: len(PLAIN) // 2], status=400, code="failed_to_read_image",
        title=UNREADABLE),
    Row("13 MB", file=PLAIN + bytes(13 * 2**20), status=400, code="file_too_large",
        title="File too large", detail="File exceeds limit of 12MB"),
    Row("60 megapixels", file=blank(10_000, 6_000), status=400, code="resolution_too_high",
        title="Image resolution too high", detail="Input image has 60 megapixels, maximum "
        "supported input resolution is 50 megapixels"),
    Row("no subject", file=blank(), status=400, code="unknown_foreground", title=UNKNOWN),
    # -- 3: size --------------------------------------------------------------------------------
    Row("the default is a preview", file=LARGE, size=(612, 408),
        headers={"x-max-width": "2400", "x-max-height": "1600", "x-credits-charged": "0.25"}),
    *[
        Row(f"size={name}", {"size": name}, file=LARGE, size=size,
            headers={"x-credits-charged": price})
        for name, size, price in (
            ("preview", (612, 408), "0.25"), ("small", (612, 408), "0.25"),
            ("regular", (612, 408), "0.25"), ("medium", (1500, 1000), "1"),
            ("hd", (2400, 1600), "1"), ("full", (2400, 1600), "1"), ("4k", (2400, 1600), "1"),
            ("auto", (2400, 1600), "1"), ("50MP", (2400, 1600), "1"),
        )
    ],
    Row("never larger than the picture", {"size": "full"}, size=(100, 80)),
    Row("size=auto of a small picture", {"size": "auto"}, headers={"x-credits-charged": "0.25"}),
    invalid("size", "huge"),
    invalid("size", "original"),
    # -- 3: type --------------------------------------------------------------------------------
    *[Row(f"type={kind}", {"type": kind}, headers={"x-type": kind}) for kind in ("car",)],
    Row("type=auto", {"type": "auto"}, headers={"x-type": "car"}),
    *[
        Row(f"type={kind}", {"type": kind})
        for kind in ("product", "other", "transportation", "graphic", "animal")
    ],
    Row("type=person of a car", {"type": "person"}, 400, "unknown_foreground", UNKNOWN),
    invalid("type", "unicorn"),
    Row("type_level=none", {"type_level": "none"}, check=lambda a: "x-type" not in a.headers),
    *[
        Row(f"type_level={level}", {"type_level": level}, headers={"x-type": "car"})
        for level in ("1", "2", "latest")
    ],
    Row("type_level=1 of a graphic", {"type_level": "1", "type": "graphic"},
        headers={"x-type": "other"}),
    Row("type_level=2 of a graphic", {"type_level": "2", "type": "graphic"},
        headers={"x-type": "graphics"}),
    invalid("type_level", "3"),
    # -- 3: format and channels -----------------------------------------------------------------
    Row("format=auto", {"format": "auto"}, type=PNG, check=mode("RGBA")),
    Row("format=png", {"format": "png"}, type=PNG, check=mode("RGBA")),
    Row("format=jpg", {"format": "jpg"}, type=JPEG, check=lambda a: min(image(a).getpixel((2, 2))) > 250),
    Row("format=webp", {"format": "webp"}, type=WEBP),
    Row("format=zip", {"format": "zip"}, type=ZIP, check=entries),
    Row("format=zip and channels=alpha", {"format": "zip", "channels": "alpha"}, type=ZIP, check=entries),
    Row("auto on an opaque colour", {"bg_color": "ffff00ff"}, type=JPEG, check=mode("RGB")),
    Row("auto on a half transparent one", {"bg_color": "81d4fa77"}, type=PNG,
        check=pixel(1, 1, 129, 212, 250, 119)),
    Row("auto on another", {"bg_color": "c57f4980"}, type=PNG, check=pixel(1, 1, 197, 127, 73, 128)),
    Row("auto on a fully transparent one", {"bg_color": "00000000"}, type=PNG, check=pixel(1, 1, 0, 0, 0, 0)),
    Row("auto with channels=alpha", {"channels": "alpha"}, type=JPEG, check=mode("L")),
    Row("png with channels=alpha", {"channels": "alpha", "format": "png"}, type=PNG, check=mode("L")),
    Row("alpha and no colour", {"channels": "alpha", "bg_color": "00000000"}, type=JPEG, check=mode("L")),
    Row("black where nothing is", {"format": "png"}, check=pixel(0, 0, 0, 0, 0, 0)),
    *[invalid("format", word) for word in ("gif", "tiff", "psd")],
    invalid("channels", "rgb"),
    # -- 3: roi ---------------------------------------------------------------------------------
    *[
        Row(f"roi={roi}", {"roi": roi}, size=(100, 80))
        for roi in ("0% 0% 100% 100%", "0 0 100% 100%", "10px 10px 90px 70px", "10% 0px 100px 80px")
    ],
    Row("outside the roi is background", {"roi": "0% 0% 50% 100%"}, check=lambda a: visible(a)[2] <= 50),
    Row("roi beyond the picture", {"roi": "0px 0px 101px 80px"}, 400, "roi_exceeds_bounds",
        "ROI exceeds image bounds", "The given roi parameter defines a region that exceeds the "
        "image bounds"),
    Row("an empty roi", {"roi": "50% 0% 50% 100%"}, 400, "roi_region_empty", "ROI region is empty",
        "The given roi parameter defines an empty region"),
    *[invalid("roi", roi) for roi in ("1 2 3 4", "10px 10px 90px", "a b c d", "-1px 0 9px 9px x")],
    # -- 3: crop, scale, position ---------------------------------------------------------------
    *[
        Row(f"crop={word}", {"crop": word}, check=lambda a: image(a).size < (100, 80))
        for word in ("true", "1", "True", "yes")
    ],
    *[Row(f"crop={word}", {"crop": word}, size=(100, 80)) for word in ("false", "0", "")],
    Row("a margin without crop", {"crop_margin": "10px"}, size=(100, 80)),
    *[
        Row(f"crop_margin={margin}", {"crop": "true", "crop_margin": margin})
        for margin in ("0", "5px", "10%", "5px 10%", "1px 2px 3px 4px", "50%", "500px")
    ],
    *[invalid("crop_margin", word, crop="true") for word in ("5", "x", "1px 2px 3px", "-5px")],
    *[
        Row(f"scale={scale}", {"scale": scale}, size=(100, 80))
        for scale in ("original", "10%", "55%", "100%")
    ],
    Row("scale centres", {"scale": "50%"}, check=lambda a: abs(sum(visible(a)[::2]) - 100) <= 2),
    *[invalid("scale", word) for word in ("9%", "101%", "half")],
    *[
        Row(f"position={position}", {"position": position}, size=(100, 80))
        for position in ("original", "center", "0%", "100%", "0% 100%", "33.5% 66%")
    ],
    Row("position=0%", {"position": "0%", "scale": "30%"}, check=lambda a: max(visible(a)[:2]) <= 1),
    Row("position=100%", {"position": "100%", "scale": "30%"},
        check=lambda a: visible(a)[2] >= 99 and visible(a)[3] >= 79),
    *[invalid("position", word) for word in ("101%", "left", "1% 2% 3%", "-1%")],
    # -- 3: shadows and semitransparency --------------------------------------------------------
    *[Row(f"add_shadow={word}", {"add_shadow": word}) for word in ("true", "false", "1")],
    invalid("add_shadow", "perhaps"),
    Row("a car has one", {"type": "car", "add_shadow": "true"}, file=WIDE, check=lambda a: shaded(a) > 200),
    Row("no other kind has", {"type": "product", "add_shadow": "true"}, file=WIDE, check=lambda a: shaded(a) == 0),
    Row("a car has none unasked", {"type": "car"}, file=WIDE, check=lambda a: shaded(a) == 0),
    *[
        Row(f"shadow_type={word}", {"shadow_type": word})
        for word in ("none", "auto", "car", "3D", "drop")
    ],
    Row("shadow_type[car]", {"shadow_type[car]": "drop", "shadow_type[person]": "none"}),
    *[Row(f"shadow_opacity={word}", {"shadow_type": "auto", "shadow_opacity": word})
      for word in ("auto", "0", "100", "33")],
    Row("shadow_opacity[car]", {"shadow_type": "auto", "shadow_opacity[car]": "20"}),
    invalid("shadow_type", "long"),
    invalid("shadow_opacity", "101"),
    Row("shadow_method is of 2021", {"shadow_method": "legacy"}),
    *[Row(f"semitransparency={word}", {"semitransparency": word}) for word in ("true", "false")],
    Row("windows", {"size": "full"}, file=WINDOW, headers={"x-type": "car"}, check=lambda a: window(a)[1] < 240),
    Row("car windows without semitransparency", {"size": "full", "semitransparency": "false"},
        file=WINDOW, check=lambda a: window(a) == (255, 255)),
    Row("others are unaffected", {"size": "full", "semitransparency": "false", "type": "product"},
        file=WINDOW, headers={"x-type": "product"}, check=lambda a: window(a)[1] < 240),
    invalid("semitransparency", "half"),
    # -- 3: backgrounds -------------------------------------------------------------------------
    *[
        Row(f"bg_color={color}", {"bg_color": color, "format": "png"}, check=pixel(1, 1, *pixels))
        for color, pixels in (
            ("fff", (255, 255, 255)), ("81d4fa", (129, 212, 250)), ("#81d4fa", (129, 212, 250)),
            ("green", (0, 128, 0)), ("f008", (255, 0, 0, 136)), ("81d4fa77", (129, 212, 250, 119)),
        )
    ],
    *[invalid("bg_color", word) for word in ("12345", "ggg", "nocolour")],
    Row("two backgrounds", {"bg_color": "red", "bg_image_url": "http://a.example/"}, 400,
        "multiple_bg_sources", BACKGROUNDS),
    Row("no URL of a background", {"bg_image_url": "x"}, 400, "invalid_bg_image_url",
        "Invalid bg_image_url: Please provide a valid URL."),
    Row("a background's host that is not public", {"bg_image_url": "http://127.0.0.1/"}, 400,
        "failed_bg_download"),
    Row("a picture's host that is not public", {"image_url": "http://127.0.0.1/"}, 400,
        "failed_image_download", file=None),
    # -- 4: the answer --------------------------------------------------------------------------
    Row("X-Width and X-Height", headers={"x-width": "100", "x-height": "80"}),
    Row("the foreground's box", check=lambda a: all(
        a.headers[f"x-foreground-{name}"].isdecimal() for name in ("top", "left", "width", "height"))),
    Row("Accept: */*", send={"Accept": "*/*"}, type=PNG),
    Row("Accept: image/png", send={"Accept": "image/png"}, type=PNG),
    Row("no Accept", send={"Accept": ""}, type=PNG),
    Row("Accept: application/json", send={"Accept": "application/json"},
        type="application/json; charset=utf-8",
        check=lambda a: base64.b64decode(a.json()["data"]["result_b64"])[:4] == b"\x89PNG"
        and {"foreground_top", "foreground_left", "foreground_width", "foreground_height"}
        < set(a.json()["data"]) and a.headers["x-width"] == "100"),
    Row("errors are JSON whatever Accept says", {"size": "x"}, 400, send={"Accept": "image/png"},
        type="application/json; charset=utf-8"),
    Row("errors are not charged", {"size": "x"}, 400,
        check=lambda a: "x-credits-charged" not in a.headers and "x-ratelimit-limit" not in a.headers),
    Row("rate headers", headers={"x-ratelimit-limit": "100000"},
        check=lambda a: a.headers["x-ratelimit-reset"].isdecimal()),
    Row("X-Max of a small size", {"size": "small"}, headers={"x-max-width": "100", "x-max-height": "80"}),
    # -- 3.1: measured on recorded answers ------------------------------------------------------
    Row("a JPEG on a colour", {"format": "jpg", "bg_color": "00f"}, type=JPEG,
        check=lambda a: mode("RGB")(a) and image(a).getpixel((2, 2))[2] > 250),
    Row("opaque pixels are the picture's", {"format": "png"}, check=lambda a: farthest(a) <= 1),
    Row("a ZIP keeps the background's colours", {"format": "zip", "size": "full"}, file=WIDE,
        check=lambda a: colors(a) <= 2),
    Row("a profile is kept", {"format": "png"}, file=PROFILED, check=profile),
    Row("a profile is kept in a JPEG", {"format": "jpg"}, file=PROFILED, check=profile),
    Row("a mask has no profile", {"channels": "alpha", "format": "png"}, file=PROFILED,
        check=lambda a: not profile(a)),
    Row("Node's command sends every field", dict.fromkeys(("type_level", "roi", "crop", "crop_margin", "scale", "position", "add_shadow", "semitransparency", "bg_color"), "")),
]  # fmt: skip


def examine(row: Row, answer: Any) -> None:
    assert answer.status_code == row.status, answer.text[:300]
    if row.status != 200:
        (error,) = answer.json()["errors"]
        assert next(iter(error)) == "title"  # some clients print the values in their order
        for name in ("code", "title", "detail"):
            if getattr(row, name):
                assert error[name] == getattr(row, name)
    if row.type:
        assert answer.headers["content-type"] == row.type
    if row.size:
        assert image(answer).size == row.size
        assert (int(answer.headers["x-width"]), int(answer.headers["x-height"])) == row.size
    for name, value in row.headers.items():
        assert answer.headers[name] == value
    assert row.check is None or row.check(answer)


@pytest.mark.parametrize("row", spread(ROWS, 6), ids=lambda row: row.name)
def test_removebg(site: tuple[TestClient, str], row: Row) -> None:
    client, key = site
    files = None if row.file is None else {"image_file": ("x.png", row.file)}
    headers = {"X-API-Key": key, **row.send}
    examine(row, client.post(URL, data=row.fields, files=files, headers=headers))


#: What a picture of 18 megapixels comes to: 10 as PNG, more otherwise; it is never made larger.
CAPS = [
    *[
        Row(f"{size} as {kind}", {"size": size, "format": kind}, size=(5184, 3456), type=media)
        for size in ("full", "4k", "auto", "50MP")
        for kind, media in (("jpg", JPEG), ("webp", WEBP))
    ],
    *[
        Row(f"{size} as PNG", {"size": size, "format": "png"}, size=(3873, 2582),
            headers={"x-max-width": "3873", "x-max-height": "2582", "x-credits-charged": "1"})
        for size in ("full", "4k", "auto", "50MP")
    ],
    Row("hd is 4 megapixels", {"size": "hd", "format": "jpg"}, size=(2449, 1633)),
    Row("medium is 1.5", {"size": "medium", "format": "jpg"}, size=(1500, 1000)),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("row", CAPS, ids=lambda row: row.name)
def test_large_pictures(site: tuple[TestClient, str], row: Row, huge: bytes) -> None:
    client, key = site
    answer = client.post(
        URL, data=row.fields, files={"image_file": huge}, headers={"X-API-Key": key}
    )
    examine(row, answer)


#: Rows whose fields all fit into a flat object.
AS_JSON = [row for row in ROWS if row.file is PLAIN and "image_file_b64" not in row.fields]


@pytest.mark.parametrize("row", spread(AS_JSON[::3], 6), ids=lambda row: row.name)
def test_removebg_in_json(site: tuple[TestClient, str], row: Row) -> None:
    """The same names mean the same in every kind of body."""
    client, key = site
    headers = {"X-API-Key": key, **row.send}
    examine(row, client.post(URL, json={**row.fields, "image_file_b64": B64}, headers=headers))


@pytest.mark.parametrize("row", spread(AS_JSON[1::3], 6), ids=lambda row: row.name)
def test_removebg_in_a_form(site: tuple[TestClient, str], row: Row) -> None:
    client, key = site
    headers = {"X-API-Key": key, **row.send}
    examine(row, client.post(URL, data={**row.fields, "image_file_b64": B64}, headers=headers))


def test_the_order_of_the_headers(site: tuple[TestClient, str]) -> None:
    """As recorded: some clients print them."""
    client, key = site
    answer = client.post(URL, files={"image_file": PLAIN}, headers={"X-API-Key": key})
    names = [name.lower() for name in answer.headers]
    recorded = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-width"]
    recorded += ["x-height", "x-max-width", "x-max-height", "x-type", "x-credits-charged"]
    assert [name for name in names if name in recorded] == recorded


@pytest.mark.parametrize("header", ["X-API-Key", "x-api-key", "X-Api-Key"])
def test_account(site: tuple[TestClient, str], header: str) -> None:
    client, key = site
    answer = client.get("/v1.0/account", headers={header: key})
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    attributes = answer.json()["data"]["attributes"]
    assert list(answer.json()) == ["data"]
    # The gem takes exactly these names.
    assert set(attributes) == {"credits", "api"}
    assert set(attributes["credits"]) == {"total", "subscription", "payg", "enterprise"}
    assert set(attributes["api"]) == {"free_calls", "sizes"}
    assert attributes["api"]["sizes"] == "all"
    assert isinstance(attributes["api"]["free_calls"], int)
    bearer = client.get("/v1.0/account", headers={"Authorization": f"Bearer {key}"})
    assert bearer.status_code == 200
    for wrong, title in (("", "Missing API Key"), ("x", "API Key invalid")):
        answer = client.get("/v1.0/account", headers={"X-API-Key": wrong})
        assert (answer.status_code, answer.json()["errors"][0]["title"]) == (403, title)


def test_improve(site: tuple[TestClient, str]) -> None:
    client, key = site
    headers = {"X-API-Key": key}
    fields = {"image_filename": "a.png", "tag": "hair"}
    files = {"image_file": PLAIN}
    answer = client.post("/v1.0/improve", data=fields, files=files, headers=headers)
    assert answer.status_code == 200
    assert list(answer.json()) == ["id"]
    body = {"image_file_b64": B64}
    assert client.post("/v1.0/improve", json=body, headers=headers).status_code == 200
    for fields, code in (({}, "missing_source"), ({"image_url": "x"}, "invalid_image_url")):
        answer = client.post("/v1.0/improve", data=fields, headers=headers)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)
    answer = client.post("/v1.0/improve", files=files)
    assert (answer.status_code, answer.json()["errors"][0]["title"]) == (403, "Missing API Key")


def test_the_error_of_an_empty_account(site: tuple[TestClient, str]) -> None:
    client, _ = site
    keys = client.app.state.service.keys  # type: ignore[attr-defined]
    headers = {"X-API-Key": keys.create("poor", free_calls=0)}
    answer = client.post(URL, files={"image_file": PLAIN}, headers=headers)
    assert answer.status_code == 402
    assert answer.json() == {
        "errors": [{"title": "Insufficient credits", "code": "insufficient_credits"}]
    }
    assert json.loads(answer.text) == answer.json()


def test_preflight(site: tuple[TestClient, str]) -> None:
    client, _ = site
    for path in (URL, "/v1.0/account", "/v1.0/improve"):
        headers = {
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-api-key,accept",
        }
        answer = client.options(path, headers=headers)
        assert answer.status_code == 204
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "x-api-key" in answer.headers["access-control-allow-headers"].lower()
