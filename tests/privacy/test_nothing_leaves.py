"""Every way in, in an empty home: no file that nobody asked for, and nobody is called."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mattekit.runtime.ort import load_onnxruntime
from support.privacy import needs_strace, outside, watch, write_photo

pytestmark = [pytest.mark.slow, needs_strace]

#: The first events are sent off some seconds after the runtime was loaded.
LONG_ENOUGH = 12

LIBRARY = """
import sys, time, mattekit
mattekit.remove_background("photo.jpg").save("cut.png")
assert "onnxruntime" in sys.modules
time.sleep(float(sys.argv[1]))
"""

FORKS = """
import multiprocessing, time, mattekit
def work(number):
    mattekit.remove_background("photo.jpg").save(f"cut{number}.png")
    time.sleep(2)
if __name__ == "__main__":
    work(0)
    for number, method in enumerate(("fork", "spawn"), 1):
        process = multiprocessing.get_context(method).Process(target=work, args=(number,))
        process.start()
        process.join()
        assert process.exitcode == 0
"""

PILLOW = """
from PIL import Image
from mattekit_pillow import RemoveBackground
Image.open("photo.jpg").convert("RGB").filter(RemoveBackground())
"""

IMAGEIO = """
import imageio.v3 as iio
import mattekit_imageio
mattekit_imageio.register()
iio.imread("photo.jpg", plugin="mattekit")
"""

VIDEO = """
import sys, numpy as np, imageio.v3 as iio
from mattekit_cli import main
frames = np.zeros((6, 48, 64, 3), np.uint8)
frames[:, 12:40, 16:48] = 200
iio.imwrite("clip.mp4", frames, plugin="pyav", codec="libx264")
sys.argv[1:] = ["video", "clip.mp4", "out.webm"]
main()
"""

WATCH = """
import signal, subprocess, sys, time
from pathlib import Path
command = [sys.executable, "-m", "mattekit_cli", "watch", "src", "dst", *sys.argv[2:]]
process = subprocess.Popen(command)
while not list(Path("dst").rglob("*.png")):
    assert process.poll() is None
    time.sleep(0.1)
time.sleep(float(sys.argv[1]))
process.send_signal(signal.SIGINT)
process.wait(60)
"""

SERVE = """
import signal, socket, subprocess, sys, time, httpx
with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
command = [sys.executable, "-m", "mattekit_cli", "serve", "--no-auth", "--port", str(port)]
process = subprocess.Popen(command)
with httpx.Client(trust_env=False, timeout=60) as client:
    for _ in range(600):
        try:
            client.get(f"http://127.0.0.1:{port}/health")
            break
        except httpx.ConnectError:
            assert process.poll() is None
            time.sleep(0.1)
    files = {"image_file": open("photo.jpg", "rb")}
    answer = client.post(f"http://127.0.0.1:{port}/v1.0/removebg", files=files)
    assert answer.status_code == 200, answer.text
time.sleep(float(sys.argv[1]))
process.send_signal(signal.SIGTERM)
process.wait(60)
"""

WORKER = """
import os, subprocess, sys, time, mattekit
run = lambda *words: subprocess.run([sys.executable, "-m", "mattekit_cli", *words], check=True)
run("worker", "start")
os.environ["MATTEKIT_SERVER"] = "worker"
mattekit.remove_background("photo.jpg").save("cut.png")
time.sleep(float(sys.argv[1]))
run("worker", "stop")
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a photo, which the network is asked about, and a tree of one."""
    (tmp_path / "src").mkdir()
    for name in ("photo.jpg", "src/photo.jpg"):
        write_photo(tmp_path / name)
    return tmp_path


def program(text: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", text, *map(str, arguments)]


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "mattekit_cli", *arguments]


@pytest.mark.parametrize(
    "words",
    [
        program(LIBRARY, LONG_ENOUGH),
        program(PILLOW),
        program(IMAGEIO),
        program(VIDEO),
        program(WATCH, LONG_ENOUGH),
        program(SERVE, LONG_ENOUGH),
        command("remove", "photo.jpg", "--json"),
        command("batch", "src", "dst"),
        command("batch", "src", "dst", "--workers", "2"),
        command("models", "list"),
        command("plugins"),
        command("options"),
        command("hosts", "list"),
    ],
    ids=lambda words: " ".join(words[-3:])[-24:].replace("\n", " "),
)
def test_no_file_is_left_and_nobody_is_called(folder: Path, words: list[str]) -> None:
    seen = watch(words, folder)
    assert not seen.asked, seen.asked
    assert not seen.files, seen.files


def test_forks(folder: Path) -> None:
    script = folder / "forks.py"
    script.write_text(FORKS)
    seen = watch([sys.executable, str(script)], folder)
    assert not seen.asked, seen.asked
    assert not seen.files, seen.files


def test_doctor(folder: Path) -> None:
    """It may find something wrong, and still keeps to itself."""
    seen = watch(command("doctor"), folder, fails=True)
    assert "onnxruntime" in seen.output
    assert not seen.asked, seen.asked
    assert not seen.files, seen.files


def test_the_worker_keeps_its_own_folder_only(folder: Path) -> None:
    seen = watch(program(WORKER, LONG_ENOUGH), folder)
    assert not seen.asked, seen.asked
    ours = "home/.cache/mattekit"
    assert all(name == "home/.cache" or name.startswith(ours) for name in seen.files), seen.files


def test_the_witness_sees_what_onnxruntime_does_by_itself(folder: Path) -> None:
    """The tests above can fail: the same runtime, imported by anybody else."""
    if tuple(map(int, load_onnxruntime().__version__.split(".")[:2])) < (1, 29):
        pytest.skip("this onnxruntime has no telemetry")
    text = "import time, onnxruntime; time.sleep(20)"
    seen = watch(program(text), folder)
    assert any(name.endswith("deviceid") for name in seen.files), seen.files
    assert seen.asked


def test_the_witness_hears_a_name_being_asked(folder: Path) -> None:
    text = """
import socket
try: socket.getaddrinfo("nobody.example", 443)
except OSError: pass
"""
    if not os.path.exists("/etc/resolv.conf"):  # noqa: PTH110
        pytest.skip("no name server is set here")
    assert watch(program(text), folder).asked


def test_what_the_witness_counts() -> None:
    trace = """
7 connect(3, {sa_family=AF_INET, sin_port=htons(8000), sin_addr=inet_addr("127.0.0.1")}, 16) = 0
7 connect(3, {sa_family=AF_UNIX, sun_path="/var/run/nscd/socket"}, 110) = -1 ENOENT
7 sendto(3, "x", 1, 0, NULL, 0) = 1
8 connect(4, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("127.0.0.53")}, 16) = 0
9 connect(5, {sa_family=AF_INET6, sin6_port=htons(443), sin6_flowinfo=htonl(0), \
inet_pton(AF_INET6, "2001:db8::1", &sin6_addr), sin6_scope_id=0}, 28) = -1 ENETUNREACH
"""
    assert outside(trace) == ["connect 127.0.0.53 port 53", "connect 2001:db8::1 port 443"]
