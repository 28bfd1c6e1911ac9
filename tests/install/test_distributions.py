"""mattekit and gimpfu as they would be released: wheel and source archive, each installed alone."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import venv
from pathlib import Path

import pytest

from support.helpers import ROOT

pytestmark = pytest.mark.install

FOLDERS = {"mattekit": ROOT, "gimpfu": ROOT / "packages" / "gimpfu"}
#: What only GIMP may see.
NAMES = ("gimp", "gimpfu", "gimpenums", "gimpcolor", "gimpshelf", "gimpplugin", "_gimpfu")
#: Says whether one of these names can be imported.
LOOK = f"import importlib.util as u; print([n for n in {NAMES} if u.find_spec(n)])"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """Return the archives by the distribution's name and the kind: wheel or sdist."""
    found: dict[tuple[str, str], Path] = {}
    for name, folder in FOLDERS.items():
        out = tmp_path_factory.mktemp(name)
        # The wheel is made from the source archive, as an installer would.
        said = run([sys.executable, "-m", "build", "--no-isolation", "-o", out, folder], out)
        assert said.returncode == 0, said.stdout + said.stderr
        (found[name, "wheel"],) = out.glob("*.whl")
        (found[name, "sdist"],) = out.glob("*.tar.gz")
    return found


class Environment:
    """A fresh virtual environment, away from this checkout."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder / "venv", with_pip=True)
        self.bin = folder / "venv" / ("Scripts" if os.name == "nt" else "bin")

    def run(self, program: str, *words: str | Path) -> str:
        """Run a program of the environment and return what it said; it must not fail."""
        done = run([self.bin / program, *words], self.folder)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def install(self, *words: str | Path) -> None:
        """Install something with pip."""
        self.run("python", "-m", "pip", "install", "-q", *words)


def run(
    words: list[str | Path], folder: Path, home: Path | None = None
) -> subprocess.CompletedProcess[str]:
    hidden = ("PYTHON", "VIRTUAL_ENV", "MATTEKIT_", "GIMP", "XDG_CONFIG")
    env = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    cache = env.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))  # pip's
    env |= {"HOME": str(home or folder), "XDG_CACHE_HOME": cache}
    return subprocess.run(words, cwd=folder, env=env, check=False, capture_output=True, text=True)


@pytest.fixture
def gimp(tmp_path: Path) -> Path:
    """A program that says that it is GIMP."""
    path = tmp_path / "gimp-3.0"
    path.write_text("#!/bin/sh\necho 'GNU Image Manipulation Program version 3.0.4'\n")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_gimpfu_alone(
    built: dict[tuple[str, str], Path], tmp_path: Path, gimp: Path, kind: str
) -> None:
    environment = Environment(tmp_path)
    environment.install(built["gimpfu", kind])
    assert environment.run("python", "-c", LOOK).strip() == "[]"
    environment.run("gimpfu", "install", "--at", gimp)
    assert (tmp_path / ".config/GIMP/3.0/gimpfu/gimpfu.py").exists()
    assert "3.0.4, gimpfu 0." in environment.run("gimpfu", "list", "--at", gimp)
    environment.run("gimpfu", "remove", "--at", gimp)
    assert not (tmp_path / ".config").exists()  # as it was before


def test_the_commands_of_gimpfus_readme(
    built: dict[tuple[str, str], Path], tmp_path: Path, gimp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In its source archive, without mattekit: installing, and its own tests."""
    with tarfile.open(built["gimpfu", "sdist"]) as archive:
        archive.extractall(tmp_path, filter="data")
    (unpacked,) = tmp_path.glob("gimpfu-*")
    monkeypatch.setenv("PATH", str(gimp.parent), prepend=os.pathsep)
    blocks = re.findall(
        r"^```sh\n(.*?)^```", (unpacked / "README.md").read_text("utf-8"), re.M | re.S
    )
    assert len(blocks) == 2
    for block in blocks:
        done = run(["sh", "-eu", "-c", block], unpacked, home=tmp_path)
        assert done.returncode == 0, block + done.stdout + done.stderr
    assert " passed" in done.stdout
    assert (tmp_path / ".config/GIMP/3.0/gimpfu/gimpfu.py").exists()


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_mattekit_brings_gimpfu_along(
    built: dict[tuple[str, str], Path], tmp_path: Path, gimp: Path, kind: str
) -> None:
    environment = Environment(tmp_path)
    environment.install(built["mattekit", kind])
    assert environment.run("python", "-c", LOOK).strip() == "[]"
    environment.run("mattekit", "hosts", "install", "gimpfu", "--at", gimp)
    installed = tmp_path / ".config/GIMP/3.0/gimpfu/gimpfu.py"
    assert installed.exists()
    # gimpfu may be installed beside it, and go again.
    environment.install(built["gimpfu", "wheel"])
    environment.run("gimpfu", "remove", "--at", gimp)
    assert not installed.exists()
    environment.run("python", "-m", "pip", "uninstall", "-q", "-y", "gimpfu")
    environment.run("mattekit", "hosts", "install", "gimpfu", "--at", gimp)
    assert installed.exists()
