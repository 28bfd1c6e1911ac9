"""The extension in Inkscape's own Python, with a worker of its own; Inkscape draws the result.

Its window, with the dialog and undo, is tried by hand: docs/inkscape.md shows it.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as Xml

import numpy as np
import pytest
from PIL import Image

import mattekit
import mattekit_bridge as bridge
from hosts.screen import virtual_screen
from mattekit import Options, codecs
from mattekit.hooks import HostCopy
from mattekit_inkscape.installing import HOSTS
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
