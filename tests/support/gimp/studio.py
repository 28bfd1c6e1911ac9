"""Real GIMPs with mattekit in them, installed by the real command, driven through gimpfu itself."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from hosts.gimp import Gimp
from hosts.screen import Screen
from mattekit_gimp.installing import NAME

__all__ = ["Answer", "Studio", "command", "equipped", "wrapper"]

#: A plug-in that runs code which it is given: the same for every GIMP.
DRIVER = '''#!{python}
import json, os, sys, time, traceback
sys.path.insert(0, {lib!r})
from gimpfu import *
import gimp

def load(path):
    return pdb.gimp_file_load(path, path)

def keep(drawable, name, format=None):
    """Hand the pixels of a drawable to the test, in the model that it is stored in."""
    stored = drawable.pixel_format
    format = format or stored.split()[0] + " u16"
    data = drawable.get_rect(0, 0, drawable.width, drawable.height, format)
    with open(os.path.join(folder, name + ".raw"), "wb") as file:
        file.write(data)
    said[name] = [drawable.width, drawable.height, format]

def keep_image(image, name):
    """The same for what all layers show together."""
    copy = image.duplicate()
    made = copy.merge_visible_layers(CLIP_TO_IMAGE)
    keep(made, name, "R'G'B'A u8")
    gimp.delete(copy)

said = {{}}

def obey(path):
    """Run one file of code, and say what it has to say."""
    global folder
    folder = os.path.dirname(path)
    said.clear()
    try:
        exec(compile(open(path).read(), path, "exec"), dict(globals()))
    except BaseException:
        said["error"] = traceback.format_exc()
    with open(path + ".json.part", "w") as file:
        json.dump(said, file)
    os.rename(path + ".json.part", path + ".json")

def run(orders):
    """Obey what the file `orders` names, one path after the other, until it is gone."""
    done = 0
    while os.path.exists(orders):
        paths = open(orders).read().splitlines()
        for path in paths[done:]:
            obey(path)
            done += 1
            for image in gimp.image_list():
                if not gimp_shows(image):
                    gimp.delete(image)
        time.sleep(0.05)

def gimp_shows(image):
    return os.environ.get("DISPLAY") is not None

register("plug-in-mattekit-driver", "", "", "", "", "", "Driver", "",
         [(PF_STRING, "orders", "", "")], [], run, menu="<Image>/Tools")
main()
'''


@dataclass
class Answer:
    """What a piece of code in GIMP has said and kept."""

    folder: Path
    said: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.said[name]

    def pixels(self, name: str) -> np.ndarray:
        """Return kept pixels, (H, W) or (H, W, C)."""
        width, height, form = self.said[name]
        model, sample = form.split()
        dtype = {"u8": np.uint8, "u16": np.uint16, "float": np.float32}[sample]
        channels = (1 if model.startswith("Y") else 3) + model.endswith("A")
        shape = (height, width) if channels == 1 else (height, width, channels)
        return np.frombuffer((self.folder / f"{name}.raw").read_bytes(), dtype).reshape(shape)


@dataclass
class Studio:
    """A GIMP with mattekit in it."""

    gimp: Gimp
    folder: Path
    said: str
    count: int = field(default=0)
    thread: threading.Thread | None = None
    last_words: str = ""

    @property
    def variables(self) -> dict[str, str]:
        """What GIMP is started with."""
        folder = os.environ.get("MATTEKIT_WORKER_DIR") or str(self.folder / "worker")
        return {"MATTEKIT_WORKER_DIR": folder}

    @property
    def plug_in(self) -> Path:
        """The installed folder."""
        return self.gimp.plug_ins / NAME

    @property
    def orders(self) -> Path:
        """The file that names the code to run."""
        return self.folder / "orders"

    @property
    def driver(self) -> str:
        """Script-Fu that obeys orders until their file is deleted."""
        self.orders.write_text("")
        named = "#:orders " if self.gimp.version != "2.10" else "RUN-NONINTERACTIVE "
        return f'(plug-in-mattekit-driver {named}"{self.orders}")'

    def run(self, code: str, *, check: bool = True, patience: float = 240) -> Answer:
        """Run Python code in GIMP."""
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self._live, args=(self.driver,), daemon=True)
            self.thread.start()
        self.count += 1
        path = self.folder / f"run{self.count}" / "code.py"
        path.parent.mkdir()
        path.write_text(textwrap.dedent(code), "utf-8")
        with self.orders.open("a") as file:
            file.write(f"{path}\n")
        answer = path.with_name("code.py.json")
        end = time.monotonic() + patience
        while not answer.exists():
            assert time.monotonic() < end, "GIMP does not answer"
            assert self.thread.is_alive(), f"GIMP is gone: {self.last_words}"
            time.sleep(0.05)
        found = Answer(path.parent, json.loads(answer.read_text("utf-8")))
        assert not check or "error" not in found.said, found["error"]
        return found

    @contextmanager
    def window(self, screen: Screen, *files: Path) -> Iterator[None]:
        """Have this GIMP on a screen, obeying orders as well."""
        assert self.thread is None or not self.thread.is_alive()
        self.gimp._prepare()
        words = ["-b", self.driver]
        if self.gimp.version != "2.10":
            words.insert(0, "--batch-interpreter=plug-in-script-fu-eval")
        with (self.folder / "window.log").open("w") as log:
            process = self.gimp.window(screen, *words, *files, env=self.variables, log=log)
            self.thread = threading.Thread(target=process.wait, daemon=True)
            self.thread.start()
            try:
                yield
            finally:
                self.orders.unlink(missing_ok=True)
                process.terminate()
                self.thread.join(30)

    def close(self) -> None:
        """End this GIMP."""
        self.orders.unlink(missing_ok=True)
        if self.thread is not None:
            self.thread.join(60)

    def _live(self, code: str) -> None:
        result = self.gimp.script_fu(code, env=self.variables, timeout=1800)
        self.last_words = result.stdout + result.stderr


def wrapper(gimp: Gimp, folder: Path) -> Path:
    """Write a program that starts this GIMP, wherever it lies, as a user's command would."""
    if gimp.place.root is None:
        return Path("/usr/bin/gimp")
    path = folder / f"gimp-{gimp.version}"
    words = gimp.place._command(["gimp-console-3"])
    path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    path.chmod(0o755)
    return path


def environment(gimp: Gimp, folder: Path) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("MATTEKIT_")}
    plain |= gimp._variables(None)
    plain |= {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "MATTEKIT_WORKER_DIR": str(folder / "worker"),
    }
    plain.pop("XDG_CONFIG_HOME", None)
    return plain


def command(
    gimp: Gimp, folder: Path, *words: str, never_started: bool = False
) -> subprocess.CompletedProcess[str]:
    """Run `mattekit` with the home folder of a GIMP."""
    if never_started:
        gimp._furnish()
    else:
        gimp._prepare()
    return subprocess.run(
        [sys.executable, "-m", "mattekit_cli", *words],
        env=environment(gimp, folder),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def equipped(gimp: Gimp, folder: Path) -> Studio:
    """Install mattekit and the driver."""
    program = wrapper(gimp, folder)
    result = command(gimp, folder, "hosts", "install", "gimp", "--at", str(program))
    assert result.returncode == 0, result.stderr
    studio = Studio(gimp, folder, result.stdout)
    if gimp.place.root is not None:
        # This GIMP lies in a folder of its own: from there another way leads to the worker.
        settings = studio.plug_in / "settings.json"
        facts = json.loads(settings.read_text("utf-8"))
        facts["python"] = str(gimp.place.python(folder))
        settings.write_text(json.dumps(facts))
    first = (studio.plug_in / f"{NAME}.py").read_text("utf-8").splitlines()[0]
    gimp.install(
        "mattekit-driver", DRIVER.format(python=first[2:], lib=str(studio.plug_in / "lib"))
    )
    return studio
