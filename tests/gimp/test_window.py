"""The menu entries in GIMP's windows: clicked, answered, seen, undone."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops

from hosts.screen import Screen, virtual_screen
from support.gimp.studio import Studio
from support.helpers import ROOT

pytestmark = pytest.mark.install

SHOTS = Path("/tmp/mattekit-shots")
#: From the end of the Filters menu to our entry.
UPS = {"2.10": 3, "3.0": 1, "3.2": 1}
#: Which entry of ours, as GIMP sorts them, and of how many.
MASK, LAYER, CROP, EACH, ALL, KEEP = range(6)
REFINE_MASK, REFINE_SELECTION, REMOVE, BACKGROUND, CHANNEL, SELECTION = range(6, 12)
COUNT = 12


class Window:
    """A GIMP's window with a photo in it."""

    def __init__(self, shown: Screen, studio: Studio, title: str) -> None:
        self.shown, self.version = shown, studio.gimp.version
        self.main = shown.wait_for(title, 180)
        shown.xdotool("windowactivate", "--sync", self.main)
        shown.xdotool("windowmove", self.main, 0, 0)
        shown.xdotool("windowsize", "--sync", self.main, 1278, 830)
        time.sleep(6)

    def shot(self, name: str) -> Image.Image:
        path = self.shown.shot(SHOTS / f"gimp-{self.version}-{name}.png")
        with Image.open(path) as picture:
            return picture.convert("RGB")

    def key(self, *keys: str) -> None:
        for key in keys:
            self.shown.xdotool("key", key)
            time.sleep(0.5)

    def choose(self, entry: int) -> None:
        """Open Filters > Remove Background and click an entry."""
        self.shown.xdotool("windowactivate", "--sync", self.main)
        # Away from the image, where the brush's outline would come and go.
        self.shown.xdotool("mousemove", 1275, 855)
        time.sleep(1)
        bare = self._above_status("bare")
        self.key("alt+r")
        time.sleep(1)
        menu = self._above_status("menu")
        _, _, edge, _ = _change(bare, menu)
        self.key(*["Up"] * UPS[self.version], "Right")
        time.sleep(1)
        beside = (edge, 0, *menu.size)
        submenu = self._above_status("submenu")
        _, top, right, bottom = _change(menu.crop(beside), submenu.crop(beside))
        right += edge
        y = top + (bottom - top) * (2 * entry + 1) // (2 * COUNT)
        self.shown.xdotool("mousemove", right - 60, y, "click", 1)

    def _above_status(self, name: str) -> Image.Image:
        return self.shot(name).crop((0, 0, 1280, 800))

    def wait(self, title: str, patience: float = 60) -> int:
        return self.shown.wait_for(title, patience)

    def wait_until_changed(self) -> None:
        """Wait for the star that stands before the name of a changed image."""
        self.wait(r"^\*", 120)
        time.sleep(1.5)


def _change(before: Image.Image, after: Image.Image) -> tuple[int, int, int, int]:
    box = ImageChops.difference(before, after).getbbox()
    assert box is not None, "no menu has opened"
    return box


def _changed(before: Image.Image, after: Image.Image) -> float:
    """Return the share of the screen that looks otherwise."""
    difference: float = (np.asarray(ImageChops.difference(before, after)).max(-1) > 8).mean()
    return difference


#: Of the checkerboard behind a preview.
_GRAYS = {(154, 154, 154), (106, 106, 106)}


@pytest.fixture
def photo(studio):
    path = studio.folder / "raccoon.png"
    with Image.open(ROOT / "sample_images" / "raccoon.jpg") as picture:
        picture.convert("RGB").save(path)
    return path


def test_clicked_answered_seen_and_undone(studio, photo):
    studio.close()
    with virtual_screen(1280, 860) as shown, studio.window(shown, photo):
        desk = Window(shown, studio, "raccoon")
        code = """
            (image,) = gimp.image_list()
            layer = image.layers[0]
            keep(layer, "pixels", "R'G'B' u8")
            said["mask"] = layer.mask is not None
            if layer.mask:
                keep(layer.mask, "matte", "Y u8")
            said["count"] = len(image.layers)
            said["dirty"] = bool(image.dirty)
        """
        before = studio.run(code)
        untouched = desk.shot("before")
        desk.choose(MASK)
        desk.wait("As Layer Mask")
        time.sleep(1)
        asked = desk.shot("dialog")
        desk.key("alt+p")
        end = time.monotonic() + 90
        while _changed(asked, preview := desk.shot("preview")) < 0.03:
            assert time.monotonic() < end, "no preview"
            time.sleep(1)
        assert {tuple(color) for color in _GRAYS} <= {
            color for _, color in preview.getcolors(1 << 24) or ()
        }
        assert not studio.run(code)["mask"], "a preview changes nothing"
        desk.key("alt+o")
        desk.wait_until_changed()
        end = time.monotonic() + 90
        while _changed(untouched, desk.shot("result")) < 0.1:
            assert time.monotonic() < end, "the background is not seen to be gone"
            time.sleep(1)
        after = studio.run(code)
        assert after["mask"]
        assert after["count"] == 1
        assert (after.pixels("pixels") == before.pixels("pixels")).all()
        share = (after.pixels("matte") > 128).mean()
        assert 0.2 < share < 0.8

        shown.xdotool("windowactivate", "--sync", desk.main)
        desk.key("ctrl+z")
        time.sleep(2)
        undone = studio.run(code)
        desk.shot("undone")
        assert not undone["mask"], "one step of undo takes it all back"
        assert not undone["dirty"]
        assert (undone.pixels("pixels") == before.pixels("pixels")).all()
        desk.key("ctrl+y")
        time.sleep(2)
        redone = studio.run(code)
        assert (redone.pixels("matte") == after.pixels("matte")).all(), "and redo brings it back"
        # A changed image would be offered for recovery, in place of the next window.
        desk.key("ctrl+z")
        time.sleep(2)
        assert not studio.run(code)["dirty"]


def test_last_values_are_kept_and_errors_are_shown(studio, photo):
    studio.close()
    blank = studio.folder / "blank.png"
    Image.fromarray(np.full((300, 400, 3), 120, np.uint8)).save(blank)
    with virtual_screen(1280, 860) as shown, studio.window(shown, blank):
        desk = Window(shown, studio, "blank")
        desk.choose(BACKGROUND)
        dialog = desk.wait("Replace Background")
        time.sleep(1)
        desk.shot("background-dialog")
        shown.xdotool("windowactivate", "--sync", dialog)
        desk.key("Return")
        shown.wait_until_gone("^Replace Background", 90)
        time.sleep(4)
        desk.shot("error")
        answer = studio.run("""
            (image,) = gimp.image_list()
            said["layers"] = len(image.layers)
            said["dirty"] = bool(image.dirty)
        """)
        assert answer.said == {"layers": 1, "dirty": False}, "nothing found, nothing changed"
