"""gimpfu into a profile and out again, without a GIMP."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import pytest

import gimpfu_host
from gimpfu_host import Gimp, GimpfuError, cli, installing


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GIMP2_DIRECTORY", "GIMP3_DIRECTORY", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


def plain(version: str, program: str = "/usr/bin/gimp") -> Gimp:
    return Gimp(Path(program), version)


def test_what_is_written_and_taken_out(home: Path) -> None:
    gimpfu_host.install(plain("2.10"))
    profile = home / ".config/GIMP/2.10"
    assert (profile / "environ/gimpfu.env").read_text() == f": PYTHONPATH={profile}/gimpfu\n"
    for line in (profile / "interpreters/gimpfu.interp").read_text().splitlines():
        name, _, python = line.partition("=")
        assert not Path(name).exists() or "/" not in name
        assert Path(python).exists()
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


# -- the command -------------------------------------------------------------------------------


def test_the_command(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.programs, "find", lambda: [plain("2.10"), plain("3.0", "/opt/gimp-3")])
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out.count("without this gimpfu") == 2
    assert cli.main(["install"]) == 0
    assert "/opt/gimp-3: gimpfu is in " in capsys.readouterr().out
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out.count(f"gimpfu {gimpfu_host.__version__}") == 2
    assert cli.main(["remove"]) == 0
    assert cli.main(["remove"]) == 0
    assert capsys.readouterr().out.count("gimpfu was not in it") == 2


def test_one_gimp_that_fails_does_not_stop_the_next(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.programs, "find", lambda: [plain("2.8"), plain("3.0")])
    assert cli.main(["install"]) == 1
    captured = capsys.readouterr()
    assert "too old" in captured.err
    assert "gimpfu is in" in captured.out


def test_a_machine_without_gimp(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.programs, "find", list)
    assert cli.main(["install"]) == 1
    assert "--at" in capsys.readouterr().err
