"""Every adapter takes the same way: whoever asks, the result is the same to the byte.

The reference is the library with a path. What an adapter cannot hold is left out: Pillow has no
image of 16 bits, an array no profile. In the slow tier with the built-in network on a photograph.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import click.testing
import imagecodecs
import imageio.v3 as iio
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

import mattekit_batch
import mattekit_imageio
from mattekit import codecs, matting, pipeline
from mattekit.codecs.coders import netpbm
from mattekit.cutout import Cutout
from mattekit.editing import Editor
from mattekit.errors import OptionError
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, OutputSpec, Store
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import FakeSession, Runtime
from mattekit_cli.app import cli
from mattekit_cli.remote import fields_of
from mattekit_client import Client
from mattekit_client.remote import RemoteRuntime
from mattekit_pillow import RemoveBackground
from mattekit_server.application import create_app
from mattekit_server.settings import Settings
from support.helpers import ROOT, assert_same_file, srgb
from support.server.carrying import Carrying
from support.server.pictures import TestClient
from support.tiers import tiered

CARD = ModelCard(
    "red",
    input=InputSpec(size=Size(64, 64)),
    output=OutputSpec(kinds=1, kind_names=("person", "car")),
)


class Case(NamedTuple):
    """A picture and what is asked for."""

    picture: str
    options: dict[str, Any]

    @property
    def parsed(self) -> Options:
        return Options(**self.options)


CASES = {
    "nothing": Case("turned.jpg", {}),
    "preview": Case("large.jpg", {"size": "preview"}),
    "preview on its own background": Case("large.jpg", {"size": "preview", "bg_blur": "3%"}),
    "preview in a ZIP": Case("large.jpg", {"size": "preview", "format": "zip"}),
    "preview on a picture": Case("large.jpg", {"size": "preview", "bg_image": "turned.jpg"}),
    "cropped preview": Case(
        "large.jpg", {"size": "preview", "crop": True, "shadow_type": "3D", "refine": "fast"}
    ),
    "crop with a shadow": Case(
        "turned.jpg", {"crop": True, "crop_margin": "5% 3px 0px 9%", "shadow_type": "auto"}
    ),
    "scale and position": Case(
        "turned.jpg", {"scale": "40%", "position": "10% 80%", "add_shadow": True, "bg_blur": "4%"}
    ),
    "JPEG": Case("turned.jpg", {"format": "jpg", "bg_color": "81d4fa", "quality": 80}),
    "16 bits": Case("deep.png", {"crop": True}),
    "matte of a region": Case("turned.jpg", {"channels": "alpha", "roi": "10% 0% 90% 70%"}),
    "profile": Case("profile.png", {"bg_color": "#40801077", "shadow_type": "drop"}),
    "mask": Case("large.jpg", {"mask": "mask.png"}),
    "trimap of a turned picture": Case("turned.jpg", {"mask": "trimap.png", "crop": True}),
    "preview of a mask with hints": Case(
        "large.jpg", {"mask": "mask.png", "size": "preview", "keep": "5% 5%, strokes.png"}
    ),
    "hints": Case("turned.jpg", {"keep": "90% 90%", "remove": "60px 80px, 0px 0px 30px 100%"}),
    "strokes in a corner": Case("deep.png", {"keep": "3px 4px", "remove": "deep-strokes.webp"}),
    "WebP with transparency of its own": Case("layer.png", {"format": "webp", "quality": 70}),
}


def scene(height: int, width: int) -> NDArray[np.uint8]:
    """A red subject with a soft rim, neither centred nor symmetric, on blue and green."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    x, y = x / width, y / height
    body = np.hypot((x - 0.42) / 0.2, (y - 0.5) / 0.33)
    head = np.hypot((x - 0.5) / 0.09, (y - 0.2) / 0.13)
    alpha = np.clip((1 - np.minimum(body, head)) * 12 + 0.5, 0, 1)[..., None]
    front = np.stack([230 + 20 * x, 40 + 60 * y, 30 + 50 * x], -1)
    back = np.stack([60 * y, 60 + 90 * x, 120 + 100 * y], -1)
    return (front * alpha + back * (1 - alpha) + 0.5).astype(np.uint8)


def photograph(height: int, width: int) -> NDArray[np.uint8]:
    """A raccoon."""
    with Image.open(ROOT / "sample_images" / "raccoon.jpg") as image:
        return np.asarray(image.resize((width, height)))


def write_pictures(folder: Path, scene: Callable[[int, int], NDArray[np.uint8]]) -> None:
    turned = Image.fromarray(scene(120, 160)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    turned.save(folder / "turned.jpg", quality=95, exif=exif)
    Image.fromarray(scene(540, 720)).save(folder / "large.jpg", quality=95)
    deep = scene(90, 130).astype(np.uint16) * 257
    deep[..., 1] += np.arange(130, dtype=np.uint16)
    (folder / "deep.png").write_bytes(imagecodecs.png_encode(deep))
    red, green, blue = Image.fromarray(scene(90, 130)).split()
    Image.merge("RGB", (green, red, blue)).save(
        folder / "profile.png", icc_profile=srgb(r="g", g="r"), dpi=(300, 300)
    )
    layer = Image.fromarray(scene(90, 130)).convert("RGBA")
    layer.putalpha(Image.linear_gradient("L").resize((130, 90)))
    layer.save(folder / "layer.png")


def write_masks(folder: Path) -> None:
    y, x = np.mgrid[:540, :720]
    inside = np.hypot((x / 720 - 0.42) / 0.2, (y / 540 - 0.5) / 0.33)
    Image.fromarray(np.uint8(255) * (inside < 1)).save(folder / "mask.png")
    y, x = np.mgrid[:120, :160]  # as the picture is upright
    inside = np.hypot((x / 160 - 0.42) / 0.2, (y / 120 - 0.5) / 0.33)
    levels = np.where(inside < 0.8, 255, np.where(inside < 1.2, 128, 0)).astype(np.uint8)
    Image.fromarray(levels).save(folder / "trimap.png")
    strokes = Image.new("LA", (720, 540))
    strokes.paste((0, 255), (600, 400, 640, 420))
    strokes.save(folder / "strokes.png")
    strokes = Image.new("L", (130, 90))
    strokes.paste(255, (50, 40, 70, 44))
    strokes.save(folder / "deep-strokes.webp", lossless=True)


def red(batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    alpha = np.clip((batch[:, :1] - batch[:, 2:3]) * 3 + 0.5, 0, 1).astype(np.float32)
    return alpha, np.tile(np.float32([0.9, 0.1]), (len(batch), 1))


@pytest.fixture(
    scope="module",
    autouse=True,
    params=["red", pytest.param("built-in", marks=pytest.mark.slow)],
)
def network(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Work in a folder with the pictures; the runtime of this process has a network for them."""
    folder = tmp_path_factory.mktemp("adapters")
    write_masks(folder)
    write_pictures(folder, scene if request.param == "red" else photograph)
    with pytest.MonkeyPatch.context() as patch, Runtime(Store(folder / "models")) as runtime:
        patch.setenv("MATTEKIT_PLUGINS_OFF", "server,video,gimp")
        patch.chdir(folder)
        if request.param == "red":
            runtime.use("auto", FakeSession(red, CARD))
        patch.setattr(Runtime, "_shared", runtime)
        yield
    reference.cache_clear()


@pytest.fixture(scope="module")
def served(network: None) -> Iterator[Callable[..., Any]]:
    """What carries requests to a server with these settings."""
    clients = []

    def start(**settings: Any) -> Any:
        app = create_app(Settings(rate_limit=0, **settings), Runtime.shared())
        clients.append(TestClient(app, base_url="http://127.0.0.1").__enter__())
        return Carrying(clients[-1])

    yield functools.cache(start)
    for client in clients:
        client.__exit__(None, None, None)


@functools.cache
def reference(name: str) -> tuple[bytes, Cutout]:
    """The file and the cut-out as the library makes them of a path."""
    case = CASES[name]
    cutout = pipeline.remove_background(case.picture, case.parsed)
    assert cutout.found
    return codecs.encode(cutout, case.parsed).data, cutout


#: One of each sort; the slow tier takes them all. Hints have a table of their own for every run.
USUAL = {"preview", "crop with a shadow", "16 bits", "profile"}

every_case = pytest.mark.parametrize("name", tiered(CASES, USUAL))


def flags(options: dict[str, Any]) -> list[str]:
    """Options as they are typed."""
    typed = []
    for option, value in options.items():
        typed += [f"--{option.replace('_', '-')}", *([] if value is True else [str(value)])]
    return typed


def test_the_cases_are_what_they_say() -> None:
    assert len(CASES) >= 12
    assert {case.parsed.size for case in CASES.values()} == {"original", "preview"}


@every_case
def test_bytes_file_and_photo(name: str) -> None:
    case = CASES[name]
    data = Path(case.picture).read_bytes()
    for source in (data, io.BytesIO(data), codecs.decode(data)):
        cutout = pipeline.remove_background(source, case.parsed)
        assert_same_file(codecs.encode(cutout, case.parsed).data, reference(name)[0])


@every_case
def test_command(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    arguments = ["remove", case.picture, "--output-directory", str(tmp_path), *flags(case.options)]
    result = click.testing.CliRunner().invoke(cli, arguments, prog_name="mattekit")
    assert result.exit_code == 0, result.output
    (file,) = tmp_path.iterdir()
    assert_same_file(file.read_bytes(), reference(name)[0])


@every_case
def test_batch(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    source, target = tmp_path / "in", tmp_path / "out"
    source.mkdir()
    (source / case.picture).write_bytes(Path(case.picture).read_bytes())
    (result,) = mattekit_batch.run(str(source), str(target), case.options, runtime=Runtime.shared())
    assert result.status == "done"
    assert_same_file((target / result.output).read_bytes(), reference(name)[0])


@every_case
def test_editor(name: str) -> None:
    """Opened without hints, which then are made one after the other."""
    case = CASES[name]
    hints = [(option, case.parsed) for option in ("keep", "remove") if option in case.options]
    editor = Editor(case.picture, case.parsed.replace(keep=(), remove=()))
    for option, options in hints:
        for hint in getattr(options, option):
            getattr(editor, option)([hint])
    assert_same_file(codecs.encode(editor.result(), case.parsed).data, reference(name)[0])


@every_case
def test_server(name: str, served: Callable[..., Any]) -> None:
    case = CASES[name]
    with Client("http://127.0.0.1", transport=served(auth=False)) as client:
        # Over HTTP eight bits are the default, as the API's.
        fields = {"refine": "balanced", "depth": "16", **fields_of(case.options)}
        answer = client.remove_background(Path(case.picture).read_bytes(), **fields)
    assert_same_file(answer.data, reference(name)[0])


@every_case
def test_editors_worker(name: str, served: Callable[..., Any]) -> None:
    case = CASES[name]
    form = "pgm" if case.parsed.channels == "alpha" else "pam"
    with Client(
        "http://127.0.0.1", "secret", transport=served(local=True, token="secret")
    ) as client:
        fields = {"refine": "balanced", **fields_of(case.options), "format": form}
        answer = client.remove_background(Path(case.picture).read_bytes(), **fields)
    cutout = codecs.at_depth(reference(name)[1], case.parsed.depth)
    assert_same_file(answer.data, netpbm.write_as(cutout, form)[0])


@every_case
def test_network_of_the_worker(name: str, served: Callable[..., Any]) -> None:
    case = CASES[name]
    transport = served(local=True, token="secret")
    with RemoteRuntime("http://127.0.0.1", "secret", transport=transport) as remote:
        cutout = pipeline.remove_background(case.picture, case.parsed, runtime=remote)
    assert_same_file(codecs.encode(cutout, case.parsed).data, reference(name)[0])


def spends(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Note of each picture from now on whether its colours' memory became the subject's."""
    noted: list[bool] = []
    extract = matting.extract

    def extracted(photo: Photo, *args: Any, **more: Any) -> Cutout:
        cutout = extract(photo, *args, **more)
        noted.append(np.shares_memory(cutout.color, photo.color))
        return cutout

    monkeypatch.setattr(matting, "extract", extracted)
    return noted


def test_who_decodes_for_nobody_else_spends_the_picture(
    monkeypatch: pytest.MonkeyPatch, served: Callable[..., Any]
) -> None:
    """A picture less in memory: of a photograph's 7 bytes a pixel three."""
    reference.cache_clear()
    with monkeypatch.context() as patch:
        noted = spends(patch)
        reference("nothing")
        assert noted == [True]
    for run in (test_command, test_batch):
        for name, spent in (("nothing", True), ("preview on its own background", False)):
            reference(name)
            with monkeypatch.context() as patch, TemporaryDirectory() as folder:
                noted = spends(patch)
                run(name, Path(folder))
            assert noted == [spent]
    served(auth=False)  # which cuts something out to be ready
    with monkeypatch.context() as patch:
        noted = spends(patch)
        test_server("nothing", served)
        assert noted == [True]


def pixels(name: str) -> NDArray[Any]:
    cutout = reference(name)[1]
    return cutout.alpha if CASES[name].parsed.channels == "alpha" else cutout.rgba()


@pytest.mark.parametrize(
    "name", tiered([name for name in CASES if CASES[name].picture != "deep.png"], USUAL)
)
def test_pillow(name: str) -> None:
    case = CASES[name]
    with Image.open(case.picture) as image:
        applied = RemoveBackground(**case.options).apply(image)
        filtered = image.filter(RemoveBackground(**case.options))
        assert filtered.getexif() == image.getexif()
    np.testing.assert_array_equal(np.asarray(applied), pixels(name))
    np.testing.assert_array_equal(np.asarray(ImageOps.exif_transpose(filtered)), pixels(name))


@every_case
def test_imageio(name: str) -> None:
    case = CASES[name]
    array = iio.imread(case.picture, plugin=mattekit_imageio.MattekitPlugin, **case.options)
    np.testing.assert_array_equal(array, pixels(name))


@pytest.mark.parametrize(
    "name", tiered([name for name in CASES if CASES[name].picture != "profile.png"], USUAL)
)
def test_arrays_and_frames(name: str) -> None:
    case = CASES[name]
    photo = codecs.decode(case.picture)
    array = photo.color if photo.alpha is None else np.dstack([photo.color, photo.alpha])
    if {"mask", "keep", "remove"} & set(case.options):
        with pytest.raises(OptionError, match="places in one picture"):
            mattekit_imageio.cutout_frames([array], **case.options)
        return
    np.testing.assert_array_equal(
        mattekit_imageio.cutout_array(array, **case.options), pixels(name)
    )
    (frame,) = mattekit_imageio.cutout_frames([array], temporal=0, **case.options)
    np.testing.assert_array_equal(frame, pixels(name))
