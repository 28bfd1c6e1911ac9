"""The extension in Inkscape: in its own Python, by its actions, and in its window."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from PIL import Image

import mattekit
import mattekit_bridge as bridge
from hosts.screen import Screen, virtual_screen
from mattekit import Options, codecs
from mattekit.hooks import HostCopy
from mattekit_inkscape.installing import HOSTS
from support.gates import waiting_worker
from support.helpers import disc

pytestmark = pytest.mark.install

HREF = "{http://www.w3.org/1999/xlink}href"
SVG = "{http://www.w3.org/2000/svg}"
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="200" height="260"
 xmlns:xlink="http://www.w3.org/1999/xlink">
<image id="embedded" x="10" y="10" width="120" height="90" xlink:href="{embedded}"/>
<image id="linked" y="130" width="120" height="90" transform="rotate(4)" xlink:href="a%20b.png"/>
</svg>"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with the extension, and a drawing with three pictures."""
    if not shutil.which("inkscape"):
        pytest.skip("no Inkscape here: python tests/hosts/install.py")
    for name in ("XDG_CONFIG_HOME", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")  # Inkscape's own Python, not that of the tests
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path / "worker"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    HOSTS["inkscape"].install(HostCopy(Path("/usr/bin/inkscape")))
    photo = tmp_path / "a b.png"
    Image.fromarray(disc(90, 120).image).save(photo)
    data = base64.b64encode(photo.read_bytes()).decode()
    drawing = DRAWING.format(embedded=f"data:image/png;base64,{data}")
    (tmp_path / "in.svg").write_text(drawing)
    yield tmp_path
    bridge.stop()


def run(place: Path, *command: str, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=place,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    return done.stdout + done.stderr


def images(path: Path) -> dict[str | None, Xml.Element]:
    return {each.get("id"): each for each in Xml.parse(path).iter(f"{SVG}image")}


def bytes_of(element: Xml.Element) -> bytes:
    return base64.b64decode((element.get(HREF) or "").partition(",")[2])


def test_embedded_and_linked(place: Path) -> None:
    """All pictures, where none is selected."""
    extension = place / ".config/inkscape/extensions/mattekit/mattekit_remove_background.py"
    said = run(
        place,
        *("/usr/bin/python3", str(extension), "in.svg", "--output=out.svg"),
        PYTHONPATH="/usr/share/inkscape/extensions",
        DOCUMENT_PATH=str(place / "in.svg"),
    )
    found = images(place / "out.svg")
    cutout = mattekit.remove_background(place / "a b.png")
    expected = codecs.encode(cutout, Options(format="png")).data
    assert bytes_of(found["embedded"]) == expected, said
    assert bytes_of(found["linked"]) == expected
    assert found["linked"].get("transform") == "rotate(4)"


def test_as_a_mask(place: Path) -> None:
    """Called as Inkscape calls it when its dialog says so, and rendered by Inkscape."""
    extension = place / ".config/inkscape/extensions/mattekit/mattekit_remove_background.py"
    said = run(
        place,
        *("/usr/bin/python3", str(extension), "--id=linked", "--result=mask", "in.svg"),
        "--output=out.svg",
        PYTHONPATH="/usr/share/inkscape/extensions",
        DOCUMENT_PATH=str(place / "in.svg"),
    )
    found = images(place / "out.svg")
    assert found["linked"].get(HREF) == "a%20b.png", said
    mask = next(iter(Xml.parse(place / "out.svg").iter(f"{SVG}mask")))
    assert found["linked"].get("mask") == f"url(#{mask.get('id')})"
    run(place, "inkscape", "-o", "out.png", "--export-id=linked", "-j", "out.svg")
    alpha = np.asarray(Image.open(place / "out.png").convert("RGBA"))[..., 3]
    wanted = mattekit.remove_background(place / "a b.png").full_alpha()
    assert alpha.mean() == pytest.approx(wanted.mean(), abs=12)
    assert alpha.max() == 255


def test_by_inkscapes_actions(place: Path) -> None:
    """In Inkscape itself, with nobody at its window: one picture is selected, one is done."""
    with virtual_screen() as shown:
        said = run(
            place,
            *("inkscape", "--batch-process", "in.svg"),
            "--actions=select-by-id:linked;org.mattekit.remove-background.noprefs;"
            "export-filename:out.svg;export-do",
            DISPLAY=shown.display,
        )
    found = images(place / "out.svg")
    cutout = mattekit.remove_background(place / "a b.png")
    assert bytes_of(found["linked"]) == codecs.encode(cutout, Options(format="png")).data, said
    before = images(place / "in.svg")["embedded"]
    assert bytes_of(found["embedded"]) == bytes_of(before)


#: What opens the dialog in the window, as a user may set it; the menu leads there, too.
KEY = "F9"
KEYS = (
    '<keys name="User Shortcuts"><bind gaction="app.org.mattekit.remove-background" '
    f'keys="{KEY}"/></keys>'
)
DIALOG = "Remove Background of Image"


class Window:
    """A running Inkscape with the drawing."""

    def __init__(self, place: Path, shown: Screen) -> None:
        keys = place / ".config/inkscape/keys/default.xml"
        keys.parent.mkdir(parents=True)
        keys.write_text(KEYS)
        self.shown, self.place = shown, place
        self.process = subprocess.Popen(
            ["inkscape", "in.svg"],
            cwd=place,
            env={**os.environ, "DISPLAY": shown.display},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self.id = shown.wait_for("in.svg", 120)
        shown.xdotool("windowsize", "--sync", self.id, 1180, 800)

    def canvas(self) -> np.ndarray:
        """Return what is seen of the drawing."""
        path = self.shown.shot(self.place / "shot.png")
        return np.asarray(Image.open(path).convert("RGB"))[160:680, 60:1140].astype(int)

    def canvas_when(self, done: Callable[[np.ndarray], bool]) -> np.ndarray:
        """Return it once it is as wanted and does not change any more."""
        end, before = time.monotonic() + 120, self.canvas()
        while True:
            time.sleep(0.5)
            seen = self.canvas()
            if np.array_equal(seen, before) and done(seen):
                return seen
            assert time.monotonic() < end, "what is drawn does not become what is wanted"
            before = seen

    def key(self, name: str) -> None:
        self.shown.xdotool("windowactivate", "--sync", self.id)
        self.shown.xdotool("key", name)

    def apply(self) -> int:
        """Open the dialog and press *Apply*; return the dialog."""
        self.key(KEY)
        dialog = self.shown.wait_for(DIALOG)
        self.shown.xdotool("windowactivate", "--sync", dialog)
        self.shown.xdotool("key", "alt+a")
        return dialog

    def close_dialog(self) -> None:
        for _ in range(30):  # it takes no keys for a moment after the work
            for dialog in self.shown.windows(DIALOG):
                self.shown.xdotool("windowactivate", dialog, "key", "alt+c", check=False)
            time.sleep(1)
            if not self.shown.windows(DIALOG):
                return
        raise TimeoutError("the dialog does not close")

    def end(self) -> None:
        self.process.kill()
        self.process.wait(30)


def is_sea(canvas: np.ndarray) -> np.ndarray:
    """Whether pixels are of the pictures' blue ground."""
    found: np.ndarray = canvas[..., 2] > canvas[..., 0] + 60
    return found


def with_ground(canvas: np.ndarray) -> bool:
    """Whether the pictures are seen with their ground."""
    return bool(is_sea(canvas).sum() > 2000)


def test_in_the_window_one_step_of_undo(place: Path) -> None:
    with virtual_screen() as shown:
        window = Window(place, shown)
        try:
            window.canvas_when(with_ground)
            window.apply()
            shown.wait_for(r"^\*in.svg", 120)
            window.close_dialog()
            window.canvas_when(lambda seen: not is_sea(seen).any())
            window.key("ctrl+z")
            window.canvas_when(with_ground)
            shown.wait_until_gone(r"^\*in.svg")  # nothing is left to be undone
            window.key("ctrl+shift+z")
            window.canvas_when(lambda seen: not is_sea(seen).any())
            window.key("ctrl+s")
            shown.wait_until_gone(r"^\*in.svg")
        finally:
            window.end()
    cutout = mattekit.remove_background(place / "a b.png")
    expected = codecs.encode(cutout, Options(format="png")).data
    assert [bytes_of(each) for each in images(place / "in.svg").values()] == [expected] * 2


def test_in_the_window_cancel_changes_nothing(place: Path) -> None:
    """In the window with the progress, whose title is the dialog's."""
    with virtual_screen() as shown, waiting_worker() as gate:
        window = Window(place, shown)
        try:
            window.canvas_when(with_ground)
            gate.shut()
            dialog = window.apply()
            gate.wait()
            progress = set(shown.windows(DIALOG)) - {dialog}
            while shown.xdotool("getactivewindow", check=False) not in map(str, progress):
                assert window.process.poll() is None
                progress = set(shown.windows(DIALOG)) - {dialog}
            shown.xdotool("key", "Escape")
            window.close_dialog()
            window.canvas_when(with_ground)
            assert not shown.windows(r"^\*in.svg")
        finally:
            window.end()


def test_what_is_missing_is_told_and_stops_nobody(place: Path) -> None:
    (place / "a b.png").rename(place / "b.png")
    extension = place / ".config/inkscape/extensions/mattekit/mattekit_remove_background.py"
    said = run(
        place,
        *("/usr/bin/python3", str(extension), "in.svg", "--output=out.svg"),
        PYTHONPATH="/usr/share/inkscape/extensions",
        DOCUMENT_PATH=str(place / "in.svg"),
    )
    assert "linked: " in said
    assert "a b.png cannot be read" in said
    assert bytes_of(images(place / "out.svg")["embedded"]).startswith(b"\x89PNG")


def test_without_a_worker_it_says_so(place: Path) -> None:
    settings = place / ".config/inkscape/extensions/mattekit/settings.json"
    settings.write_text(settings.read_text().replace(sys.executable, "/gone/python"))
    said = run(
        place,
        *("/usr/bin/python3", str(settings.with_name("mattekit_remove_background.py"))),
        *("--id=embedded", "in.svg", "--output=out.svg"),
        PYTHONPATH="/usr/share/inkscape/extensions",
    )
    assert "/gone/python, which is not there any more" in said
