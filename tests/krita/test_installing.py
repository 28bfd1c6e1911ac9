"""What is put into Krita's folders."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from mattekit.hooks import HostCopy, hosts
from mattekit.options import OPTIONS
from mattekit_krita import installing, kritarc, profiles, versions
from mattekit_krita.plugin.requests import KEPT
from support.former import LEFT, left_over, put_former

pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
PROGRAM = Path("/usr/bin/krita")
PLUGIN = "pykrita/mattekit_remove_background"


def test_install_upgrade_remove(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(versions, "reported", lambda program: "")
    copy = HostCopy(PROGRAM)
    settings = home / ".config/kritarc"
    settings.parent.mkdir()
    before = b"canvasState=OK\n\n[python]\nenable_tenscripts=true\n"
    settings.write_bytes(before)
    resources = home / ".local/share/krita"
    theirs = resources / "pykrita/other/__init__.py"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("")
    assert not installing._copy(PROGRAM, "").installed

    messages = installing.install(copy)
    assert any("switched on" in line for line in messages)
    assert (resources / f"{PLUGIN}.desktop").is_file()
    assert (resources / "actions/mattekit_remove_background.action").is_file()
    assert installing._copy(PROGRAM, "") == HostCopy(PROGRAM, "", True, "")
    kritarc.put(settings, "python", "enable_mattekit_remove_background", "false")
    messages = installing.install(copy)  # the user's choice survives an upgrade
    assert any("stays switched off" in line for line in messages)
    assert "switched off" in installing._copy(PROGRAM, "").advice

    installing.remove(copy)
    assert settings.read_bytes() == before
    assert sorted(path for path in resources.rglob("*") if path.is_file()) == [theirs]
    assert installing.remove(copy) == []


@pytest.mark.parametrize("switched", ["true", "false"])
def test_an_upgrade_from_0_1_0(home: Path, monkeypatch: pytest.MonkeyPatch, switched: str) -> None:
    monkeypatch.setattr(versions, "reported", lambda program: "")
    resources, settings = home / ".local/share/krita", home / ".config/kritarc"
    put_former(resources, LEFT["krita"])
    kept = b"[mattekit_remove_background]\nlayers=all\nrefine=best\nresult=layer\n"
    settings.parent.mkdir()
    settings.write_bytes(
        kept + f"\n[python]\nenable_mattekit_remove_background={switched}\n".encode()
    )
    before = settings.read_bytes()
    installing.install(HostCopy(PROGRAM))
    assert left_over(resources) == []
    assert not (resources / "pykrita/mattekit_krita/inside").exists()
    assert settings.read_bytes() == before  # what was chosen last, and whether it is on
    installing.remove(HostCopy(PROGRAM))
    assert [path for path in resources.rglob("*") if path.is_file()] == []


def test_versions_are_told_and_warned_of(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = home / "krita-4.4.8.appimage"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    copy = installing.at(program)
    assert (copy.version, copy.installed) == ("4.4.8", False)
    assert "too old" in copy.advice
    assert any("too old" in line for line in installing.install(copy))
    monkeypatch.setattr(versions, "reported", lambda program: "6.0.4.1")
    (found,) = [each for each in [installing._copy(PROGRAM, "")] if each.version]
    assert found.version == "6.0.4.1"


def test_sandboxes_are_told_how_to_start_the_worker(home: Path) -> None:
    flatpak = HostCopy(Path("/var/lib/flatpak/exports/bin/org.kde.krita"))
    assert any("`mattekit worker start`" in line for line in installing.install(flatpak))
    facts = home / ".var/app/org.kde.krita/data/krita/pykrita/mattekit_krita/settings.json"
    assert json.loads(facts.read_text())["launch"] is False


def test_the_files_are_what_krita_reads(home: Path) -> None:
    files = installing.plug_in_files(profiles.profile_of(PROGRAM), "/opt/python")
    assert list(files)[-1] == f"{PLUGIN}.desktop"  # Krita finds nothing before all is there
    desktop = bytes(files[f"{PLUGIN}.desktop"]).decode()  # type: ignore[arg-type]
    assert "X-KDE-Library=mattekit_remove_background" in desktop
    assert "X-Krita-Manual=Manual.html" in desktop
    parser = HTMLParser()
    parser.feed(bytes(files[f"{PLUGIN}/Manual.html"]).decode())  # type: ignore[arg-type]
    actions = ET.fromstring(files["actions/mattekit_remove_background.action"])
    found = {each.get("name"): each.findtext("shortcut") for each in actions.iter("Action")}
    assert found == {
        "mattekit_remove_background": "Ctrl+Alt+B",
        "mattekit_remove_background_again": "Ctrl+Alt+Shift+B",
        **{
            f"mattekit_{name}": ""
            for name in (
                *("keep_selected", "remove_selected", "refine_edge", "subjects_as_layers"),
                *("paint", "painting_done", "painting_discard"),
            )
        },
    }
    options = json.loads(files["pykrita/mattekit_krita/options.json"])
    assert [each["name"] for each in options] == list(OPTIONS)
    assert set(KEPT) <= set(OPTIONS)
    assert json.loads(files["pykrita/mattekit_krita/settings.json"])["python"] == "/opt/python"


def test_nothing_but_the_standard_library_and_krita(home: Path) -> None:
    """In the grammar of Python 3.8, as some AppImages have it."""
    allowed = {"krita", "mattekit_bridge", "mattekit_krita"} | sys.stdlib_module_names
    files = installing.plug_in_files(profiles.profile_of(PROGRAM), "python")
    sources = {name: data for name, data in files.items() if name.endswith(".py")}
    assert len(sources) > 15
    for name, data in sources.items():
        tree = ast.parse(data, feature_version=(3, 8))
        for node in ast.walk(tree):
            modules = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            assert {each.partition(".")[0] for each in modules} <= allowed, name


def test_krita_is_announced() -> None:
    assert hosts()["krita"].install is not None


def _mattekit(home: Path, *words: str) -> str:
    said = subprocess.run(
        [sys.executable, "-m", "mattekit_cli", *words],
        env={"HOME": str(home), "PATH": str(home)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout


@pytest.mark.slow
def test_the_commands(tmp_path: Path) -> None:
    program = tmp_path / "Applications/krita-5.2.9-x86_64.appimage"
    program.parent.mkdir()
    program.write_bytes(b"")
    assert "switched on" in _mattekit(tmp_path, "hosts", "install", "krita")
    findings = json.loads(_mattekit(tmp_path, "doctor", "--json"))["findings"]
    ours = [each for each in findings if each["facts"].get("path") == str(program)]
    assert [(each["status"], each["facts"]["installed"]) for each in ours] == [("ok", True)]
    assert "removed from" in _mattekit(tmp_path, "hosts", "remove", "krita")
    assert not (tmp_path / ".local/share/krita").exists()
    assert not (tmp_path / ".config/kritarc").exists()
