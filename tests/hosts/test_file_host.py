"""Hosts that are a folder of files and perhaps an entry in settings."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mattekit.hooks import HostCopy
from mattekit_hosts import file_host
from mattekit_hosts.file_host import FileHost
from mattekit_hosts.programs import Program


class Lines:
    """An entry in a file that is the user's."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def put(self) -> None:
        self.path.write_text("ours")

    def drop(self) -> None:
        self.path.unlink(missing_ok=True)

    def there(self) -> bool:
        return self.path.exists()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FileHost:
    program = tmp_path / "bin" / "draw"
    program.parent.mkdir()
    program.touch(0o755)
    monkeypatch.setenv("PATH", str(program.parent))
    monkeypatch.setattr(file_host, "worker_python", lambda: "/a/python")
    return FileHost(
        "draw",
        "Draw",
        Program(("draw",), (), r"draw-(\d)"),
        "Edit > Cut",
        lambda packaging: tmp_path / "profile" / packaging,
        lambda python, packaging: {"run": python, "how": packaging},
        {"run"},
        lambda python: Lines(tmp_path / "settings"),
        "org.example.Draw",
    )


def test_there_and_back_again(host: FileHost, tmp_path: Path) -> None:
    folder = tmp_path / "profile" / "plain"
    (copy,) = host.find()
    assert (copy.installed, copy.path) == (False, tmp_path / "bin" / "draw")
    assert "mattekit hosts install draw" in copy.advice
    messages = host.install(copy)
    assert messages == [f"its files are in {folder}", "restart Draw; then see Edit > Cut."]
    assert (folder / "run").read_text() == "/a/python"
    assert os.access(folder / "run", os.X_OK)
    assert host.find() == [HostCopy(copy.path, "", True)]
    (tmp_path / "settings").unlink()
    assert not host.find()[0].installed
    host.install(copy)
    assert host.remove(copy) == [f"removed from {folder}"]
    assert not folder.exists()
    assert not (tmp_path / "settings").exists()
    assert not host.find()[0].installed


def test_another_version_is_to_be_renewed(host: FileHost, monkeypatch: pytest.MonkeyPatch) -> None:
    (copy,) = host.find()
    host.install(copy)
    monkeypatch.setattr(file_host, "__version__", "999")
    (copy,) = host.find()
    assert copy.installed
    assert "renews it" in copy.advice


@pytest.mark.parametrize(
    ("path", "packaging"),
    [
        ("/usr/bin/draw", "plain"),
        ("/var/lib/flatpak/exports/bin/org.example.Draw", "flatpak"),
        ("/snap/bin/draw", "snap"),
    ],
)
def test_a_sandbox_is_told(host: FileHost, tmp_path: Path, path: str, packaging: str) -> None:
    messages = host.install(HostCopy(Path(path)))
    assert (tmp_path / "profile" / packaging / "how").read_text() == packaging
    assert ("runs in a sandbox" in " ".join(messages)) == (packaging != "plain")
