"""Every kind of mask and marks, also wrong ones: a right result or an error that says why.

One table for whoever takes them: the library, the command, the server, Pillow, a batch's folder of
masks, an editor.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import imagecodecs
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import mattekit_batch
from mattekit import pipeline
from mattekit.editing import Editor
from mattekit.errors import ForegroundNotFound, MattekitError
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, Store
from mattekit.runtime import FakeSession, Runtime
from mattekit_pillow import RefineMask, RemoveBackground
from mattekit_server.application import create_app
from mattekit_server.settings import Settings
from support.calling import in_this_process
from support.server.pictures import TestClient
from support.tiers import spread

WIDTH, HEIGHT = 64, 48
INSIDE: Final = (slice(10, 40), slice(16, 48))
CARD = ModelCard("red", input=InputSpec(size=Size(64, 64), fit="stretch"))
CORRECTING = ModelCard(
    "correcting",
    task="correct",
    input=InputSpec(size=Size(64, 64), fit="stretch", hints="hints"),
)
Alpha = NDArray[np.uint8]


def drawn(*boxes: tuple[slice, slice], size: tuple[int, int] = (HEIGHT, WIDTH)) -> Alpha:
    levels = np.zeros(size, np.uint8)
    for box in boxes or [INSIDE]:
        levels[box] = 255
    return levels


def trimap() -> Alpha:
    levels = drawn()
    levels[8:42, 14:50] = np.where(levels[8:42, 14:50], 255, 128)
    levels[12:38, 18:46] = 255
    levels[10:40, 16:18] = 128
    return levels


def png(image: Any, **options: Any) -> bytes:
    file = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(
        file, "PNG", **options
    )
    return file.getvalue()


def turned(levels: Alpha) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return png(Image.fromarray(levels).transpose(Image.Transpose.ROTATE_90), exif=exif)


def transparent(levels: Alpha) -> bytes:
    """Colours under transparency: what is opaque is the mask."""
    image = Image.new("RGBA", (WIDTH, HEIGHT), (0, 200, 40, 255))
    image.putalpha(Image.fromarray(levels))
    return png(image)


def thousand() -> str:
    places = np.random.default_rng(0).integers(0, [WIDTH, 8], (1000, 2)).tolist()
    return ", ".join(f"{x}px {y}px" for x, y in places)


class Right(NamedTuple):
    """What alpha must be, where that is known; elsewhere -1."""

    alpha: NDArray[np.int16]

    @classmethod
    def known(cls, front: Any, back: Any) -> Right:
        return cls(np.where(front, 255, np.where(back, 0, -1)).astype(np.int16))


class Wrong(NamedTuple):
    """What the message must say."""

    words: tuple[str, ...]


class Nothing(NamedTuple):
    """No subject."""


def shrunk(levels: Alpha, by: int) -> NDArray[np.bool_]:
    from scipy import ndimage

    return np.asarray(ndimage.binary_erosion(levels > 127, iterations=by, border_value=1))


#: A mask as drawn, but for what lies next to its edge.
AS_DRAWN = Right.known(shrunk(drawn(), 3), shrunk(255 - drawn(), 3))
STROKES = {"keep": drawn((slice(2, 4), slice(2, 20))), "remove": drawn((slice(3, 6), slice(9, 12)))}

#: Files by option, or text; and what comes of it.
CASES: dict[str, tuple[dict[str, Any], Right | Wrong | Nothing]] = {
    "a mask": ({"mask": png(drawn())}, AS_DRAWN),
    "with transparency": ({"mask": transparent(drawn())}, AS_DRAWN),
    "16 bits": ({"mask": imagecodecs.png_encode(drawn().astype(np.uint16) * 257)}, AS_DRAWN),
    "a palette": ({"mask": png(Image.fromarray(drawn()).convert("P"))}, AS_DRAWN),
    "one bit": ({"mask": png(Image.fromarray(drawn()).convert("1"))}, AS_DRAWN),
    "turned by EXIF": ({"mask": turned(drawn())}, AS_DRAWN),
    "a trimap": ({"mask": png(trimap())}, Right.known(trimap() == 255, trimap() == 0)),
    "all background": ({"mask": png(drawn() * 0)}, Nothing()),
    "all subject": ({"mask": png(drawn() * 0 + 255)}, Right.known(drawn() >= 0, False)),
    "all unknown": ({"mask": png(drawn() * 0 + 128)}, Wrong(("mask", "unknown"))),
    "unknown and subject": (
        {"mask": png(np.where(drawn() > 0, 255, 128).astype(np.uint8))},
        Wrong(("mask", "black")),
    ),
    "no byte": ({"mask": b""}, Wrong(("empty",))),
    "no picture": ({"mask": b"a mask, honestly"}, Wrong(("mask",))),
    "cut off": (
        {
            "mask": png(
                np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH)).astype(np.uint8)
            )[:1500]
        },
        Wrong(("mask",)),
    ),
    "in colours": (
        {"mask": png(Image.new("RGB", (WIDTH, HEIGHT), (255, 0, 0)))},
        Wrong(("mask", "colour")),
    ),
    "another picture's": (
        {"mask": png(drawn(size=(60, 90)))},
        Wrong(("mask", "90 × 60", "64 × 48")),
    ),
    "on its side": ({"mask": png(drawn(size=(64, 48)))}, Wrong(("mask", "on its side"))),
    "points outside": ({"keep": "64px 3px"}, Wrong(("keep", "64 × 48"))),
    "points outside, in per cent": ({"remove": "50% 101%"}, Wrong(("remove", "64 × 48"))),
    "points before": ({"keep": "-1px 3px"}, Wrong(("keep", "64 × 48"))),
    "a thousand points": (
        {"mask": png(drawn()), "keep": thousand()},
        Right.known(
            np.isin(
                np.arange(WIDTH * HEIGHT),
                [
                    int(y.rstrip("px")) * WIDTH + int(x.rstrip("px"))
                    for x, y in (each.split() for each in thousand().split(", "))
                ],
            ).reshape(HEIGHT, WIDTH),
            False,
        ),
    ),
    "strokes over strokes": (
        {"keep": png(STROKES["keep"]), "remove": png(STROKES["remove"])},
        Wrong(("remove", "9px 3px", "first of 3")),
    ),
    "a point on a stroke": (
        {"keep": png(STROKES["keep"]), "remove": "5px 3px"},
        Wrong(("remove", "5px 3px")),
    ),
    "strokes side by side": (
        {
            "mask": png(drawn()),
            "keep": png(drawn((slice(20, 30), slice(30, 31)))),
            "remove": png(drawn((slice(20, 30), slice(31, 32)))),
        },
        Right.known(drawn((slice(20, 30), slice(30, 31))), drawn((slice(20, 30), slice(31, 32)))),
    ),
    "strokes of nothing": ({"keep": png(drawn() * 0)}, Wrong(("keep", "nothing is drawn"))),
    "strokes of no byte": ({"remove": b""}, Wrong(("empty",))),
    "strokes of another size": (
        {"remove": png(drawn(size=(50, 50)))},
        Wrong(("remove", "50 × 50", "64 × 48")),
    ),
}


def red(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.clip((batch[:, :1] - batch[:, 2:3]) * 4, 0, 1).astype(np.float32)


def same(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """A network that understands nothing, and answers what there was."""
    return batch[:, 3:4].copy()


@pytest.fixture(scope="module")
def photo() -> bytes:
    color = np.full((HEIGHT, WIDTH, 3), (30, 50, 190), np.uint8)
    color[INSIDE] = 210, 60, 40
    noise = np.random.default_rng(1).normal(0, 2, color.shape)
    return png(np.clip(color + noise, 0, 255).astype(np.uint8))


@pytest.fixture(autouse=True)
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    with Runtime(Store(tmp_path / "models")) as runtime:
        for name in ("auto", "builtin"):
            runtime.use(name, FakeSession(red, CARD))
        runtime.use("correcting", FakeSession(same, CORRECTING))
        monkeypatch.setattr(Runtime, "_shared", runtime)
        monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
        work = tmp_path / "work"
        work.mkdir()
        monkeypatch.chdir(work)
        yield runtime


class Refused(Exception):
    """What an adapter says, in its own words."""


def alpha_of(data: bytes) -> Alpha:
    with Image.open(io.BytesIO(data)) as image:
        return np.asarray(image.convert("RGBA"))[..., 3]


def written(hints: dict[str, Any]) -> dict[str, Any]:
    """Return hints with the paths of files in place of their bytes."""
    options = {}
    for name, value in hints.items():
        if isinstance(value, bytes):
            Path(f"{name}.png").write_bytes(value)
        options[name] = f"{name}.png" if isinstance(value, bytes) else value
    return options


def by_library(photo: bytes, hints: dict[str, Any]) -> Alpha:
    cutout = pipeline.remove_background(photo, **written(hints))
    if not cutout.found:
        raise ForegroundNotFound("photo.png")
    return np.asarray(cutout.alpha)


def by_library_of_bytes(photo: bytes, hints: dict[str, Any]) -> Alpha:
    return np.asarray(pipeline.remove_background(photo, **hints).alpha)


def by_editor(photo: bytes, hints: dict[str, Any]) -> Alpha:
    options = written(hints)
    marks = [(name, options.pop(name)) for name in ("keep", "remove") if name in options]
    editor = Editor(photo, **options)
    editor.mark(marks)
    return np.asarray(editor.result().alpha)


def by_pillow(photo: bytes, hints: dict[str, Any]) -> Alpha:
    options = written(hints)
    with Image.open(io.BytesIO(photo)) as image:
        kind: Any = RemoveBackground
        if "mask" in options:
            kind = lambda **others: RefineMask(options["mask"], **others)  # noqa: E731
        others = {name: value for name, value in options.items() if name != "mask"}
        return np.asarray(image.filter(kind(**others)))[..., 3]


def by_command(photo: bytes, hints: dict[str, Any]) -> Alpha:
    Path("photo.png").write_bytes(photo)
    typed = [f"--{name}={value}" for name, value in written(hints).items()]
    result = in_this_process()("remove", "photo.png", "-o", "out.png", *typed)
    if result.exit_code:
        assert not Path("out.png").exists()
        raise Refused(result.stderr)
    return alpha_of(Path("out.png").read_bytes())


def by_batch(photo: bytes, hints: dict[str, Any]) -> Alpha:
    hints = dict(hints)
    Path("photos").mkdir()
    Path("photos/photo.png").write_bytes(photo)
    masks = None
    if "mask" in hints:
        Path("masks").mkdir()
        Path("masks/photo.png").write_bytes(hints.pop("mask"))
        masks = "masks"
    (result,) = mattekit_batch.run(
        "photos", "out", written(hints), masks=masks, runtime=Runtime.shared()
    )
    if result.status != "done":
        raise Refused(f"{result.failure} {result.reason}")
    return alpha_of(Path("out", result.output).read_bytes())


def by_server(photo: bytes, hints: dict[str, Any]) -> Alpha:
    files = {"image_file": ("photo.png", photo)}
    files |= {
        name: (f"{name}.png", value) for name, value in hints.items() if isinstance(value, bytes)
    }
    fields = {name: value for name, value in hints.items() if isinstance(value, str)}
    app = create_app(Settings(rate_limit=0, auth=False), Runtime.shared())
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.post("/v1.0/removebg", files=files, data={**fields, "size": "auto"})
    if answer.status_code != 200:
        assert answer.status_code == 400, answer.text
        raise Refused(json.dumps(answer.json(), ensure_ascii=False))
    return alpha_of(answer.content)


WAYS: dict[str, Callable[[bytes, dict[str, Any]], Alpha]] = {
    "library": by_library,
    "library, bytes": by_library_of_bytes,
    "editor": by_editor,
    "Pillow": by_pillow,
    "command": by_command,
    "batch": by_batch,
    "server": by_server,
}
#: Ways that give a transparent picture where there is no subject, as they do without hints.
TRANSPARENT = {"library, bytes", "editor", "Pillow"}


@pytest.mark.parametrize(("name", "way"), spread(itertools.product(CASES, WAYS), 3))
def test_a_right_result_or_a_clear_error(name: str, way: str, photo: bytes) -> None:
    hints, expected = CASES[name]
    if isinstance(expected, Right):
        alpha = WAYS[way](photo, hints)
        assert alpha.shape == (HEIGHT, WIDTH)
        known = expected.alpha >= 0
        np.testing.assert_array_equal(alpha[known], expected.alpha[known])
    elif isinstance(expected, Nothing) and way in TRANSPARENT:
        assert not WAYS[way](photo, hints).any()
    else:
        words = expected.words if isinstance(expected, Wrong) else ("foreground",)
        with pytest.raises((MattekitError, Refused)) as caught:
            WAYS[way](photo, hints)
        assert not [word for word in words if word not in str(caught.value)], str(caught.value)
