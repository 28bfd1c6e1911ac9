"""`mattekit hosts`: on a fake host, with files that are really written."""

from __future__ import annotations

import dataclasses
import json
import sys
from types import SimpleNamespace

import pytest

from mattekit import hooks
from mattekit.errors import MattekitError, OptionError
from mattekit_cli import known_programs
from mattekit_hosts import files
from mattekit_hosts.files import put, take_out


@pytest.fixture
def paint(tmp_path, monkeypatch):
    """A host with two copies, whose installer puts two files into a folder beside the program."""
    programs = [tmp_path / "paint-1.0" / "paint", tmp_path / "paint-2.0" / "paint"]
    for program in programs:
        program.parent.mkdir()
        program.touch()

    def copies():
        return [
            hooks.HostCopy(
                path,
                path.parent.name.rpartition("-")[2],
                files.installed_version(path.parent / "plug-in") is not None,
                "restart it",
            )
            for path in programs
            if path.exists()
        ]

    def install(copy):
        if copy.version == "1.0":
            raise MattekitError("too old.")
        return [*put(copy.path.parent / "plug-in", {"a.py": "1\n"}), "restart Paint."]

    def remove(copy):
        return take_out(copy.path.parent / "plug-in")

    def check(paths):
        return [f"{path.name}: runs" for path in paths]

    host = hooks.Host("paint", "Paint", copies, install, remove, check_plugins=check)
    absent = hooks.Host("pencil", "Pencil", list)
    plugins = hooks.Plugins(load=False)
    plugins.register(
        SimpleNamespace(mattekit_hosts=hooks.hookimpl(lambda: [host, absent])), "painter"
    )
    monkeypatch.setattr("mattekit.plugins._shared", [plugins])
    monkeypatch.setattr(known_programs, "data_folder", lambda variable: tmp_path / "data")
    monkeypatch.setenv("PATH", "")
    return tmp_path


# -- the command -------------------------------------------------------------------------------


def test_list(mattekit, paint):
    result = mattekit("hosts", "list")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["NAME", "VERSION", "INSTALLED", "PROGRAM"]
    assert [line.split()[:3] for line in lines[1:]] == [
        ["paint", "1.0", "-"], ["paint", "2.0", "-"],
    ]  # fmt: skip
    assert result.stderr.count("Paint: restart it") == 1
    (first, _) = json.loads(mattekit("hosts", "list", "--json").stdout)
    assert first == {
        "name": "paint", "title": "Paint", "version": "1.0", "installed": False,
        "path": str(paint / "paint-1.0/paint"), "advice": "restart it",
    }  # fmt: skip


def test_one_copy_that_fails_does_not_stop_the_others(mattekit, paint):
    result = mattekit("hosts", "install", "paint")
    assert result.exit_code == 1
    assert "mattekit: Paint 1.0: too old." in result.stderr
    assert result.stdout == "Paint 2.0: restart Paint.\n"
    assert (paint / "paint-2.0/plug-in/a.py").read_text() == "1\n"


@pytest.mark.parametrize(("wrong", "code"), [({"1.0"}, 1), ({"1.0", "2.0"}, 2), (set(), 0)])
def test_the_exit_code_is_that_of_all_commands(mattekit, paint, monkeypatch, wrong, code):
    def install(copy):
        if copy.version in wrong:
            raise OptionError("version", copy.version, "another one")
        return []

    known = hooks.hosts()["paint"]
    hosts = {"paint": dataclasses.replace(known, install=install)}
    monkeypatch.setattr(hooks, "hosts", lambda: hosts)
    assert mattekit("hosts", "install", "paint").exit_code == code


def test_without_a_name_what_is_installed_is_renewed(mattekit, paint):
    result = mattekit("hosts", "install")
    assert result.exit_code == 2
    assert "in no editor yet. Name one: paint, pencil." in result.stderr
    mattekit("hosts", "install", "paint")
    (paint / "paint-2.0/plug-in/a.py").unlink()
    result = mattekit("hosts", "install")
    assert (result.exit_code, result.stdout) == (0, "Paint 2.0: restart Paint.\n")
    assert (paint / "paint-2.0/plug-in/a.py").exists()


def test_a_program_of_ones_own(mattekit, paint):
    own = paint / "own" / "paint"
    own.parent.mkdir()
    own.touch()
    result = mattekit("hosts", "install", "paint", "--at", own)
    assert (result.exit_code, result.stdout) == (0, "Paint: restart Paint.\n")
    # It is remembered: listed, renewed and removed like those that are found.
    assert json.loads(mattekit("hosts", "list", "--json").stdout)[-1]["path"] == str(own)
    (own.parent / "plug-in/a.py").unlink()
    assert mattekit("hosts", "install").stdout == "Paint: restart Paint.\n"
    assert (own.parent / "plug-in/a.py").exists()
    result = mattekit("hosts", "remove", "paint")
    assert f"Paint: removed from {own.parent / 'plug-in'}\n" in result.stdout
    assert list(own.parent.iterdir()) == [own]
    assert str(own) not in mattekit("hosts", "list").stdout
    result = mattekit("hosts", "remove", "paint", "--at", own)
    assert result.stdout == "Paint: mattekit is not in it; there was nothing to remove.\n"


def test_a_host_says_what_is_none_of_its_programs(mattekit, paint, monkeypatch):
    def at(path):
        if path.name != "paint":
            raise MattekitError(f"{path} is no Paint.")
        return hooks.HostCopy(path, "3.0", False, "old paint")

    (known,) = [each for each in hooks.hosts().values() if each.name == "paint"]
    monkeypatch.setattr(hooks, "hosts", lambda: {"paint": dataclasses.replace(known, at=at)})
    other = paint / "other"
    other.touch()
    result = mattekit("hosts", "install", "paint", "--at", other)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "other is no Paint." in result.stderr
    own = paint / "own" / "paint"
    own.parent.mkdir()
    own.touch()
    assert (
        mattekit("hosts", "install", "paint", "--at", own).stdout == "Paint 3.0: restart Paint.\n"
    )
    assert mattekit("hosts", "list").stdout.count("3.0") == 1


def test_remove(mattekit, paint):
    mattekit("hosts", "install", "paint")
    result = mattekit("hosts", "remove", "paint")
    assert result.exit_code == 0
    assert not (paint / "paint-2.0/plug-in").exists()
    assert mattekit("hosts", "remove", "paint").stdout.count("nothing to remove") == 2


def test_what_cannot_be_done_is_said(mattekit, paint):
    result = mattekit("hosts", "install", "pencil")
    assert result.exit_code == 2
    assert (
        "Pencil was not found on this machine. Install it, or name its program: " in result.stderr
    )
    result = mattekit("hosts", "install", "pint")
    assert "Did you mean 'paint'? Known: paint, pencil." in result.stderr
    result = mattekit("hosts", "install", "--at", sys.executable)
    assert "--at goes with exactly one NAME." in result.stderr


# -- files -------------------------------------------------------------------------------------


def test_old_plug_ins(mattekit, paint):
    (paint / "old.py").touch()
    result = mattekit("hosts", "check-plugins", str(paint / "old.py"))
    assert (result.exit_code, result.stdout) == (0, "old.py: runs\n")
    missing = mattekit("hosts", "check-plugins", str(paint / "gone.py"))
    assert missing.exit_code == 2
    assert "gone.py" in missing.stderr
