"""darktable and ART get their files, and lose them again."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from mattekit.hooks import HostCopy
from mattekit_hosts import plain
from mattekit_hosts.programs import Found
from mattekit_raw import installing
from mattekit_raw.installing import HOSTS, cli_of


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(plain, "worker_python", lambda: '/a "b" ü/python')
    return tmp_path


def test_darktable(home: Path) -> None:
    host, copy = HOSTS["darktable"], HostCopy(Path("/usr/bin/darktable"))
    luarc = home / ".config/darktable/luarc"
    luarc.parent.mkdir(parents=True)
    luarc.write_text('require "tools/script_manager"\n')
    host.install(copy)
    folder = home / ".config/darktable/lua"
    assert (folder / "mattekit_settings.lua").read_text("utf-8") == (
        'return { python = "/a \\"b\\" ü/python", launch = true }\n'
    )
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
    values = dict(line.split("=", 1) for line in lines)
    assert head == "[ART UserCommand]"
    assert set(values) == {"Label", "Command", "FileType", "MinArgs"}
    assert shlex.split(values["Command"]) == ['/a "b" ü/python', "-m", "mattekit_raw", "art"]
    host.remove(copy)
    assert not path.exists()


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
