"""What will become of a plug-in, from its file."""

from __future__ import annotations

from pathlib import Path

import pytest

import gimpfu_host
from gimpfu_host import GimpfuError
from gimpfu_host.cli import main

TAIL = "\nfrom gimpfu import *\nregister('mine', '', '', '', '', '', '', '', [], [], f)\nmain()\n"


def found(folder: Path, source: str, name: str = "it.py") -> gimpfu_host.Finding:
    path = folder / name
    path.write_text(source, "utf-8")
    path.chmod(0o755)
    return gimpfu_host.check(path)


RUNS = {
    "Python 2's name": "#!/usr/bin/env python2" + TAIL,
    "Python's name": "#!/usr/bin/python" + TAIL,
    "Python 3": "#!/usr/bin/env python3" + TAIL,
    "without a first line": TAIL,
    "ends of lines": "#!/usr/bin/env python" + TAIL.replace("\n", "\r\n"),
    "options": "#!/usr/bin/python2 -u" + TAIL,
    "old modules": "import cPickle, StringIO, os, math" + TAIL,
    "its own": TAIL + "pdb.python_fu_mine()\npdb['gimp-image-new']\npdb.query('x')\n",
}


@pytest.mark.parametrize("name", RUNS)
def test_runs(tmp_path: Path, name: str) -> None:
    finding = found(tmp_path, RUNS[name])
    assert finding.runs
    assert str(finding) == f"{tmp_path / 'it.py'}: GIMP 2.10 and 3: runs"


def test_is_translated(tmp_path: Path) -> None:
    finding = found(tmp_path, TAIL + "print 1\ntry: pass\nexcept A, b: pass\n")
    assert finding.runs
    assert str(finding).endswith(": runs; translated from Python 2 (print, except)")


DOES_NOT = {
    "its first line names Python 3, and it is written in": "#!/usr/bin/env python3\nprint 1" + TAIL,
    "it needs gtk: PyGTK ended": "import gtk" + TAIL,
    "it needs pygtk: PyGTK ended": "import pygtk\npygtk.require('2.0')" + TAIL,
    "it is no Python, line 2: invalid syntax": "\nx = = 1" + TAIL,
    "its first line gives -u to env": "#!/usr/bin/env python -u" + TAIL,
    "its first line names C:/Python27/pythonw.exe": "#!C:/Python27/pythonw.exe" + TAIL,
}


@pytest.mark.parametrize("why", DOES_NOT)
def test_does_not_run(tmp_path: Path, why: str) -> None:
    finding = found(tmp_path, DOES_NOT[why])
    assert not finding.runs
    assert f"GIMP 2.10 and 3: does not run, {why}" in str(finding)


NOTES = {
    "GIMP's Python must have colormath, numpy": "import numpy, colormath.x, beside, lying" + TAIL,
    "a part of it needs PyGTK (gtk), which is gone": "def f():\n    import gtk" + TAIL,
    "a part of it needs PyGTK (gimpui)": "try: import gimpui\nexcept ImportError: pass" + TAIL,
    "on GIMP 3 there is no plug-in-filter-pack (GIMP 3 has its filters in the menu Colors)": (
        TAIL + "pdb.plug_in_filter_pack()"
    ),
    "procedures of other plug-ins or of GIMP 3: plug-in-resynthesizer": (
        TAIL + "gimp.pdb.plug_in_resynthesizer(image)"
    ),
}


@pytest.mark.parametrize("note", NOTES)
def test_what_it_needs(tmp_path: Path, note: str) -> None:
    (tmp_path / "beside.py").touch()
    (tmp_path / "lying").mkdir()
    finding = found(tmp_path, NOTES[note])
    assert finding.runs
    assert note in str(finding)


def test_not_executable(tmp_path: Path) -> None:
    path = tmp_path / "it.py"
    path.write_text(TAIL)
    path.chmod(0o644)
    assert "only when it is executable" in str(gimpfu_host.check(path))


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("import gi\nfrom gi.repository import Gimp\n", "written for GIMP 3's own Python"),
        ("print 1\n", "no plug-in of gimpfu: it imports neither gimpfu nor gimp"),
    ],
)
def test_something_else(tmp_path: Path, source: str, said: str) -> None:
    finding = found(tmp_path, source)
    assert not finding.is_plug_in
    assert said in str(finding)


def test_files_and_folders(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    for name in ("a/b/x.py", "a/c.py", "a/d.txt"):
        (tmp_path / name).touch()
    assert gimpfu_host.plug_ins_in([tmp_path, tmp_path / "a/d.txt"]) == [
        *(tmp_path / "a/b/x.py", tmp_path / "a/c.py", tmp_path / "a/d.txt"),
    ]  # fmt: skip
    with pytest.raises(GimpfuError, match=r"nothing: there is no such file"):
        gimpfu_host.plug_ins_in([tmp_path / "nothing"])


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(b" " * 4_000_001)
    with pytest.raises(GimpfuError, match="larger than 4 MB"):
        gimpfu_host.check(path)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found(tmp_path, TAIL, "good.py")
    assert main(["check", str(tmp_path)]) == 0
    found(tmp_path, "import gtk" + TAIL, "bad.py")
    assert main(["check", str(tmp_path)]) == 1
    assert main(["check", str(tmp_path / "nothing")]) == 1
    told = capsys.readouterr()
    assert told.out.count("\n") == 3
    assert "no such file" in told.err
