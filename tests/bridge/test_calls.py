"""The bridge: what runs inside a host's own Python, against the real worker."""

from __future__ import annotations

import ast
import http.server
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import ImageCms

import mattekit
import mattekit_bridge as bridge
from mattekit_bridge import calls, sharing
from support.helpers import disc

pytest.importorskip("uvicorn", reason="the extra `server` is not installed")
PACKAGE = Path(bridge.__file__).parent
pytestmark = pytest.mark.slow


def sample(dtype: type = np.uint8) -> tuple[np.ndarray, bridge.Picture]:
    image = disc(200, 300).image.astype(dtype) * (257 if dtype is np.uint16 else 1)
    full = int(np.iinfo(dtype).max)
    samples = image.astype(">u2" if full > 255 else "u1").tobytes()
    return image, bridge.Picture(300, 200, 3, full, samples)


def array(picture: bridge.Picture) -> np.ndarray:
    kind = ">u2" if picture.maximum > 255 else "u1"
    shape = (picture.height, picture.width, picture.channels)
    return np.frombuffer(picture.samples, kind).reshape(shape)


def test_nothing_but_the_standard_library() -> None:
    for path in PACKAGE.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"), feature_version=(3, 8))
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                assert top == "mattekit_bridge" or top in sys.stdlib_module_names, (path, name)


SCRIPT = """
import sys; sys.path.insert(0, {source!r})
import mattekit_bridge as bridge
worker = bridge.find()
picture = bridge.Picture(120, 80, 3, 255, bytes([30, 60, 200]) * 40 * 120 + bytes(120 * 120))
seen = []
try:
    note = lambda done, what: seen.append(done)
    result = bridge.remove_background(worker, picture, {{}}, "pgm", note)
    print("found", len(result.picture.samples) == 120 * 80)
except bridge.Refused as error:
    print("refused", error.code)
assert seen == sorted(seen) and seen, seen
"""


@pytest.mark.parametrize("version", ["", "3.8", "3.13"])
def test_isolated_and_in_other_pythons(worker: bridge.Worker, version: str) -> None:
    python = shutil.which(f"python{version}") if version else sys.executable
    if (
        python is None
        or subprocess.run([python, "-V"], capture_output=True, check=False).returncode
    ):
        pytest.skip(f"no Python {version} here")
    script = SCRIPT.format(source=str(PACKAGE.parent))
    done = subprocess.run(
        [python, "-W", "error", "-I", "-S", "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.strip() in {"found True", "refused unknown_foreground"}, done.stderr


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_worker_does_what_the_library_does(worker: bridge.Worker, dtype: type) -> None:
    image, picture = sample(dtype)
    seen: list[tuple[float, str]] = []

    def progress(done: float, what: str) -> None:
        seen.append((done, what))

    result = bridge.remove_background(worker, picture, {"refine": "fast"}, "pam", progress)
    cutout = mattekit.remove_background(image, refine="fast")
    pixels = array(result.picture)
    assert pixels.dtype.newbyteorder("=") == dtype
    scale = np.iinfo(dtype).max / 255
    assert np.abs(pixels / scale - cutout.rgba() / scale).mean() <= 1
    assert result.kind == cutout.kind or cutout.kind in {"transportation", "graphic"}
    assert cutout.box is not None
    assert result.box == pytest.approx((cutout.box.left, cutout.box.top, *cutout.box.size), abs=1)
    shares = [done for done, _ in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    alpha = bridge.remove_background(worker, picture, {"refine": "fast"}, "pgm").picture
    assert (array(alpha)[..., 0] == pixels[..., 3]).all()


@pytest.mark.skipif(not sharing.can_share(), reason="this system has no memory to lend")
@pytest.mark.parametrize("refused", ["__init__", "append"])
def test_where_no_memory_is_to_be_had_the_socket_is_taken(
    worker: bridge.Worker, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    tried = []

    def refuse(*_: object) -> None:
        tried.append(refused)
        raise PermissionError(1, "Operation not permitted")

    shape = (600, 700)
    picture = bridge.Picture(*shape[::-1], 3, 255, disc(*shape).image.tobytes())
    plain = worker._replace(shared_memory=False)
    expected = bridge.remove_background(plain, picture, {"refine": "fast"}, "pgm")
    monkeypatch.setattr(sharing.SharedMemory, refused, refuse)
    found = bridge.remove_background(worker, picture, {"refine": "fast"}, "pgm")
    assert tried == [refused]
    assert bytes(found.picture.samples) == bytes(expected.picture.samples)


@pytest.mark.skipif(not sharing.can_share(), reason="this system has no memory to lend")
@pytest.mark.parametrize("profile", [False, True])
def test_lent_memory_and_a_socket_say_the_same(
    worker: bridge.Worker, monkeypatch: pytest.MonkeyPatch, profile: bool
) -> None:
    assert worker.shared_memory
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() if profile else b""
    shape = (600, 700)
    picture = bridge.Picture(*shape[::-1], 3, 255, disc(*shape).image.tobytes(), icc)
    plain = worker._replace(shared_memory=False)
    addresses = []

    class Counted(sharing.SharedMemory):
        def __init__(self) -> None:
            super().__init__()
            addresses.append(self.address)

    class Hidden(Counted):
        """As seen from where processes have other numbers."""

        def __init__(self) -> None:
            super().__init__()
            self.address = self.address.replace(str(os.getpid()), "1", 1)

    whole = np.full(shape, 255, np.uint8)
    whole[:, :10] = 0
    hints = {"remove": bridge.Picture(*shape[::-1], 1, 255, (255 - whole).tobytes())}
    for output in ("pam", "pgm"):
        asked = (picture, {"refine": "fast"}, output, lambda done, what: None, hints)
        expected = bridge.remove_background(plain, *asked)
        assert not addresses
        for kind in (Counted, Hidden):
            monkeypatch.setattr(calls, "SharedMemory", kind)
            found = bridge.remove_background(worker, *asked)
            assert found.picture[:4] == expected.picture[:4]
            assert bytes(found.picture.samples) == bytes(expected.picture.samples)
            assert found.box == expected.box
            addresses.pop()
    files = set(Path("/proc/self/fd").iterdir())
    editor = bridge.open_editor(worker, picture, {"refine": "fast"})
    samples = bytes(editor.result("pam").picture.samples)
    assert samples == bytes(bridge.remove_background(plain, picture, {"refine": "fast"}).picture[4])
    editor.close()
    assert set(Path("/proc/self/fd").iterdir()) == files


def test_options_and_refusals(worker: bridge.Worker) -> None:
    _, picture = sample()
    whole = bridge.remove_background(worker, picture, {"roi": "0px 0px 300px 200px"}, "pgm")
    assert (whole.picture.width, whole.picture.height) == (300, 200)
    with pytest.raises(bridge.Refused, match="crop='perhaps' is not valid") as caught:
        bridge.remove_background(worker, picture, {"crop": "perhaps"})
    assert (caught.value.status, caught.value.code) == (400, "invalid_crop")
    with pytest.raises(bridge.Refused, match="API Key invalid"):
        bridge.remove_background(worker._replace(token="wrong"), picture)
    empty = bridge.Picture(64, 64, 1, 255, bytes(64 * 64))
    with pytest.raises(bridge.Refused, match="No subject was found") as caught:
        bridge.remove_background(worker, empty)
    assert caught.value.code == "unknown_foreground"


class Silent(http.server.BaseHTTPRequestHandler):
    """A worker that never answers, or that ends in the middle."""

    gone = threading.Event()
    half = False

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if Silent.half:
            self.send_response(200)
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b"P5 10 10")
        else:
            self.connection.settimeout(10)
            Silent.gone.clear()
            if self.connection.recv(1) == b"":
                Silent.gone.set()
        self.close_connection = True

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def silent() -> Iterator[bridge.Worker]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield bridge.Worker(f"http://127.0.0.1:{server.server_port}", "t", 1, "0", bridge.PROTOCOL)
    server.shutdown()
    thread.join()
    server.server_close()


def test_cancel(silent: bridge.Worker) -> None:
    Silent.half = False
    started = time.monotonic()
    with pytest.raises(bridge.Canceled):
        bridge.remove_background(
            silent, sample()[1], progress=lambda done, _: time.monotonic() - started < 0.5
        )
    assert time.monotonic() - started < 3
    assert Silent.gone.wait(5)  # the worker sees that nobody waits any more


def test_a_worker_that_ends_in_the_middle(silent: bridge.Worker) -> None:
    Silent.half = True
    with pytest.raises(bridge.WorkerGone):
        bridge.remove_background(silent, sample()[1])
    with pytest.raises(bridge.WorkerGone, match=r"(?i)refused"):
        bridge.remove_background(silent._replace(url="http://127.0.0.1:1"), sample()[1])
