"""`mattekit hosts install|list|remove NAME`, for every program that takes files or an entry."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from desktop.test_verbs import Registry
from mattekit import hooks
from mattekit_cli import known_programs
from mattekit_gimp import probe
from mattekit_krita import versions

NAMES = (
    *("darktable", "art", "inkscape", "comfyui"),
    *("nautilus", "nemo", "caja", "dolphin", "thunar", "finder", "explorer"),
    *("claude", "cursor", "gemini", "vscode"),
)
#: Of these, too, everything that is written is known, but no program can be asked here.
EDITORS = ("gimp", "gimpfu", "krita")
#: Files of settings on Linux, and what the users of some programs have in them.
SETTINGS: Final[dict[str, tuple[str, tuple[bytes, ...]]]] = {
    "krita": (".config/kritarc", (b"a=1\n\n\n[python]\n\nenable_x=true", b"b=\xff\r\n", b"\n")),
    "darktable": (".config/darktable/luarc", (b'require "mine"', b"-- \xff\r\n", b"")),
    "thunar": (
        ".config/Thunar/uca.xml",
        (b"<actions><!-- mine --><action><name>a</name></action>\n\n</actions>", b""),
    ),
    **dict.fromkeys(
        ("claude", "cursor", "gemini", "vscode"),
        (
            "",
            (
                b"{}",
                b'{"mcpServers": {}, "servers": {}}\n',
                b'{\r\n\t"a": 1e2,\r\n\t"mcpServers": {\r\n\t\t"x": {"env": {}}\r\n\t}\r\n}',
                b'\xef\xbb\xbf{"servers":{"x":{"command":"y"}},"b":[1,2]}',
                b"",
            ),
        ),
    ),
}
AGENTS: Final = {
    "claude": ".config/Claude/claude_desktop_config.json",
    "cursor": ".cursor/mcp.json",
    "gemini": ".gemini/settings.json",
    "vscode": ".config/Code/User/mcp.json",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "MATTEKIT_PLUGINS_OFF"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(known_programs, "data_folder", lambda variable: tmp_path / "data")
    monkeypatch.setitem(sys.modules, "winreg", Registry())  # of Windows
    return home


def everything_in(folder: Path) -> dict[str, bytes | None]:
    """Return what every file has in it, by path; folders are there, too, with None."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def program(home: Path) -> Path:
    program = home / "program" / "main.py"
    program.parent.mkdir()
    program.touch()
    return program


@pytest.mark.parametrize("name", NAMES)
def test_installed_listed_removed(home: Path, program: Path, mattekit: Any, name: str) -> None:
    def listed() -> bool:
        found = json.loads(mattekit("hosts", "list", "--json").stdout)
        return any(each["installed"] for each in found if each["path"] == str(program))

    before = everything_in(home)
    result = mattekit("hosts", "install", name, "--at", program)
    assert result.exit_code == 0, result.stderr
    assert "restart" in result.stdout
    assert listed()
    assert mattekit("hosts", "install").exit_code == 0  # renewed, as after an update
    result = mattekit("hosts", "remove", name)
    assert result.exit_code == 0, result.stderr
    assert not listed()
    assert everything_in(home) == before


def _there_and_back(home: Path, program: Path, mattekit: Any, name: str) -> None:
    before = everything_in(home)
    result = mattekit("hosts", "install", name, "--at", program)
    assert result.exit_code == 0, result.stderr
    assert everything_in(home) != before
    assert mattekit("hosts", "install", name, "--at", program).exit_code == 0
    result = mattekit("hosts", "remove", name, "--at", program)
    assert result.exit_code == 0, result.stderr
    assert everything_in(home) == before


@pytest.mark.skipif(sys.platform != "linux", reason="paths as on Linux")
@pytest.mark.parametrize(
    ("name", "settings", "content"),
    [
        (name, path or AGENTS[name], content)
        for name, (path, contents) in SETTINGS.items()
        for content in contents
    ],
)
def test_settings_of_the_users_own_are_to_the_byte_what_they_were(
    home: Path, program: Path, mattekit: Any, name: str, settings: str, content: bytes
) -> None:
    path = home / settings
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    if name == "krita":
        program = program.rename(program.with_name("krita-5.2.9.appimage"))
        program.write_bytes(b"\x7fELF")
        program.chmod(0o755)
    _there_and_back(home, program, mattekit, name)


@pytest.mark.skipif(sys.platform != "linux", reason="paths as on Linux")
@pytest.mark.parametrize("folders", ["none", "empty"])
@pytest.mark.parametrize("name", EDITORS)
def test_of_an_editor_nothing_stays(
    home: Path, mattekit: Any, monkeypatch: pytest.MonkeyPatch, name: str, folders: str
) -> None:
    """Nor does anything go: folders that were there, with nothing in them."""
    monkeypatch.setattr(probe, "make_profile", lambda program, profile: None)
    monkeypatch.setattr(probe, "unknown_procedures", lambda program, profile, names: ([], ""))
    monkeypatch.setattr(versions, "reported", lambda program: "")
    program = home / "bin" / ("krita" if name == "krita" else "gimp-3.0")
    program.parent.mkdir()
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    if folders == "empty":
        for folder in ("krita/pykrita", "krita/actions"):
            (home / ".local/share" / folder).mkdir(parents=True)
        for folder in ("plug-ins", "environ", "interpreters"):
            (home / ".config/GIMP/3.0" / folder).mkdir(parents=True)
    _there_and_back(home, program, mattekit, name)


@pytest.mark.skipif(sys.platform != "linux", reason="paths as on Linux")
def test_what_a_program_wrote_since_stays(home: Path, program: Path, mattekit: Any) -> None:
    assert mattekit("hosts", "install", "gemini", "--at", program).exit_code == 0
    path = home / AGENTS["gemini"]
    path.write_text(json.dumps(json.loads(path.read_text()) | {"theme": "dark"}))
    assert mattekit("hosts", "remove", "gemini").exit_code == 0
    assert json.loads(path.read_text()) == {"mcpServers": {}, "theme": "dark"}
    assert not (home / ".config").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="paths as on Linux")
@pytest.mark.parametrize("order", [1, -1])
def test_the_last_of_several_leaves_no_folder_either(
    home: Path, program: Path, mattekit: Any, order: int
) -> None:
    before = everything_in(home)
    for name in AGENTS:
        assert mattekit("hosts", "install", name, "--at", program).exit_code == 0
    for name in list(AGENTS)[::order]:
        assert mattekit("hosts", "remove", name).exit_code == 0
    assert everything_in(home) == before


@pytest.mark.skipif(sys.platform != "linux", reason="paths as on Linux")
@pytest.mark.parametrize("content", [b'{"a": 1, // mine\n}', b"[]", b"\xff", b'{"a": 1, "a": 2}'])
def test_settings_that_cannot_be_changed_stay_and_nothing_else_is_left(
    home: Path, program: Path, mattekit: Any, content: bytes
) -> None:
    path = home / AGENTS["gemini"]
    path.parent.mkdir()
    path.write_bytes(content)
    before = everything_in(home)
    result = mattekit("hosts", "install", "gemini", "--at", program)
    assert result.exit_code == 1
    assert "by hand" in result.stderr
    assert everything_in(home) == before


@pytest.mark.skipif(sys.platform != "linux", reason="paths as on Linux")
def test_comments_that_came_later_keep_nobody_from_removing(
    home: Path, program: Path, mattekit: Any
) -> None:
    """As VS Code has them: the entry goes by hand, then the rest as ever."""
    assert mattekit("hosts", "install", "vscode", "--at", program).exit_code == 0
    path = home / AGENTS["vscode"]
    path.write_bytes(path.read_bytes() + b"// mine\n")
    result = mattekit("hosts", "remove", "vscode")
    assert result.exit_code == 1
    assert "by hand" in result.stderr
    path.write_bytes(b'{"servers": {}} // mine\n')
    assert mattekit("hosts", "remove", "vscode").exit_code == 0
    assert path.read_bytes() == b'{"servers": {}} // mine\n'
    assert not (home / ".config/mattekit").exists()


def test_no_secret_of_the_users_is_written_down_twice(
    home: Path, program: Path, mattekit: Any
) -> None:
    path = home / AGENTS["gemini"]
    path.parent.mkdir()
    path.write_text('{"mcpServers": {"x": {"env": {"KEY": "hidden"}}}}')
    assert mattekit("hosts", "install", "gemini", "--at", program).exit_code == 0
    with_it = [at for at, data in everything_in(home).items() if b"hidden" in (data or b"")]
    assert with_it == [AGENTS["gemini"]]


def test_none_is_forgotten(home: Path) -> None:
    assert set(hooks.hosts()) - set(EDITORS) == set(NAMES)
