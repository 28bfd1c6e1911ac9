"""`mattekit hosts install gimpfu`: a plug-in of old runs in real GIMPs, unchanged."""

from __future__ import annotations

import pytest

from hosts.gimp import gimp2, gimp3
from support.gimp.studio import command, wrapper

pytestmark = pytest.mark.install

OLD = """#!/usr/bin/env python2
from gimpfu import *

def write(path):
    image = gimp.Image(30, 20, RGB)
    file = open(path, "w")
    file.write("%d %s" % (image.width, gimp.version[0]))
    file.close()

register("python-fu-old", "", "", "", "", "", "Old", "", [(PF_STRING, "path", "", "")], [], write,
         menu="<Image>/Tools")
main()
"""


@pytest.mark.parametrize("make", [gimp2, gimp3])
def test_an_old_plug_in_runs_and_is_gone_with_it(make, tmp_path):
    gimp = make(tmp_path / "home")
    program = str(wrapper(gimp, tmp_path))
    install = ("hosts", "install", "gimpfu", "--at", program)
    result = command(gimp, tmp_path, *install, never_started=True)
    assert result.returncode == 0, result.stderr
    # It has first made what it makes for itself.
    assert (gimp.profile / "brushes").is_dir()
    gimp.install("old", OLD)
    out = tmp_path / "out.txt"
    named = "#:path" if gimp.version != "2.10" else "RUN-NONINTERACTIVE"
    said = gimp.script_fu(f'(python-fu-old {named} "{out}")')
    assert out.exists(), said.stdout + said.stderr
    assert out.read_text() == f"30 {gimp.version[0]}"
    result = command(gimp, tmp_path, "hosts", "remove", "gimpfu", "--at", program)
    assert result.returncode == 0, result.stderr
    assert not (gimp.profile / "gimpfu").exists()
    assert not (gimp.profile / "environ" / "gimpfu.env").exists()
