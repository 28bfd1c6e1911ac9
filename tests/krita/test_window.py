"""The script in a real Krita's window: menu, dialog, docker, undo, cancel, a worker that dies."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import mattekit
from hosts.screen import Screen, virtual_screen
from mattekit_krita import kritarc
from support.gates import Gate, waiting_worker
from support.helpers import assert_images_close, disc

from .conftest import Installed

pytestmark = pytest.mark.install

PHOTO = disc(240, 320).image
_TREE = """
def tree(node):
    return [[each.name(), each.type(), each.visible(), tree(each)] for each in node.childNodes()]
document = Krita.instance().activeDocument()
document.waitForDone()
answer = tree(document.rootNode())
"""


class Window:
    """A running Krita with one document, steered from outside."""

    def __init__(self, installed: Installed, shown: Screen, folder: Path) -> None:
        self.shown, self.folder, self.installed = shown, folder, installed
        self._number = 0
        picture = folder / "photo.png"
        Image.fromarray(PHOTO).save(picture)
        env = {**installed.env, "KRITA_PROBE": str(folder)}
        self._log = (folder / "krita.log").open("wb")
        self.process = installed.krita.window(shown, picture, env=env, log=self._log)

    def arrive(self) -> None:
        """Wait until its window can be used."""
        self.id = self.wait_for("Krita$", 280)
        self.shown.xdotool("windowsize", self.id, 1390, 860)
        self.shown.xdotool("windowmove", self.id, 0, 0)
        self.focus()
        # Krita 6 opens what it was given some time after its window is there.
        self.until(
            "answer = Krita.instance().activeDocument() is not None", lambda there: there, 120
        )

    def titled(self, title: str) -> list[int]:
        """Return Krita's visible windows whose title matches a regular expression.

        Krita 5.2 gives its window a title only in the newer way, which xdotool can show but not
        search for.
        """
        ids = self.shown.xdotool("search", "--onlyvisible", "--class", "krita", check=False)
        return [
            int(each)
            for each in ids.split()
            if re.search(title, self.shown.xdotool("getwindowname", each, check=False))
            and self._width(each) > 100  # windows that only hold something are tiny
        ]

    def _width(self, window: str) -> int:
        shape = self.shown.xdotool("getwindowgeometry", "--shell", window, check=False)
        found = re.search(r"WIDTH=(\d+)", shape)
        return int(found[1]) if found else 0

    def wait_for(self, title: str, patience: float = 60) -> int:
        end = time.monotonic() + patience
        while not (found := self.titled(title)):
            assert time.monotonic() < end, f"no window {title!r}\n{self.said()}"
            time.sleep(0.2)
        time.sleep(0.5)
        return found[-1]

    def focus(self) -> None:
        self.shown.xdotool("windowactivate", "--sync", self.id)

    def ask(self, code: str, patience: float = 30) -> Any:
        """Run code inside and return its ``answer``."""
        self._number += 1
        path = self.folder / f"ask-{self._number}.py"
        path.with_suffix(".part").write_text(code)
        path.with_suffix(".part").rename(path)
        answer = self.folder / f"answer-{self._number}.json"
        end = time.monotonic() + patience
        while not answer.exists():
            assert time.monotonic() < end, f"no answer\n{self.said()}"
            assert self.process.poll() is None, f"Krita ended\n{self.said()}"
            time.sleep(0.05)
        found = json.loads(answer.read_text())
        assert "error" not in found, found["error"]
        return found["answer"]

    def until(self, code: str, good: Callable[[Any], bool], patience: float = 60) -> Any:
        end = time.monotonic() + patience
        while not good(answer := self.ask(code)):
            if time.monotonic() > end:
                self.shown.shot(self.folder / "last.png")
                pytest.fail(f"still {answer!r}; {self.folder / 'last.png'}")
            time.sleep(0.2)
        return answer

    def tree(self) -> Any:
        return self.ask(_TREE)

    def key(self, *keys: str) -> None:
        self.shown.xdotool("key", "--delay", 120, *keys)

    def said(self) -> str:
        return (self.folder / "krita.log").read_text(errors="replace")[-2000:]

    def fresh(self, picture: str = "photo.png") -> None:
        """Go on with a new document with a picture of the folder, and no selection."""
        self.ask(f"""
application = Krita.instance()
old = application.documents()
new = application.openDocument({str(self.folder / picture)!r})
application.activeWindow().addView(new)
for each in old:
    each.setModified(False)
    each.close()
""")
        self.until(
            "d = Krita.instance().activeDocument(); answer = d is not None and "
            "d.activeNode() is not None and len(Krita.instance().documents())",
            lambda count: count == 1,
        )
        self.focus()

    def end(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        self._log.close()


PROBE = Path(__file__).parent / "probe.py"
DESKTOP = """[Desktop Entry]
Type=Service
ServiceTypes=Krita/PythonPlugin
X-KDE-Library=mattekit_probe
X-Python-2-Compatible=false
X-Krita-Manual=Manual.html
Name=Probe
Comment=Probe
"""


@pytest.fixture(scope="module")
def window(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    resources = installed.krita.resources / "pykrita"
    (resources / "mattekit_probe").mkdir(exist_ok=True)
    (resources / "mattekit_probe/__init__.py").write_bytes(PROBE.read_bytes())
    (resources / "mattekit_probe.desktop").write_text(DESKTOP)
    kritarc.put(installed.krita.settings, "python", "enable_mattekit_probe", "true")
    with virtual_screen() as shown:
        made = Window(installed, shown, tmp_path_factory.mktemp("window"))
        try:
            made.arrive()
            yield made
        finally:
            made.end()


@pytest.fixture(autouse=True)
def _document(window: Window) -> None:
    window.fresh()


def menu(window: Window, *, again: bool = False) -> None:
    """Choose Tools > Scripts > Remove Background with the keyboard."""
    # Krita 6 comes with scripts of its own, before ours.
    before = window.ask("""
for menu in QtWidgets.QApplication.allWidgets():
    names = [action.text().replace("&", "") for action in menu.actions() if action.isVisible()]
    if isinstance(menu, QtWidgets.QMenu) and "Remove Background..." in names:
        answer = names.index("Remove Background...")
""")
    window.key("alt+t")
    time.sleep(0.5)
    window.key("Up", "Right")
    time.sleep(0.5)
    window.key(*["Down"] * (before + again), "Return")


def dialog(window: Window, result: int, *, color: bool = False) -> None:
    """Open the dialog by its shortcut, choose the result, and press the button."""
    window.key("ctrl+alt+b")
    found = window.wait_for("^Remove Background")
    window.shown.xdotool("windowactivate", "--sync", found)
    window.ask(f"""
(box,) = [w for w in QtWidgets.QApplication.topLevelWidgets()
          if isinstance(w, QtWidgets.QDialog) and w.isVisible()
          and w.windowTitle().startswith("Remove Background")]
box.findChildren(QtWidgets.QComboBox)[0].setCurrentIndex({result})
[c for c in box.findChildren(QtWidgets.QCheckBox) if "Colour" in c.text()][0].setChecked({color})
""")
    window.key("alt+r")
    window.until(_SAID, lambda said: bool(said) and ("Removed" in said or "⚠" in said), 60)
    window.key("Escape")
    window.focus()


_SAID = """
said = [w.text() for w in QtWidgets.QApplication.allWidgets()
        if isinstance(w, QtWidgets.QLabel) and w.wordWrap()
        and type(w.parent()).__name__ == "Panel"]
answer = said[0] if said else ""
"""
_SAID_TOO = """
answer = [w.text() for w in QtWidgets.QApplication.allWidgets()
          if isinstance(w, QtWidgets.QLabel) and w.wordWrap()]
"""
_MASK = """
mask = Krita.instance().activeDocument().topLevelNodes()[0].childNodes()[0]
answer = bytes(mask.pixelData(0, 0, 320, 240)).hex()
"""


def test_the_menu_entry_opens_the_dialog(window: Window) -> None:
    menu(window)
    window.wait_for("^Remove Background")
    window.shown.shot(window.folder / "dialog.png")
    window.key("Escape")
    end = time.monotonic() + 30
    while window.titled("^Remove Background"):
        assert time.monotonic() < end
        time.sleep(0.2)


def test_a_mask_is_one_step_of_undo(window: Window) -> None:
    dialog(window, 0)
    tree = window.tree()
    assert [each[1] for each in tree[0][3]] == ["transparencymask"]
    mask = np.frombuffer(bytes.fromhex(window.ask(_MASK)), np.uint8).reshape(240, 320)
    assert_images_close(mask, mattekit.remove_background(PHOTO).alpha, 1, mean=0.5)
    window.shown.shot(window.folder / "mask.png")
    # The file that 5.1 needs for a mask leaves no trace.
    recent = window.ask("answer = list(Krita.instance().recentDocuments())")
    assert not [path for path in recent if path.endswith(".kra")]
    window.key("ctrl+z")
    window.until(_TREE, lambda tree: not tree[0][3])
    window.key("ctrl+shift+z")
    window.until(_TREE, lambda tree: len(tree[0][3]) == 1)
    again = bytes.fromhex(window.ask(_MASK))
    assert again == mask.tobytes()


def test_a_layer_is_one_step_and_undo_shows_the_original_again(window: Window) -> None:
    dialog(window, 2)
    first, second = window.tree()
    assert (first[2], second[2]) == (False, True)
    window.key("ctrl+z")
    window.until(_TREE, lambda tree: len(tree) == 1 and tree[0][2])
    window.key("ctrl+shift+z")
    window.until(_TREE, lambda tree: len(tree) == 2 and not tree[0][2])


def test_a_color_behind_is_one_step_too(window: Window) -> None:
    dialog(window, 0, color=True)
    tree = window.tree()
    assert [each[1] for each in tree] == ["paintlayer", "grouplayer"]
    assert [each[1] for each in tree[1][3]] == ["paintlayer", "paintlayer"]
    window.key("ctrl+z")
    window.until(_TREE, lambda tree: len(tree) == 1 and tree[0][2] and not tree[0][3])


def test_a_selection(window: Window) -> None:
    dialog(window, 1)
    x, y, width, height = window.ask("""
area = Krita.instance().activeDocument().selection()
answer = [area.x(), area.y(), area.width(), area.height()]
""")
    box = mattekit.remove_background(PHOTO).box
    assert box is not None
    found = np.array([x, y, x + width, y + height])
    assert np.abs(found - np.array(box)).max() <= 16  # faint haze is selected too


def test_as_last_time_asks_nothing(window: Window) -> None:
    dialog(window, 0)
    window.key("ctrl+z")
    window.until(_TREE, lambda tree: not tree[0][3])
    menu(window, again=True)
    window.until(_TREE, lambda tree: len(tree[0][3]) == 1)
    assert not window.titled("^Remove Background")


def test_vector_layers_by_what_is_seen(window: Window) -> None:
    window.ask("""
document = Krita.instance().activeDocument()
layer = document.createVectorLayer("Drawing")
document.rootNode().addChildNode(layer, None)
layer.addShapesFromSvg('<svg xmlns="http://www.w3.org/2000/svg" width="320" height="240" '
    'viewBox="0 0 320 240"><rect width="320" height="240" fill="#2a6fb5"/>'
    '<circle cx="160" cy="120" r="80" fill="#d84a32"/></svg>')
document.refreshProjection()
document.waitForDone()
document.setActiveNode(layer)
""")
    time.sleep(1)
    dialog(window, 0)
    tree = window.tree()
    assert [each[1] for each in tree[1][3]] == ["transparencymask"]
    inside, outside = window.ask("""
layer = Krita.instance().activeDocument().topLevelNodes()[1]
mask = layer.childNodes()[0]
answer = [bytes(mask.pixelData(x, y, 1, 1))[0] for x, y in ((160, 120), (5, 5))]
""")
    assert inside > 240
    assert outside < 15


def test_the_docker(window: Window) -> None:
    place = window.ask("""
(docker,) = [d for d in Krita.instance().dockers() if d.windowTitle() == "Remove Background"]
docker.setVisible(True)
docker.setFloating(True)
docker.resize(320, 420)
docker.move(900, 200)
docker.raise_()
(button,) = [b for b in docker.findChildren(QtWidgets.QPushButton)
             if b.text() == "&Remove Background"]
QtWidgets.QApplication.processEvents()
at = button.mapToGlobal(QtCore.QPoint(button.width() // 2, button.height() // 2))
answer = [at.x(), at.y()]
""")
    time.sleep(1)
    window.shown.xdotool("mousemove", *place, "click", 1)
    window.until(_TREE, lambda tree: len(tree[0][3]) == 1)
    window.shown.shot(window.folder / "docker.png")
    window.ask("""
(docker,) = [d for d in Krita.instance().dockers() if d.windowTitle() == "Remove Background"]
docker.setFloating(False)
""")


def test_all_open_documents(window: Window) -> None:
    window.ask(f"""
from mattekit_krita.plugin import extension
application = Krita.instance()
other = application.openDocument({str(window.folder / "photo.png")!r})
application.activeWindow().addView(other)
""")
    time.sleep(1)
    window.ask("""
from mattekit_krita.plugin import extension
shared = extension._shared()
shared.start({**shared.remembered(), "result": "mask", "bg_color": "", "everywhere": "true"})
""")
    window.until(
        "answer = [len(d.topLevelNodes()[0].childNodes()) for d in Krita.instance().documents()]",
        lambda counts: counts == [1, 1],
    )
    window.ask("""
document = Krita.instance().documents()[-1]
document.setModified(False)
document.close()
""")


@pytest.fixture
def closed(installed: Installed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Have Krita's worker wait at a gate."""
    for name, value in installed.env.items():
        monkeypatch.setenv(name, value)
    with waiting_worker() as gate:
        yield gate


_START = """
from mattekit_krita.plugin import extension
shared = extension._shared()
shared.start({**shared.remembered(), "result": "mask", "bg_color": "", "everywhere": "false"})
"""
_BUSY = "from mattekit_krita.plugin import extension; answer = extension._shared().busy"


def test_the_window_stays_alive_and_cancel_works(window: Window, closed: Gate) -> None:
    window.ask(_START)
    closed.wait()
    before = window.ask("answer = probe.ticks")
    time.sleep(2)
    assert window.ask(_BUSY)
    assert window.ask("answer = probe.ticks") - before > 20  # of 40 in two seconds
    window.ask("from mattekit_krita.plugin import extension; extension._shared().cancel()")
    window.until(_BUSY, lambda busy: not busy, 20)
    assert window.ask(_SAID) == "⚠ Cancelled."
    assert not window.tree()[0][3]


def test_a_worker_that_dies_leaves_the_document_as_it_was(window: Window, closed: Gate) -> None:
    window.ask(_START)
    os.kill(closed.wait(), signal.SIGKILL)
    window.until(_BUSY, lambda busy: not busy, 60)
    assert "mattekit's worker ended" in window.ask(_SAID)
    window.shown.shot(window.folder / "died.png")
    assert window.tree()[0][1:] == ["paintlayer", True, []]
    assert not window.ask("answer = Krita.instance().activeDocument().modified()")
    window.ask(_START)  # and the next one starts another
    window.until(_TREE, lambda tree: len(tree[0][3]) == 1)


def test_values_are_remembered_by_krita(window: Window) -> None:
    dialog(window, 3)
    assert "save the document first" not in window.ask(_SAID)  # the photo is a saved file
    assert window.ask("answer = Krita.instance().readSetting('mattekit', 'result', '')") == "file"


_SESSION = """
from mattekit_krita.plugin import extension
shared = extension._shared()
answer = shared.session is not None and not shared.busy
"""
_PRESS = """
(docker,) = [d for d in Krita.instance().dockers() if d.windowTitle() == "Remove Background"]
docker.setVisible(True)
(button,) = [b for b in docker.findChildren(QtWidgets.QPushButton) if b.text() == {text!r}]
button.click()
"""


def _masks(window: Window) -> list[list[Any]]:
    """Name, kind, whether it is visible, and children of the masks of the first layer."""
    masks: list[list[Any]] = window.tree()[0][3]
    return masks


def test_what_is_selected_is_removed_and_undo_brings_the_old_mask(window: Window) -> None:
    dialog(window, 0)
    window.ask("""
from krita import Selection
area = Selection()
area.select(0, 0, 40, 30, 255)
Krita.instance().activeDocument().setSelection(area)
""")
    window.ask(_PRESS.format(text="Keep Selected"))
    window.until(_TREE, lambda tree: [each[2] for each in tree[0][3]] == [False, True])
    window.until(_SAID_TOO, lambda said: any("Corrected" in each for each in said))
    kept = window.ask("""
mask = Krita.instance().activeDocument().topLevelNodes()[0].childNodes()[-1]
answer = bytes(mask.pixelData(0, 0, 40, 30)).count(255)
""")
    assert kept == 1200
    window.focus()
    window.key("ctrl+z")
    window.until(_TREE, lambda tree: [each[2] for each in tree[0][3]] == [True])


def test_the_menu_corrects_without_the_docker(window: Window) -> None:
    dialog(window, 0)
    labels = window.ask("""
entry = Krita.instance().action("mattekit_correct")
scripts = [menu for menu in QtWidgets.QApplication.allWidgets()
           if isinstance(menu, QtWidgets.QMenu) and entry in menu.actions()]
answer = [len(scripts), [each.text().replace("&", "") for each in entry.menu().actions()]]
""")
    assert labels[0] == 1
    assert set(labels[1]) == {  # Krita 6 sorts them
        *("Keep Selected", "Remove Selected", "Paint…", "Refine Edge", "Subjects as Layers"),
        *("Painting Done", "Painting Discard"),
    }
    trigger = "Krita.instance().action('mattekit_{}').trigger()"
    window.ask(trigger.format("painting_done"))
    window.until(_SAID_TOO, lambda said: any("No mask is being painted" in each for each in said))
    window.ask("""
from krita import Selection
area = Selection()
area.select(0, 0, 40, 30, 255)
Krita.instance().activeDocument().setSelection(area)
""")
    window.ask(trigger.format("keep_selected"))
    window.until(_TREE, lambda tree: [each[2] for each in tree[0][3]] == [False, True])
    window.until(_BUSY, lambda busy: not busy)
    window.ask(trigger.format("paint"))
    window.until(_SESSION, bool)
    window.ask(trigger.format("refine_edge"))
    window.until(_SAID_TOO, lambda said: any("is being painted on" in each for each in said))
    window.ask(trigger.format("painting_discard"))
    window.until(_SESSION.replace("is not None", "is None"), bool)
    window.ask(trigger.format("subjects_as_layers"))
    window.until(_TREE, lambda tree: "grouplayer" in [each[1] for each in tree])
    assert not window.tree()[0][2]


def test_the_mask_follows_strokes(window: Window) -> None:
    """Painted with the mouse, on the canvas of a real window."""
    dialog(window, 0)
    before = window.ask(_MASK)
    window.ask(_PRESS.format(text="Paint…"))
    window.until(_SESSION, bool)
    assert [each[1] for each in window.tree()] == ["paintlayer", "paintlayer"]
    # The picture fits into the canvas. The brush keeps what lies left of the disc: to remove the
    # disc would leave no subject.
    place = window.ask("""
from mattekit_krita.plugin import extension
extension._shared().take_brush(keep=True)
window = Krita.instance().activeWindow().qwindow()
canvas = max((w for w in window.findChildren(QtWidgets.QWidget)
              if w.metaObject().className() in ("KisOpenGLCanvas2", "KisQPainterCanvas")
              and w.isVisible()), key=lambda w: w.width())
at = canvas.mapToGlobal(QtCore.QPoint(canvas.width() // 6, canvas.height() // 2))
answer = [at.x(), at.y()]
""")
    x, y = place
    window.shown.xdotool("mousemove", x - 20, y, "mousedown", 1)
    for step in range(9):
        window.shown.xdotool("mousemove", x - 20 + 5 * step, y)
    window.shown.xdotool("mouseup", 1)
    window.until(_MASK, lambda mask: mask != before, 30)
    window.shown.shot(window.folder / "painting.png")
    window.ask(_PRESS.format(text="Done"))
    window.until(_TREE, lambda tree: len(tree) == 1 and [e[2] for e in tree[0][3]] == [False, True])
    assert window.ask(_MASK) == before  # the old mask is as it was
    window.ask(_PRESS.format(text="Paint…"))  # the next one begins with these strokes
    window.until(_SESSION, bool)
    strokes = window.ask("""
paint = Krita.instance().activeDocument().topLevelNodes()[-1]
answer = bytes(paint.pixelData(0, 0, 320, 240))[3::4].count(255)
""")
    assert strokes > 0
    window.ask(_PRESS.format(text="Discard"))
    window.until(_TREE, lambda tree: len(tree) == 1)
    assert [each[2] for each in _masks(window)] == [False, True]


def test_a_preview_changes_nothing(window: Window) -> None:
    window.ask(_PRESS.format(text="&Preview"))
    window.until(_SAID_TOO, lambda said: "This is what would come of it." in said)
    assert window.tree()[0][1:] == ["paintlayer", True, []]
    assert not window.ask("answer = Krita.instance().activeDocument().modified()")
    window.shown.shot(window.folder / "preview.png")


def test_the_docker_offers_what_every_dialog_has(window: Window) -> None:
    fields = window.ask("""
(docker,) = [d for d in Krita.instance().dockers() if d.windowTitle() == "Remove Background"]
(model,) = docker.findChildren(QtWidgets.QComboBox, "mattekit_model")
names = {w.objectName() for w in docker.findChildren(QtWidgets.QWidget)}
answer = [[model.itemData(at) for at in range(model.count())],
          sorted(name for name in names if name.startswith("mattekit_"))]
""")
    models, names = fields
    assert models[:2] == ["auto", "builtin"]
    wanted = ("zoom", "subjects", "edge_shift", "edge_soften", "shadow_type", "refine")
    assert {f"mattekit_{name}" for name in wanted} <= set(names)
