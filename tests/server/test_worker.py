"""The editors' worker: the real one, with the built-in model."""

from __future__ import annotations

import io
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

import mattekit
from mattekit_bridge import worker
from support.helpers import disc
from support.server.pictures import Make, opened, picture

PATH = "/v1.0/removebg"

pytestmark = pytest.mark.slow


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "worker"
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(folder))
    monkeypatch.setenv("MATTEKIT_WORKER_IDLE", "60")
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    yield folder
    worker.stop()


def start() -> worker.Worker:
    return worker.start(sys.executable, version=mattekit.__version__, clean=False)


def ppm(array: np.ndarray) -> bytes:
    height, width = array.shape[:2]
    full = np.iinfo(array.dtype).max
    samples = array.astype(">u2") if full > 255 else array
    return f"P6 {width} {height} {full}\n".encode() + samples.tobytes()


def send(found: worker.Worker, data: bytes, **fields: str) -> httpx.Response:
    return httpx.post(
        found.url + PATH,
        data=fields,
        files={"image_file": data},
        headers={"X-API-Key": found.token},
        timeout=60,
        trust_env=False,
    )


# -- what the application does for a program of this machine ---------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_uncompressed_in_and_out(make: Make, dtype: type) -> None:
    client = make(local=True, auth=True, token="secret")
    image = disc(200, 300).image.astype(dtype) * (257 if dtype is np.uint16 else 1)
    headers = {"X-API-Key": "secret"}

    def post(kind: str) -> bytes:
        response = client.post(
            PATH, data={"format": kind}, files={"image_file": ppm(image)}, headers=headers
        )
        assert response.status_code == 200, response.text
        return response.content

    gray, rgba = post("pgm"), post("pam")
    full = 65535 if dtype is np.uint16 else 255
    assert gray.startswith(f"P5\n300 200\n{full}\n".encode())
    assert rgba.startswith(f"P7\nWIDTH 300\nHEIGHT 200\nDEPTH 4\nMAXVAL {full}\n".encode())
    kind = ">u2" if dtype is np.uint16 else "u1"
    size = np.dtype(kind).itemsize * 300 * 200
    alpha = np.frombuffer(gray[-size:], kind).reshape(200, 300)
    pixels = np.frombuffer(rgba[-4 * size :], kind).reshape(200, 300, 4)
    assert (pixels[..., 3] == alpha).all()
    certain = alpha == full
    assert certain.sum() > 5000
    assert (pixels[certain][:, :3] == image[certain]).all()  # full size, full depth, untouched
    assert (pixels[alpha == 0] == 0).all()


def test_formats_of_the_worker_are_not_offered_to_the_world(make: Make) -> None:
    files = {"image_file": picture()}
    response = make().post(PATH, data={"format": "pam"}, files=files)
    assert response.json()["errors"][0]["code"] == "invalid_format"
    response = make().post(PATH, files={"image_file": ppm(disc().image)})
    assert response.json()["errors"][0]["detail"] == "Expected jpg/png, received netpbm"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "wrong"},
        {"X-API-Key": "secret", "Origin": "https://evil.example"},
        {"X-API-Key": "secret", "Host": "evil.example"},
        {"X-API-Key": "secret", "Host": "evil.example:8000"},
    ],
)
def test_who_is_not_served(make: Make, headers: dict[str, str]) -> None:
    client = make(local=True, auth=True, token="secret")
    response = client.post(PATH, files={"image_file": picture()}, headers=headers)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers
    assert client.post("/worker/stop", headers=headers).status_code == 403
    assert client.options(PATH, headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_server_has_no_stop(make: Make) -> None:
    assert make().post("/worker/stop").status_code == 404


# -- the process --------------------------------------------------------------------------------


def test_life_of_a_worker(place: Path) -> None:
    assert worker.find() is None
    assert not worker.stop()
    first = start()
    assert start() == first
    assert first.version == mattekit.__version__
    assert first.protocol == worker.PROTOCOL
    facts = json.loads((place / "worker.json").read_text())
    assert set(facts) == set(worker.Worker._fields)
    if os.name == "posix":
        assert stat.S_IMODE((place / "worker.json").stat().st_mode) == 0o600
        assert stat.S_IMODE(place.stat().st_mode) == 0o700

    image = disc(300, 400).image
    response = send(first, ppm(image), format="png")
    assert response.status_code == 200, response.text
    out = io.BytesIO()
    opened(response.content).save(out, "PNG")
    library = mattekit.remove_background(image).to_pil()
    difference = np.abs(np.asarray(opened(response.content), int) - np.asarray(library, int))
    assert difference.mean() <= 1

    assert worker.stop()
    assert worker.find() is None
    assert not (place / "worker.json").exists()
    second = start()
    assert second.pid != first.pid
    assert second.token != first.token
    assert send(second._replace(token=first.token), ppm(image)).status_code == 403


def test_two_started_at_once_are_one(place: Path) -> None:
    script = "import mattekit_bridge as b, sys; print(b.start(sys.executable, clean=False).pid)"
    children = [
        subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) for _ in range(4)
    ]
    pids = {int(child.communicate(timeout=90)[0]) for child in children}
    assert len(pids) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
def test_killed_and_started_again(place: Path) -> None:
    first = start()
    os.kill(first.pid, signal.SIGKILL)
    for _ in range(100):
        if worker.find() is None:
            break
        time.sleep(0.05)
    assert (place / "worker.json").exists()  # it could not tidy up
    second = start()
    assert second.pid != first.pid
    assert send(second, picture(), format="pgm").status_code == 200


def test_it_ends_when_idle(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEKIT_WORKER_IDLE", "0.5")
    start()
    end = time.monotonic() + 20
    while (place / "worker.json").exists() and time.monotonic() < end:
        time.sleep(0.1)
    assert not (place / "worker.json").exists()


def test_an_older_worker_is_replaced(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = start()
    facts = json.loads((place / "worker.json").read_text())
    (place / "worker.json").write_text(json.dumps({**facts, "version": "0.0.1"}))
    assert start().pid != first.pid
