"""gimpfu into a profile and out again, without a GIMP."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import gimpfu_host
from front import plain
from gimpfu_host import GimpfuError, installing

pytestmark = pytest.mark.usefixtures("home")


def test_what_is_written_and_taken_out(home: Path) -> None:
    gimpfu_host.install(plain("2.10"))
    profile = home / ".config/GIMP/2.10"
    assert (profile / "environ/gimpfu.env").read_text() == f": PYTHONPATH={profile}/gimpfu\n"
    launcher = profile / "gimpfu/launch.py"
    starts = (profile / "interpreters/gimpfu.interp").read_text().splitlines()
    assert f"python2={launcher}" in starts
    assert f"/usr/bin/python={launcher}" in starts
    assert starts[-1] == f":gimpfu:E::py::{launcher}:"
    assert all(str(launcher) in line for line in starts)
    assert launcher.stat().st_mode & 0o111
    python = launcher.read_text("utf-8").splitlines()[0]
    assert Path(python.partition("#!")[2]).exists()
    assert (profile / "gimpfu/_gimpfu/backend.py").exists()
    evaluator = profile / "plug-ins/python-fu-eval/python-fu-eval.py"
    assert evaluator.stat().st_mode & 0o111
    assert evaluator.read_text("utf-8").startswith("#!/")
    assert gimpfu_host.installed_version(plain("2.10")) == gimpfu_host.__version__
    (profile / "gimprc").write_text("mine")
    assert gimpfu_host.remove(plain("2.10")) == [f"removed from {profile}"]
    assert [path.name for path in profile.iterdir()] == ["gimprc"]
    assert gimpfu_host.installed_version(plain("2.10")) is None
    assert gimpfu_host.remove(plain("2.10")) == []


def test_gimp_3_has_an_evaluator_of_its_own(home: Path) -> None:
    gimpfu_host.install(plain("3.0.4"))
    profile = home / ".config/GIMP/3.0"
    assert (profile / "gimpfu/gimpfu.py").exists()
    assert not (profile / "plug-ins").exists()


def test_an_upgrade_takes_out_what_is_no_longer_needed(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = {**installing.module_files("gimpfu"), "gimpfu/old.py": b"old", "gimpfu/gone/x.py": b"x"}
    with monkeypatch.context() as patched:
        patched.setattr(installing, "module_files", lambda below: more)
        gimpfu_host.install(plain("3.0"))
    folder = home / ".config/GIMP/3.0/gimpfu"
    assert (folder / "old.py").exists()
    gimpfu_host.install(plain("3.0"))
    assert not (folder / "old.py").exists()
    assert not (folder / "gone").exists()


def test_a_profile_that_cannot_be_written(home: Path) -> None:
    folder = home / ".config/GIMP/3.0"
    folder.mkdir(parents=True)
    (folder / "environ").write_text("a file")
    with pytest.raises(GimpfuError, match=r"environ.* cannot be changed"):
        gimpfu_host.install(plain("3.0"))


@pytest.mark.parametrize(
    ("platform", "version", "text"),
    [
        ("linux", "2.8", "too old"),
        ("linux", "2.9.8", "too old"),
        ("win32", "2.10", "Install GIMP 3"),
    ],
)
def test_what_cannot_be_done(
    monkeypatch: pytest.MonkeyPatch, platform: str, version: str, text: str
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(GimpfuError, match=text):
        gimpfu_host.install(plain(version))


def test_a_gimp_with_a_gimpfu_of_its_own_keeps_it(home: Path) -> None:
    own = home / "lib/gimp/2.0/python/gimpfu.py"
    own.parent.mkdir(parents=True)
    own.touch()
    with pytest.raises(GimpfuError, match="gimpfu of its own"):
        gimpfu_host.install(plain("2.10", str(home / "bin/gimp-2.10")))
