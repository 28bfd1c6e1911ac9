"""Old plug-ins, started as GIMP starts them: in a process of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import gimpfu_host

LAUNCHER = Path(gimpfu_host.__file__).parent / "launch.py"


@pytest.fixture
def plug_in(tmp_path: Path) -> Path:
    return tmp_path / "plug-in.py"


def launched(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, LAUNCHER, *words],
        env={"PYTHONPATH": str(gimpfu_host.modules())},
        check=False,
        capture_output=True,
        text=True,
    )


def test_a_plug_in_in_python_2(plug_in: Path) -> None:
    (plug_in.parent / "helper.py").write_text("print 'helper',\ndef half(n): return n / 2\n")
    plug_in.write_text(
        "import sys, helper\n"
        "print helper.half(7), map(None, [1], [2]), range(2) + [5], round(2.5)\n"
        "print __name__, __file__ == sys.argv[0], sys.argv[1:]\n"
        "print sys.modules['__main__'].sys is sys\n"
        "execfile(sys.argv[0][:-10] + 'more')\n"
    )
    (plug_in.parent / "more").write_text("print 9 / 2\n")
    done = launched(plug_in, "-gimp", "1", "2", "-run", "0")
    assert done.stdout == (
        "helper 3 [(1, 2)] [0, 1, 5] 3.0\n__main__ True ['-gimp', '1', '2', '-run', '0']\nTrue\n4\n"
    )
    assert done.stderr == ""
    assert not list(plug_in.parent.rglob("*.pyc"))


def test_a_translation_is_told_when_gimp_asks_what_there_is(plug_in: Path) -> None:
    plug_in.write_text("import sys\nprint sys.argv[1]\n")
    done = launched("-u", plug_in, "-gimp", "-query")
    assert done.stdout == "-gimp\n"
    assert done.stderr == (
        f"gimpfu: {plug_in} is written in Python 2; it runs in a translation (print)\n"
    )


def test_the_line_of_an_error(plug_in: Path) -> None:
    plug_in.write_text("print 1\n\ndef f((a, b)):\n    raise ValueError, a\nf((5, 6))\n")
    done = launched(plug_in)
    assert done.returncode == 1
    assert 'plug-in.py", line 4, in f\n    raise ValueError, a' in done.stderr
    assert "ValueError: 5" in done.stderr


def test_modules_that_are_gone_are_one_sentence(plug_in: Path) -> None:
    plug_in.write_text("import pygtk\npygtk.require('2.0')\n")
    done = launched(plug_in)
    assert done.returncode == 1
    assert done.stderr == (
        f"gimpfu: {plug_in} does not run: no module pygtk: PyGTK ended with Python 2; a dialog of "
        "its own has to be rewritten\n"
    )
    plug_in.write_text("try:\n    import gtk\nexcept ImportError:\n    print 'without'\n")
    assert launched(plug_in).stdout == "without\n"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (b"from gimpfu import *\nx = = 1\n", "is no Python, line 2: invalid syntax"),
        (b"from gimpfu import *\n\0", "is no Python"),
    ],
)
def test_what_is_no_python(plug_in: Path, source: bytes, said: str) -> None:
    plug_in.write_bytes(source)
    done = launched(plug_in)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_a_script_that_is_no_plug_in_is_python_3_where_it_can_be(plug_in: Path) -> None:
    plug_in.write_text("print(7 / 2)\n")
    assert launched(plug_in).stdout == "3.5\n"
    plug_in.write_text("print 7 / 2\n")
    assert launched(plug_in).stdout == "3\n"


@pytest.mark.parametrize("words", [[], ["-u"], ["/nowhere/plug-in.py"]])
def test_no_plug_in(words: list[str]) -> None:
    done = launched(*words)
    assert done.returncode == 1
    assert done.stderr.startswith("gimpfu")
    assert done.stderr.count("\n") == 1
