"""darktable and ART get their files, and lose them again."""

from __future__ import annotations

import ctypes
import ctypes.util
import subprocess
import sys
from pathlib import Path

import pytest
from lupa import lua54

from mattekit.hooks import HostCopy
from mattekit_hosts import file_host
from mattekit_hosts.desktop import launcher
from mattekit_hosts.programs import Found
from mattekit_raw import installing
from mattekit_raw.installing import HOSTS, cli_of


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(file_host, "worker_python", lambda: '/a "b" ü/python')
    return tmp_path


def test_darktable(home: Path) -> None:
    host, copy = HOSTS["darktable"], HostCopy(Path("/usr/bin/darktable"))
    luarc = home / ".config/darktable/luarc"
    luarc.parent.mkdir(parents=True)
    luarc.write_text('require "tools/script_manager"\n')
    host.install(copy)
    folder = home / ".config/darktable/lua"
    settings = (folder / "mattekit_settings.lua").read_text("utf-8")
    found = lua54.LuaRuntime().execute(settings)
    assert (found.python, found.launch) == ('/a "b" ü/python', True)
    assert found.missing.startswith('mattekit was installed with /a "b" ü/python, which is not')
    assert "register_action" in (folder / "mattekit.lua").read_text("utf-8")
    assert luarc.read_text() == 'require "tools/script_manager"\nrequire "mattekit"\n'
    host.remove(copy)
    assert not folder.exists()
    assert luarc.read_text() == 'require "tools/script_manager"\n'


def test_a_sandbox_cannot_start_it(home: Path) -> None:
    files = HOSTS["darktable"].files("/python", "flatpak")
    assert "launch = false" in str(files["mattekit_settings.lua"])


def test_art(home: Path) -> None:
    host, copy = HOSTS["art"], HostCopy(Path("/opt/ART/ART"))
    host.install(copy)
    path = home / ".config/ART/usercommands/mattekit.txt"
    head, *lines = path.read_text("utf-8").splitlines()
    assert head == "[ART UserCommand]"
    assert [line.split("=")[0] for line in lines] == ["Label", "Command", "FileType", "MinArgs"]
    host.remove(copy)
    assert not path.exists()


@pytest.mark.parametrize("system", ["linux", "win32"])
def test_arts_own_library_reads_its_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, system: str
) -> None:
    """ART reads such files by GLib's GKeyFile, and has GLib split the command but for Windows."""
    monkeypatch.setattr(sys, "platform", system)
    python = r"C:\Program Files\new\python.exe" if system == "win32" else "/a 'b' \\n $c/python"
    path = tmp_path / "mattekit.txt"
    path.write_text(str(HOSTS["art"].files(python, "plain")[path.name]), "utf-8")
    line = key_file(path, "ART UserCommand", "Command")
    words = launcher(python, "mattekit_raw", "art")
    if system == "win32":
        assert line == subprocess.list2cmdline(words)
    else:
        assert split(line) == words


def glib() -> ctypes.CDLL:
    name = ctypes.util.find_library("glib-2.0")
    if name is None:
        pytest.skip("no GLib on this system")
    return ctypes.CDLL(name)


def key_file(path: Path, group: str, key: str) -> str:
    library = glib()
    library.g_key_file_new.restype = ctypes.c_void_p
    library.g_key_file_get_string.restype = ctypes.c_char_p
    file = ctypes.c_void_p(library.g_key_file_new())
    assert library.g_key_file_load_from_file(file, str(path).encode(), 0, None)
    return str(library.g_key_file_get_string(file, group.encode(), key.encode(), None).decode())


def split(line: str) -> list[str]:
    count, words = ctypes.c_int(), ctypes.POINTER(ctypes.c_char_p)()
    read = glib().g_shell_parse_argv
    assert read(line.encode(), ctypes.byref(count), ctypes.byref(words), None)
    return [words[number].decode() for number in range(count.value)]


def test_what_develops_lies_beside_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Found(tmp_path / "a" / "darktable.exe", ""), Found(tmp_path / "b" / "darktable", "")]
    monkeypatch.setattr(installing.programs, "find", lambda program: found)
    assert cli_of("darktable") is None
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "darktable-cli").touch()
    assert cli_of("darktable") == tmp_path / "b" / "darktable-cli"
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "darktable-cli.exe").touch()
    assert cli_of("darktable") == tmp_path / "a" / "darktable-cli.exe"
