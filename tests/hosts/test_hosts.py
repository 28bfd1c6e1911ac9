"""The helpers here drive the real programs, in both places."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from hosts import install
from hosts.gimp import Gimp, gimp2, gimp3
from hosts.krita import KRITAS as FOUND
from hosts.krita import Krita
from hosts.screen import virtual_screen
from hosts.systems import DEBIAN_12, debian

GIMPS = pytest.mark.parametrize("gimp", [gimp2, gimp3])
KRITAS = pytest.mark.parametrize("krita", FOUND)

pytestmark = pytest.mark.install


def test_the_mirror_is_that_of_this_machine() -> None:
    if not Path("/usr/bin/apt-get").exists():
        pytest.skip("no apt")
    assert "://" in install.mirror()
    assert "security" not in install.mirror()


def test_what_is_missing_is_known(tmp_path: Path) -> None:
    assert install.missing(["gimp"], tmp_path) == ["gimp"]
    assert install.missing(["base-files", "no-such-package"]) == ["no-such-package"]


def test_a_program_in_the_folder_sees_the_files_of_a_test(tmp_path: Path) -> None:
    (tmp_path / "in").write_text("picture")
    command = f'cp {tmp_path}/in {tmp_path}/out && . /etc/os-release && echo "$VERSION_CODENAME"'
    answer = debian(install.TRIXIE).run(["sh", "-c", command])
    assert answer.stdout == "trixie\n", answer.stderr
    assert (tmp_path / "out").read_text() == "picture"


@pytest.mark.parametrize("where", ["outside", "folder"])
def test_the_python_of_this_machine_can_be_run_from_anywhere(where: str, tmp_path: Path) -> None:
    place = DEBIAN_12 if where == "outside" else debian(install.TRIXIE)
    python = place.python(tmp_path)
    code = "import json, sys, mattekit; print(json.dumps([sys.version, mattekit.__file__]))"
    answer = place.run([python, "-c", code])
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)[0] == sys.version


@GIMPS
def test_gimp_writes_a_picture(gimp: Callable[[Path], Gimp], tmp_path: Path) -> None:
    host = gimp(tmp_path)
    out = tmp_path / "out.png"
    many = "(vector layer)" if host.version != "2.10" else "layer"
    save = (
        f'(gimp-file-save RUN-NONINTERACTIVE image "{out}")'
        if host.version != "2.10"
        else f'(gimp-file-save RUN-NONINTERACTIVE image {many} "{out}" "{out}")'
    )
    answer = host.script_fu(
        "(let* ((image (car (gimp-image-new 30 20 RGB)))"
        + (
            '(layer (car (gimp-layer-new image 30 20 RGB-IMAGE "l" 100 LAYER-MODE-NORMAL))))'
            if host.version == "2.10"
            else '(layer (car (gimp-layer-new image "l" 30 20 RGB-IMAGE 100 LAYER-MODE-NORMAL))))'
        )
        + "(gimp-image-insert-layer image layer 0 0)"
        "(gimp-context-set-foreground '(200 10 20))"
        f"(gimp-drawable-fill layer FILL-FOREGROUND) {save})"
    )
    assert out.exists(), answer.stdout + answer.stderr
    with Image.open(out) as picture:
        assert picture.size == (30, 20)
        assert picture.getpixel((3, 4)) == (200, 10, 20)


def test_a_screen_shows_a_window(tmp_path: Path) -> None:
    with virtual_screen(300, 200) as shown:
        process = DEBIAN_12.start(["xmessage", "Hello"], {"DISPLAY": shown.display})
        try:
            shown.wait_for("xmessage", 60)
            with Image.open(shown.shot(tmp_path / "shot.png")) as picture:
                assert picture.size == (300, 200)
                assert len(picture.convert("RGB").getcolors() or ()) > 2
        finally:
            process.terminate()
            process.wait(30)
        shown.wait_until_gone("xmessage")


@KRITAS
def test_krita_writes_a_picture(krita: Callable[[Path], Krita], tmp_path: Path) -> None:
    host = krita(tmp_path)
    out = tmp_path / "out.png"
    script = tmp_path / "script.py"
    script.write_text(
        "from krita import InfoObject, Krita\n"
        "def __main__(args):\n"
        "    app = Krita.instance()\n"
        "    doc = app.createDocument(30, 20, 'd', 'RGBA', 'U8', '', 72.0)\n"
        "    node = doc.createNode('n', 'paintlayer')\n"
        "    node.setPixelData(bytes([20, 10, 200, 255]) * 600, 0, 0, 30, 20)\n"
        "    doc.rootNode().addChildNode(node, None)\n"
        "    doc.refreshProjection()\n"
        "    doc.setBatchmode(True)\n"
        "    doc.exportImage(args[0], InfoObject())\n"
    )
    answer = host.runner(script, str(out))
    assert out.exists(), answer.stdout + answer.stderr
    with Image.open(out) as picture:
        assert picture.convert("RGB").getpixel((3, 4)) == (200, 10, 20)
