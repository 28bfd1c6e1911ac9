"""What plug-ins expect of gimpfu, seen from outside: Script-Fu calls them in GIMP 2.10."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from realkit.gimp2 import PLUGINS, Equipped, equipped

import gimpfu_host
from hosts.gimp import Gimp, gimp2

pytestmark = pytest.mark.install


@pytest.fixture(scope="session")
def gimp(tmp_path_factory: pytest.TempPathFactory) -> Equipped:
    made = equipped(tmp_path_factory.mktemp("behaviour"))
    for name in ("habits", "as_class"):
        made.add(PLUGINS / f"{name}.py")
    return made


@pytest.fixture(scope="session")
def said(gimp: Equipped) -> dict[str, str]:
    """What GIMP said to each step of one session."""
    out = gimp.gimp.home
    said = gimp.run(
        *(f'(say "step:{name}") {code.replace("OUT", str(out))}' for name, code in STEPS.items())
    )
    found: dict[str, str] = {}
    for part in said.split("step:")[1:]:
        name, _, rest = part.partition("\n")
        found[name] = rest
    return found


STEPS = {
    "echo": """(let* ((p (picture RGB-IMAGE)) (i (car p)) (l (cadr p))
        (c (car (gimp-channel-new i 5 5 "c" 50 '(1 2 3))))
        (v (car (gimp-vectors-new i "v"))))
        (gimp-image-insert-channel i c 0 0)
        (gimp-image-insert-vectors i v 0 0)
        (let ((r (python-fu-echo 1 200 -5 123456 0.25 "grüße" '(1 2 3) l -1 i l c l v 1 0.5 7
            "Sans" "/f" "b" "p" "g" "b" "text" "pal" "/fn" "/dn" 1)))
          (say (string-append "int8:" (number->string (nth 0 r))
            " int16:" (number->string (nth 1 r)) " float:" (number->string (nth 3 r))
            " string:" (nth 4 r)
            " color:" (unbreakupstr (map number->string (nth 5 r)) ",")
            " same:" (if (and (= (nth 6 r) l) (= (nth 7 r) -1) (= (nth 8 r) i) (= (nth 9 r) l)
                              (= (nth 10 r) c) (= (nth 11 r) l) (= (nth 12 r) v)) "yes" "no")
            " toggle:" (number->string (nth 13 r)) " spinner:" (number->string (nth 15 r))
            " radio:" (nth 21 r) " option:" (number->string (nth 26 r))))))""",
    "one": '(say (car (python-fu-one 1 "shout")))',
    "nothing": '(python-fu-nothing 1 "x") (say "went well")',
    "old": """(let ((p (picture RGB-IMAGE)))
        (python-fu-old-style 1 (car p) (cadr p) 0.5) (save (car p) "OUT/old.png"))""",
    "raises": "(let ((p (picture RGB-IMAGE))) (python-fu-raises 1 (car p) (cadr p)))",
    "fails": "(python-fu-fails 1)",
    "cancels": "(python-fu-cancels 1)",
    "wrong-results": "(python-fu-wrong-results 1)",
    "run-mode": '(say (car (plug-in-without-run-mode "that")))',
    "calls": """(let ((p (picture RGB-IMAGE)))
        (say (car (python-fu-calls-others 1 (car p) (cadr p)))) (save (car p) "OUT/calls.png"))""",
    "layers": """(let ((p (picture RGB-IMAGE)))
        (gimp-item-set-name (cadr p) "größe")
        (say (string-append "saved:" (number->string
            (car (python-fu-layers-to-files 1 (car p) "OUT"))))))""",
    "files": """(let* ((p (picture RGB-IMAGE)))
        (gimp-image-convert-grayscale (car p))
        (gimp-file-save 1 (car p) (cadr p) "OUT/a.tiny" "a.tiny")
        (gimp-file-save RUN-INTERACTIVE (car p) (cadr p) "OUT/asked.tiny" "asked.tiny")
        (let ((again (car (gimp-file-load 1 "OUT/a.tiny" "a.tiny"))))
          (save again "OUT/tiny.png")))""",
    "magic": '(save (car (gimp-file-load 1 "OUT/b" "b")) "OUT/magic.png")',
    "class": """(let* ((p (picture RGB-IMAGE))
        (r (plug-in-as-class 1 (car p) (cadr p) 2 #(1.5 2.5))))
        (say (string-append "twice:" (number->string (vector-ref (cadr r) 1))))
        (save (car p) "OUT/class.png"))""",
    "last": """(let ((p (picture RGB-IMAGE)))
        (python-fu-old-style RUN-WITH-LAST-VALS (car p) (cadr p) 0)
        (save (car p) "OUT/last.png"))""",
    "interactive": """(let ((p (picture RGB-IMAGE)))
        (python-fu-old-style RUN-INTERACTIVE (car p) (cadr p) 0))""",
    "temporary": """(let ((p (picture RGB-IMAGE)))
        (say (string-append "heard:" (number->string (car (python-fu-temporary 1 (car p)))))))""",
    "menus": '(say (unbreakupstr (cadr (gimp-procedural-db-query "python-fu-.*" '
    '".*" ".*" ".*" ".*" ".*" ".*")) " "))',
}


@pytest.fixture(scope="session", autouse=True)
def _a_file_without_extension(gimp: Equipped) -> None:
    (gimp.gimp.home / "b").write_bytes(b"TINY 2 1\n\x00\xff")


def _rgb(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), np.int16)


def test_every_type_as_argument_and_result(said: dict[str, str]) -> None:
    line = said["echo"]
    for part in (
        "int8:200",
        "int16:-5",
        "float:0.25",
        "string:grüße",
        "color:1,2,3",
        "same:yes",
        "toggle:1",
        "spinner:7",
        "radio:b",
        "option:1",
    ):
        assert part in line, line


def test_results(said: dict[str, str]) -> None:
    assert "SHOUT" in said["one"]
    assert "went well" in said["nothing"]
    assert "python-fu-wrong-results: result 'a' cannot be (1, 2, 3)" in said["wrong-results"]


def test_old_style_gets_image_and_drawable(gimp: Equipped, said: dict[str, str]) -> None:
    assert "error" not in said["old"].lower()
    bright = _rgb(gimp.gimp.home / "old.png")
    assert bright[80, 100, 0] > 210


def test_an_exception_is_a_message(said: dict[str, str]) -> None:
    assert "Procedure execution of python-fu-raises failed: IndexError" in said["raises"]
    assert "habits.py" in said["raises"]
    assert "No luck today" in said["fails"]
    assert "Traceback" not in said["cancels"]
    assert "never mind" not in said["cancels"]


def test_run_mode_param(said: dict[str, str]) -> None:
    assert "got that" in said["run-mode"]


def test_calling_other_plug_ins(gimp: Equipped, said: dict[str, str]) -> None:
    assert "CALLED No luck today" in said["calls"]
    assert _rgb(gimp.gimp.home / "calls.png")[80, 100, 0] > 200


def test_layers_to_files(gimp: Equipped, said: dict[str, str]) -> None:
    assert "saved:1" in said["layers"]
    assert _rgb(gimp.gimp.home / "00_größe.png").shape == (90, 120, 3)


def test_file_handlers(gimp: Equipped, said: dict[str, str]) -> None:
    home = gimp.gimp.home
    assert (home / "a.tiny").read_bytes().startswith(b"TINY 120 90\n")
    # Nothing is left to ask: GIMP knows the file's name.
    assert (home / "asked.tiny").read_bytes() == (home / "a.tiny").read_bytes()
    with Image.open(home / "tiny.png") as image:
        assert image.size == (120, 90)
        assert len(image.convert("L").getcolors() or []) == 2
    with Image.open(home / "magic.png") as image:
        assert list(image.convert("L").tobytes()) == [0, 255]


def test_plugin_class(gimp: Equipped, said: dict[str, str]) -> None:
    assert "twice:5" in said["class"]
    assert _rgb(gimp.gimp.home / "class.png").min() == 255


def test_last_values_are_the_defaults_at_first(gimp: Equipped, said: dict[str, str]) -> None:
    last, old = (_rgb(gimp.gimp.home / f"{name}.png") for name in ("last", "old"))
    assert np.array_equal(last, old)


def test_no_window_is_said_plainly(said: dict[str, str]) -> None:
    assert "RUN-NONINTERACTIVE" in said["interactive"]


def test_progress_functions(said: dict[str, str]) -> None:
    assert "heard:" in said["temporary"]
    assert int(said["temporary"].split("heard:")[1].split()[0]) > 1


def test_all_are_registered(said: dict[str, str]) -> None:
    names = said["menus"].split()
    assert {"python-fu-echo", "python-fu-old-style", "python-fu-raises"} <= set(names)


# -- as users install it -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Gimp:
    """A GIMP into which `gimpfu install` has put gimpfu."""
    gimp = gimp2(tmp_path_factory.mktemp("installed"))
    command = [sys.executable, "-m", "gimpfu_host", "install"]
    source = Path(gimpfu_host.__file__).parents[1]
    env = {"HOME": str(gimp.home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(source)}
    subprocess.run(command, env=env, check=True, capture_output=True)
    return gimp


def test_batches_in_python(installed: Gimp) -> None:
    out = installed.home / "eval.png"
    command = [
        *("gimp", "-i", "-d", "-f", "--batch-interpreter", "python-fu-eval"),
        # Each is a run of its own.
        *(
            "-b",
            "image = gimp.Image(64, 32, RGB); layer = image.new_layer(alpha=False); "
            f"pdb.gimp_file_save(image, layer, '{out}', 'eval.png')",
        ),
        *("-b", "pdb.gimp_quit(1)"),
    ]
    said = installed.place.run(command, {"HOME": str(installed.home)}, 120)
    assert out.exists(), said.stderr
    assert _rgb(out).shape == (32, 64, 3)


def test_the_example_of_the_readme(installed: Gimp) -> None:
    text = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    installed.install("frame", example)
    out = installed.home / "frame.png"
    said = Equipped(installed).run(
        f"""(let ((p (picture RGB-IMAGE)))
            (python-fu-frame 1 (car p) (cadr p) 15 '(255 165 0)) (save (car p) "{out}"))""",
        data=False,
    )
    assert out.exists(), said
    framed = _rgb(out)
    assert framed.shape == (120, 150, 3)
    assert tuple(framed[5, 5]) == (255, 165, 0)
    assert tuple(framed[20, 20]) == (200, 40, 40)
