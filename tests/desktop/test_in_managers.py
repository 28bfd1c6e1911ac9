"""Real file managers with a window: our entry stands in the menu, is chosen, and does its work."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import mattekit
import mattekit_bridge as bridge
from hosts.screen import virtual_screen
from mattekit import Options, codecs
from mattekit.hooks import HostCopy
from mattekit_desktop.installing import HOSTS
from support.helpers import disc

pytestmark = pytest.mark.install

SEARCH = "org.freedesktop.Tracker3.Miner.Files"
MENU = Path(__file__).with_name("menu.py")
#: The path through the context menu, and how the program is started.
MANAGERS = {
    "thunar": ("Remove Background", ("thunar",)),
    "nemo": ("Remove Background", ("nemo",)),
    "caja": ("Scripts/Remove Background", ("caja", "--no-desktop", "--browser")),
    "dolphin": ("@v", ("dolphin",)),
    "nautilus": ("@s/@Down/@Return", ("nautilus",)),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with two pictures, and a `notify-send` that writes down what it shows."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "PYTHONPATH", "GTK_A11Y", "NO_AT_BRIDGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    # Nautilus shows nothing until the desktop's search has started, which takes its time.
    services = tmp_path / ".local/share/dbus-1/services"
    services.mkdir(parents=True)
    (services / f"{SEARCH}.service").write_text(
        f"[D-BUS Service]\nName={SEARCH}\nExec=/bin/false\n"
    )
    monkeypatch.setenv("QT_LINUX_ACCESSIBILITY_ALWAYS_ON", "1")
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path / "worker"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    (tmp_path / "run").mkdir(mode=0o700)
    (tmp_path / "bin").mkdir()
    notify = tmp_path / "bin" / "notify-send"
    notify.write_text('#!/bin/sh\nprintf "%s\\n" "$@" >>"$HOME/notified"\n')
    notify.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    (tmp_path / "Pictures").mkdir()
    for name, size in (("it's one.png", 120), ("two.png", 90)):
        Image.fromarray(disc(90, size).image).save(tmp_path / "Pictures" / name)
    yield tmp_path
    bridge.stop()


@pytest.mark.parametrize("name", MANAGERS)
def test_it_stands_in_the_menu_and_does_its_work(name: str, home: Path) -> None:
    path, command = MANAGERS[name]
    program = shutil.which(command[0])
    if program is None:
        pytest.skip(f"no {name} here: python tests/hosts/install.py managers")
    HOSTS[name].install(HostCopy(Path(program)))
    shot = Path(os.environ.get("MATTEKIT_SHOTS", home)) / f"{name}.png"
    pictures = home / "Pictures"
    with virtual_screen(1000, 720) as screen, (home / "log").open("w+") as log:
        # pyatspi is of Debian's own Python.
        process = subprocess.Popen(
            [
                *("dbus-run-session", "--", "/usr/bin/python3", str(MENU)),
                *(str(shot), str(pictures), path, *command),
            ],
            env={**os.environ, "DISPLAY": screen.display},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            # Daemons of the session say something, too.
            assert "chosen\n" in process.stdout, (home / "log").read_text()[-3000:]
            wait_for(home / "notified")
        finally:
            process.stdin.close()  # which ends it
            process.wait(30)
            process.stdout.close()
    for source in ("it's one", "two"):
        cutout = mattekit.remove_background(pictures / f"{source}.png")
        wanted = codecs.encode(cutout, Options(format="png")).data
        assert (pictures / f"{source}-removebg.png").read_bytes() == wanted
    assert "Remove Background: 2 done" in (home / "notified").read_text()


def wait_for(path: Path, patience: int = 120) -> None:
    for _ in range(patience * 5):
        if path.exists() and path.read_text().endswith("removebg.png\n"):
            return
        time.sleep(0.2)
    raise TimeoutError(f"no {path.name}")
