"""`mattekit hosts`: on a fake host, with files that are really written."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from mattekit import hooks
from mattekit.errors import MattekitError, OutputError
from mattekit_cli import hostfiles
from mattekit_cli.hostfiles import LIST, put, take_out
from mattekit_cli.programs import Program, find

PAINT = Program(
    ("paint",), ("Paint */bin/paint.exe", "apps/paint-*.AppImage"), r"paint[ -]([\d.]+\d)"
)


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
                hostfiles.installed_version(path.parent / "plug-in") is not None,
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

    host = hooks.Host("paint", "Paint", copies, install, remove)
    absent = hooks.Host("pencil", "Pencil", list)
    plugins = hooks.Plugins(load=False)
    plugins.register(
        SimpleNamespace(mattekit_hosts=hooks.hookimpl(lambda: [host, absent])), "painter"
    )
    monkeypatch.setattr("mattekit.plugins._shared", [plugins])
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
    result = mattekit("hosts", "remove", "paint", "--at", own)
    assert result.stdout == f"Paint: removed from {own.parent / 'plug-in'}\n"
    assert list(own.parent.iterdir()) == [own]


def test_remove(mattekit, paint):
    mattekit("hosts", "install", "paint")
    result = mattekit("hosts", "remove", "paint")
    assert result.exit_code == 0
    assert not (paint / "paint-2.0/plug-in").exists()
    assert mattekit("hosts", "remove", "paint").stdout == ""


def test_what_cannot_be_done_is_said(mattekit, paint):
    result = mattekit("hosts", "install", "pencil")
    assert result.exit_code == 2
    assert (
        "Pencil was not found on this machine. Install it, or name its program: " in result.stderr
    )
    result = mattekit("hosts", "install", "pint")
    assert "Did you mean 'paint'? Known: paint, pencil." in result.stderr
    result = mattekit("hosts", "install", "--at", sys.executable)
    assert "--at belongs to one NAME." in result.stderr


# -- files -------------------------------------------------------------------------------------


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_files_and_the_executable_bit(tmp_path):
    folder = tmp_path / "plug-ins" / "x"
    assert put(folder, {"lib/a.py": "a", "x.py": b"x"}, executable={"x.py"}) == []
    assert tree(folder) == {"lib/a.py", "x.py", LIST}
    if os.name == "posix":
        assert os.access(folder / "x.py", os.X_OK)
        assert not os.access(folder / "lib/a.py", os.X_OK)
    assert hostfiles.installed_version(folder) == hostfiles.__version__


def test_again_writes_nothing(tmp_path):
    put(tmp_path, {"a": "1"})
    before = (tmp_path / "a").stat()
    assert put(tmp_path, {"a": "1"}) == []
    assert (tmp_path / "a").stat().st_ino == before.st_ino
    assert (tmp_path / "a").stat().st_mtime_ns == before.st_mtime_ns


def test_an_upgrade_drops_what_is_no_longer_needed_and_keeps_settings(tmp_path):
    put(tmp_path, {"old/deep/a.py": "1", "b.py": "1"}, executable={"b.py"})
    (tmp_path / "old/deep/__pycache__").mkdir()
    (tmp_path / "old/deep/__pycache__/a.pyc").touch()
    (tmp_path / "settings.json").write_text("{}")
    assert put(tmp_path, {"b.py": "2"}) == []
    assert tree(tmp_path) == {"b.py", "settings.json", LIST}
    assert not (tmp_path / "old").exists()
    assert (tmp_path / "b.py").read_text() == "2"
    assert stat.S_IMODE((tmp_path / "b.py").stat().st_mode) & 0o111 == 0


def test_a_changed_or_foreign_file_is_moved_aside(tmp_path):
    (tmp_path / "a").write_text("somebody's")
    (message,) = put(tmp_path, {"a": "1"})
    assert message.startswith(str(tmp_path / "a"))
    assert (tmp_path / "a.yours-1").read_text() == "somebody's"
    (tmp_path / "a").write_text("changed")
    (message,) = put(tmp_path, {"a": "2"})
    assert (tmp_path / "a.yours-2").read_text() == "changed"
    assert (tmp_path / "a").read_text() == "2"


@pytest.mark.skipif(os.name != "posix", reason="symbolic links")
def test_nothing_is_written_through_links(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a").write_text("precious")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "lib").symlink_to(elsewhere)
    (folder / "b").symlink_to(elsewhere / "a")
    assert len(put(folder, {"lib/a": "1", "b": "2"})) == 2
    assert (elsewhere / "a").read_text() == "precious"
    assert (folder / "lib/a").read_text() == "1"
    take_out(folder)
    assert (elsewhere / "a").read_text() == "precious"


def test_after_an_interruption_everything_is_still_ours(tmp_path, monkeypatch):
    put(tmp_path, {"a": "1", "b": "1"})
    real = hostfiles.write_atomically

    def full(path, data):
        if Path(path).name == "b":
            raise OutputError(str(path), "the disk is full.")
        real(path, data)

    monkeypatch.setattr(hostfiles, "write_atomically", full)
    with pytest.raises(OutputError):
        put(tmp_path, {"a": "2", "b": "2", "c": "2"})
    monkeypatch.undo()
    assert put(tmp_path, {"a": "3", "b": "3"}) == []
    assert tree(tmp_path) == {"a", "b", LIST}


def test_taking_out_touches_nothing_else(tmp_path):
    folder = tmp_path / "x"
    put(folder, {"a": "1", "b": "1", "lib/c": "1"})
    (folder / "b").write_text("changed")
    (folder / "mine").touch()
    messages = take_out(folder)
    assert tree(folder) == {"b", "mine"}
    assert "changed by somebody" in messages[1]
    assert messages[2].endswith("b, mine")
    assert take_out(folder) == []


def test_a_list_that_somebody_wrote_leads_nowhere_else(tmp_path):
    folder, outside = tmp_path / "x", tmp_path / "outside"
    outside.write_text("1")
    put(folder, {"a": "1"})
    listed = json.loads((folder / LIST).read_text())
    listed["files"]["../outside"] = listed["files"][str(outside)] = listed["files"]["a"]
    (folder / LIST).write_text(json.dumps(listed))
    take_out(folder)
    assert outside.read_text() == "1"


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be changed"):
        put(tmp_path / "file" / "x", {"a": "1"})


def test_the_interpreter_is_this_one():
    pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
    assert hostfiles.worker_python() == str(Path(sys.executable).absolute())


def test_without_the_workers_packages_nothing_is_installed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MattekitError, match=r"pip install 'mattekit\[server\]'"):
        hostfiles.worker_python()


def test_files_of_a_package():
    files = hostfiles.package_files("mattekit_bridge", below="lib", leave_out=("py.typed",))
    assert "lib/mattekit_bridge/worker.py" in files
    assert "lib/mattekit_bridge/py.typed" not in files
    assert not any("__pycache__" in name for name in files)


# -- finding programs --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "version"),
    [
        ("Paint 3/bin/paint.exe", ""),
        ("Paint 3.2/bin/paint.exe", "3.2"),
        ("apps/paint-4.1.AppImage", "4.1"),
    ],
)
def test_programs_are_found_in_their_usual_places(tmp_path, monkeypatch, path, version):
    program = tmp_path / path
    program.parent.mkdir(parents=True)
    program.touch()
    monkeypatch.setenv("PATH", "")
    (found,) = find(PAINT, lambda: iter([tmp_path, tmp_path]))
    assert found == (program, version)


def test_a_program_on_the_path_counts_once(tmp_path, monkeypatch):
    program = tmp_path / "bin" / "paint-2.10"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (tmp_path / "bin" / "paint").symlink_to(program)
    monkeypatch.setenv("PATH", str(program.parent))
    (found,) = find(PAINT, lambda: iter(()))
    assert found == (tmp_path / "bin" / "paint", "2.10")
