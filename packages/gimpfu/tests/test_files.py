"""Files that are written into a profile, and nothing else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

import gimpfu_host
from front import plain

pytestmark = pytest.mark.usefixtures("home")


def test_what_somebody_changed_is_kept(home: Path) -> None:
    gimpfu_host.install(plain("3.0"))
    profile = home / ".config/GIMP/3.0"
    changed, foreign = profile / "environ/gimpfu.env", profile / "gimpfu/mine.py"
    changed.write_text("mine")
    foreign.write_text("mine")
    messages = gimpfu_host.install(plain("3.0"))
    assert "gimpfu.env.yours-1" in messages[0]
    assert changed.with_name("gimpfu.env.yours-1").read_text() == "mine"
    changed.write_text("again")
    messages = gimpfu_host.remove(plain("3.0"))
    assert messages[1:] == [f"{changed} was changed by somebody and stays"]
    assert foreign.read_text() == "mine"
    assert not (profile / "gimpfu/gimp.py").exists()


def test_a_linked_folder_of_plug_ins_stays_a_link(home: Path) -> None:
    profile, elsewhere = home / ".config/GIMP/2.10", home / "dotfiles"
    profile.mkdir(parents=True)
    elsewhere.mkdir()
    (profile / "plug-ins").symlink_to(elsewhere)
    gimpfu_host.install(plain("2.10"))
    assert (elsewhere / "python-fu-eval/python-fu-eval.py").exists()
    gimpfu_host.remove(plain("2.10"))
    assert (profile / "plug-ins").is_symlink()
    assert not list(elsewhere.iterdir())


def test_a_list_that_leads_out_of_the_profile_deletes_nothing(home: Path) -> None:
    gimpfu_host.install(plain("3.0"))
    profile = home / ".config/GIMP/3.0"
    outside = profile.parent / "precious"
    outside.write_text("mine")
    listed = profile / "gimpfu/gimpfu-files.json"
    digest = hashlib.sha256(outside.read_bytes()).hexdigest()
    listed.write_text(json.dumps({"version": "1", "files": {"../precious": [digest]}}))
    gimpfu_host.remove(plain("3.0"))
    assert outside.read_text() == "mine"
