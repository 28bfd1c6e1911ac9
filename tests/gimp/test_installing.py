"""Putting the plug-in into GIMP's profile, without a GIMP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mattekit.errors import MattekitError
from mattekit.hooks import HostCopy
from mattekit_bridge.settings import read_settings
from mattekit_gimp import installing, probe
from mattekit_gimp._vendor import gimpfu_host
from support.former import LEFT, left_over, put_former

NAME = installing.NAME


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("GIMP2_DIRECTORY", "GIMP3_DIRECTORY", "XDG_CONFIG_HOME", "MATTEKIT_WORKER_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(probe, "make_profile", lambda program, profile: None)
    return tmp_path


@pytest.fixture
def knowing(monkeypatch):
    """A GIMP that takes every plug-in."""
    monkeypatch.setattr(probe, "unknown_procedures", lambda program, profile, names: ([], ""))


def plain(version, program="/usr/bin/gimp"):
    return HostCopy(Path(program), version)


# -- the plug-in -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["2.10", "3.0"])
def test_what_is_written(home, knowing, version):
    messages = installing.install(plain(version))
    folder = home / ".config/GIMP" / version / "plug-ins" / NAME
    assert messages == [
        f"the plug-in is in {folder}",
        "GIMP was asked and knows it",
        "restart GIMP; then see Filters > Remove Background.",
    ]
    stub = folder / f"{NAME}.py"
    assert os.access(stub, os.X_OK)
    first = stub.read_text("utf-8").splitlines()[0]
    assert first.startswith("#!/usr/bin/env python3" if version == "3.0" else "#!/")
    facts = json.loads((folder / "settings.json").read_text("utf-8"))
    assert facts["python"] == str(Path(sys.executable).absolute())
    assert facts["launch"] is True
    assert {each["name"] for each in json.loads((folder / "options.json").read_text("utf-8"))}
    inside = {path.name for path in (folder / "lib/mattekit_gimp").iterdir()}
    assert inside == {"__init__.py", "plugin"}
    assert (folder / "lib/mattekit_bridge/worker.py").exists()
    assert not list(folder.rglob("*.typed"))


@pytest.mark.parametrize("install", [installing.install, installing.install_gimpfu])
def test_a_gimp_makes_its_profile_before_anything_is_put_there(home, knowing, monkeypatch, install):
    begun = []

    def make(program, profile):
        begun.append((program, profile.folder, profile.folder.exists()))

    monkeypatch.setattr(probe, "make_profile", make)
    install(plain("3.0"))
    assert begun == [(Path("/usr/bin/gimp"), home / ".config/GIMP/3.0", False)]


def test_the_first_line_is_one_that_starts(home, knowing):
    installing.install(plain("2.10"))
    stub = home / ".config/GIMP/2.10/plug-ins" / NAME / f"{NAME}.py"
    result = subprocess.run([stub], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert "gimp" in result.stderr


def test_find_says_what_is_there(home, knowing, monkeypatch):
    program = home / "bin" / "gimp-2.10"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(gimpfu_host.programs, "_folders", lambda: iter(()))
    (copy,) = installing.find()
    assert (copy.version, copy.installed) == ("2.10", False)
    assert "mattekit hosts install gimp" in copy.advice
    installing.install(copy)
    (copy,) = installing.find()
    assert (copy.installed, copy.advice) == (True, "")
    monkeypatch.setattr(installing, "__version__", "99")
    (copy,) = installing.find()
    assert "`mattekit hosts install` renews it" in copy.advice
    installing.remove(copy)
    (copy,) = installing.find()
    assert not copy.installed


def test_an_upgrade_keeps_gimps_own_settings(home, knowing):
    installing.install(plain("2.10"))
    profile = home / ".config/GIMP/2.10"
    (profile / "mattekit-last-values").write_text("mine")
    stub = profile / "plug-ins" / NAME / f"{NAME}.py"
    stub.write_text("changed")
    messages = installing.install(plain("2.10"))
    assert f"{NAME}.py.yours-1" in messages[0]
    assert (profile / "mattekit-last-values").read_text() == "mine"
    messages = installing.remove(plain("2.10"))
    assert messages[0] == f"removed from {stub.parent}"
    assert [path.name for path in stub.parent.iterdir()] == [f"{NAME}.py.yours-1"]


@pytest.mark.parametrize("version", ["2.10", "3.0"])
def test_an_upgrade_from_0_1_0(home, knowing, version):
    folder = home / ".config/GIMP" / version / "plug-ins" / NAME
    put_former(folder, LEFT["gimp"])
    (folder / "lib/mattekit_gimp/inside/__pycache__").mkdir()
    assert not any("changed" in line for line in installing.install(plain(version)))
    assert left_over(folder) == []
    assert not (folder / "lib/mattekit_gimp/inside").exists()
    assert read_settings(str(folder)).python == str(Path(sys.executable).absolute())
    installing.remove(plain(version))
    assert not folder.exists()


def test_a_gimp_that_does_not_take_it(home, monkeypatch):
    monkeypatch.setattr(
        probe, "unknown_procedures", lambda *_: (["x"], "ImportError: libgimp is not there\n")
    )
    with pytest.raises(MattekitError, match=r"does not take the plug-in.*libgimp is not there"):
        installing.install(plain("2.10"))


def test_a_gimp_that_cannot_be_started_from_here(home):
    messages = installing.install(plain("2.10", str(home / "no-gimp")))
    assert any("could not be asked" in message for message in messages)


def test_a_sandbox_is_told_how_to_start_the_worker(home, knowing):
    messages = installing.install(plain("3.0", "/snap/bin/gimp"))
    assert any("MATTEKIT_WORKER_DIR=" in m and "mattekit worker start" in m for m in messages)
    folder = home / "snap/gimp/current/.config/GIMP/3.0/plug-ins" / NAME
    facts = json.loads((folder / "settings.json").read_text("utf-8"))
    assert facts["launch"] is False
    assert facts["worker_folder"] == str(home / "snap/gimp/common/mattekit-worker")


@pytest.mark.parametrize(
    ("platform", "version", "text"),
    [("linux", "2.8", "too old"), ("win32", "2.10", "Install GIMP 3")],
)
def test_what_cannot_be_done(home, monkeypatch, platform, version, text):
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(MattekitError, match=text):
        installing.install(plain(version))


def test_a_program_that_is_no_gimp(home):
    with pytest.raises(MattekitError, match="does not say that it is GIMP"):
        installing.install(HostCopy(Path("/bin/true")))


# -- gimpfu ------------------------------------------------------------------------------------


def test_gimpfu_for_everybody(home):
    installing.install_gimpfu(plain("2.10"))
    profile = home / ".config/GIMP/2.10"
    assert (profile / "environ/gimpfu.env").read_text() == f": PYTHONPATH={profile}/gimpfu\n"
    for line in (profile / "interpreters/gimpfu.interp").read_text().splitlines():
        name, _, python = line.partition("=")
        assert not Path(name).exists() or "/" not in name
        assert Path(python).exists()
    assert (profile / "gimpfu/_gimpfu/backend.py").exists()
    (profile / "gimprc").write_text("mine")
    installing.remove_gimpfu(plain("2.10"))
    assert [path.name for path in profile.iterdir()] == ["gimprc"]


def test_a_gimp_with_a_gimpfu_of_its_own_keeps_it(home):
    own = home / "lib/gimp/2.0/python/gimpfu.py"
    own.parent.mkdir(parents=True)
    own.touch()
    with pytest.raises(MattekitError, match="gimpfu of its own"):
        installing.install_gimpfu(plain("2.10", str(home / "bin/gimp-2.10")))
