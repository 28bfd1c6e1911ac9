"""Files in a host's folders, and programs on this machine."""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from mattekit.errors import MattekitError, OutputError
from mattekit_hosts import files
from mattekit_hosts.files import LIST, put, read_settings, take_out, write_settings


def tree(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_files_and_the_executable_bit(tmp_path):
    folder = tmp_path / "plug-ins" / "x"
    assert put(folder, {"lib/a.py": "a", "x.py": b"x"}, executable={"x.py"}) == []
    assert tree(folder) == {"lib/a.py", "x.py", LIST}
    if os.name == "posix":
        assert os.access(folder / "x.py", os.X_OK)
        assert not os.access(folder / "lib/a.py", os.X_OK)
    assert files.installed_version(folder) == files.__version__


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
    real = files.write_atomically

    def full(path, data):
        if Path(path).name == "b":
            raise OutputError(str(path), "the disk is full.")
        real(path, data)

    monkeypatch.setattr(files, "write_atomically", full)
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
    assert len(messages) == 2  # what is not ours is nobody's business
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
    with pytest.raises(OutputError, match="file is a file, not a folder"):
        put(tmp_path / "file" / "x", {"a": "1"})


def test_the_interpreter_is_this_one():
    pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
    assert files.worker_python() == str(Path(sys.executable).absolute())


def test_without_the_workers_packages_nothing_is_installed(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(MattekitError, match=r"pip install 'mattekit\[server\]'"):
        files.worker_python()


def test_files_of_a_package():
    found = files.package_files("mattekit_bridge", below="lib", leave_out=("py.typed",))
    assert "lib/mattekit_bridge/worker.py" in found
    assert "lib/mattekit_bridge/py.typed" not in found
    assert not any("__pycache__" in name for name in found)


def test_a_folder_for_settings_that_cannot_be_made(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file is a file, not a folder"):
        write_settings(tmp_path / "file" / "new" / "settings.json", b"{}")
    write_settings(tmp_path / "new" / "settings.json", b"{}")
    assert (tmp_path / "new" / "settings.json").read_bytes() == b"{}"


def test_settings_that_are_there_or_not(tmp_path):
    path = tmp_path / "settings"
    assert read_settings(path) == b""
    path.write_bytes(b"caf\xe9")
    assert read_settings(path) == b"caf\xe9"
    path.write_bytes(bytes(5_000_000))
    with pytest.raises(OutputError, match="too large"):
        read_settings(path)
    with pytest.raises(OutputError, match="cannot be read"):
        read_settings(tmp_path)
