"""Kill programs at random moments, fill their disks, take their folders away, and see what is left.

    python tests/chaos/chaos.py                  100 kills each, and the disks: half an hour
    python tests/chaos/chaos.py --kills 3 batch  some of them

Nothing may be lost, charged twice, or half there. Prints a line of Markdown for each, and ends with
an error at the first broken promise. Disks are small file systems in memory, which only root can
mount; elsewhere they are left out, which is said.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.server
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.batch import end_all, kill, picture, start, tree, wait_for, write_model
from support.privacy import write_photo

PICTURES: Final = 60
MODEL_BYTES: Final = 3_000_000


class Skipped(Exception):
    """It cannot be tried here; the message says why."""


# -- what is killed -----------------------------------------------------------------------------


def batch(folder: Path, kills: int, chance: random.Random) -> str:
    """A batch in this process or in two, begun again after each kill with what it left behind."""
    source, same = _pictures(folder)
    rounds = done = 0
    for number in range(kills):
        target = folder / f"dst{rounds}"
        workers = ["--workers", 2] if rounds % 2 else []
        process = _batch(folder, source, target, *workers)
        if chance.random() < 0.7:
            before = _count(target)
            wait_for(lambda: process.poll() is not None or _count(target) > before)  # noqa: B023
        _kill_within(process, chance, 0.6)
        assert process.returncode in {0, -signal.SIGKILL}, process.stderr
        _intact(target, same)
        if process.returncode == 0 or _count(target) > 0.8 * PICTURES or number + 1 == kills:
            process = _batch(folder, source, target)
            out, err = process.communicate(timeout=300)
            assert process.returncode == 0, err.decode()
            assert tree(target) == same, "a result differs from that of an undisturbed batch"
            lines = [json.loads(line) for line in out.splitlines()]
            assert len({line["input"] for line in lines}) == len(lines) == len(same)
            rounds, done = rounds + 1, done + len(lines)
    return f"{rounds} batches of {PICTURES} pictures completed, {done} of {done} results identical"


def watch(folder: Path, kills: int, chance: random.Random) -> str:
    """A watched folder into which pictures go on being dropped."""
    source, target = folder / "src", folder / "dst"
    source.mkdir()
    model = write_model(folder)
    dropped = 0
    for _ in range(kills):
        command = ["watch", source, target, "--model", model, "--settle", "0.1", "-q"]
        process = start(*command, cwd=folder)
        end = time.monotonic() + chance.uniform(0.3, 3)
        while time.monotonic() < end:
            (source / f"{dropped:05}.jpg").write_bytes(picture(dropped))
            dropped += 1
            time.sleep(0.1)
        kill(process)
        _intact(target, None)
    process = start(*command, cwd=folder)
    wait_for(lambda: len(tree(target)) == dropped, 120)
    process.send_signal(signal.SIGINT)
    process.wait(30)
    again = folder / "again"
    code, said = _said(_batch(folder, source, again, model=model))
    assert code == 0, said
    assert tree(again) == tree(target), "a result differs from that of a batch"
    return f"{dropped} pictures dropped meanwhile, {dropped} of {dropped} results identical"


def server(folder: Path, kills: int, chance: random.Random) -> str:
    """A server with keys and credits, called by a client that goes on calling."""
    from mattekit_server.keys import KeyStore
    from support.server.program import free_port

    database, port = folder / "keys.sqlite3", free_port()
    store = KeyStore(database)
    key = store.create("client", credits=1e6, free_calls=0)
    data = write_photo(folder / "photo.jpg").read_bytes()
    counts = {"delivered": 0, "broken": 0, "refused": 0}
    stopped = threading.Event()

    def call() -> None:
        with httpx.Client(trust_env=False, timeout=60) as client:
            while not stopped.is_set():
                try:
                    answer = client.post(
                        f"http://127.0.0.1:{port}/v1.0/removebg",
                        files={"image_file": data},
                        data={"size": "full"},
                        headers={"X-API-Key": key},
                    )
                except httpx.ConnectError:
                    time.sleep(0.02)
                except httpx.TransportError:
                    counts["broken"] += 1
                else:
                    counts["delivered" if answer.status_code == 200 else "refused"] += 1

    client = threading.Thread(target=call)
    client.start()
    try:
        for _ in range(kills):
            process = start(
                *("serve", "--port", port, "--database", database, "--rate-limit", 0),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if chance.random() < 0.9:
                before = counts["delivered"]
                wait_for(lambda: counts["delivered"] > before)  # noqa: B023
            _kill_within(process, chance, 1)
            assert process.returncode == -signal.SIGKILL, "the server ended by itself"
    finally:
        stopped.set()
        client.join()
    with sqlite3.connect(database) as db:
        (check,) = db.execute("PRAGMA integrity_check").fetchone()
        charged, paid = db.execute("SELECT count(*), sum(price) FROM charges").fetchone()
    db.close()
    left = store.records()[0].credits
    store.close()
    assert check == "ok", check
    assert left == 1e6 - (paid or 0) / 100, "the balance is not what the charges say"
    # A charge whose answer was cut off by the kill is the only difference there may be.
    lost = charged - counts["delivered"]
    assert 0 <= lost <= counts["broken"], (charged, counts)
    assert not counts["refused"], counts
    return (
        f"{counts['delivered']} pictures delivered, {counts['broken']} calls broken off; "
        f"{charged} charges, {lost} of them for an answer that was being sent, none twice"
    )


def worker(folder: Path, kills: int, chance: random.Random) -> str:
    """The editors' worker, killed while a host waits; the next call starts another."""
    from PIL import Image

    import mattekit_bridge as bridge

    os.environ["MATTEKIT_WORKER_DIR"] = str(folder / "worker")
    with Image.open(write_photo(folder / "photo.jpg")) as photo:
        given = bridge.Picture(*photo.size, 3, 255, photo.convert("RGB").tobytes())
    whole = gone = 0
    expected = b""
    for _ in range(kills):
        found = bridge.start(sys.executable)
        timer = threading.Timer(chance.uniform(0, 1.5), os.kill, (found.pid, signal.SIGKILL))
        timer.start()
        try:
            while timer.is_alive():
                result = bytes(bridge.remove_background(found, given).picture.samples)
                assert result == (expected or result), "a result differs from the first"
                expected, whole = result, whole + 1
        except bridge.WorkerGone:
            gone += 1
        timer.join()
    found = bridge.start(sys.executable)
    last = bytes(bridge.remove_background(found, given).picture.samples)
    assert last == (expected or last)
    bridge.stop()
    left = sorted(path.name for path in (folder / "worker").iterdir())
    assert not [name for name in left if name.endswith(".part") or name == "worker.json"], left
    return f"{whole} pictures, all equal; {gone} calls told that it ended; each next one served"


FETCH: Final = """
import sys
from mattekit.models import ModelCard, Store
url, digest, size, folder = sys.argv[1:]
card = ModelCard("m", "", "m.onnx", (url,), bytes=int(size), sha256=digest)
Store(folder, cards=[card], retries=0).fetch("m")
"""


def fetch(folder: Path, kills: int, chance: random.Random) -> str:
    """A model that comes slowly; what has come is kept, and nothing half is ever under its name."""
    data = chance.randbytes(MODEL_BYTES)
    digest = hashlib.sha256(data).hexdigest()
    complete = 0
    resumed: list[bool] = []
    with _mirror(data, resumed) as url:
        command = [sys.executable, "-c", FETCH, url, digest, str(len(data)), str(folder / "models")]
        for _ in range(kills):
            process = subprocess.Popen(command, stderr=subprocess.PIPE)
            if chance.random() < 0.9:
                before = len(resumed)
                wait_for(lambda: process.poll() is not None or len(resumed) > before)  # noqa: B023
            _kill_within(process, chance, 2)
            assert process.returncode in {0, -signal.SIGKILL}
            path = folder / "models" / "m.onnx"
            if path.exists():
                assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
                complete += 1
                path.unlink()
        subprocess.run(command, check=True, timeout=120)
    left = sorted(path.name for path in (folder / "models").iterdir())
    assert path.read_bytes() == data
    assert left in (["m.onnx"], ["m.onnx", "m.onnx.lock"]), left
    return (
        f"{complete + 1} complete files, each with the right digest; "
        f"{sum(resumed)} of {len(resumed)} transfers went on where one was broken off"
    )


# -- disks ---------------------------------------------------------------------------------------


def full_disk(folder: Path, _: int, __: random.Random) -> str:
    """Results go to a disk that is full after some; with more room the batch goes on."""
    source, same = _pictures(folder)
    with _disk(folder / "disk", "160k") as disk:
        code, said = _said(_batch(folder, source, disk / "dst"))
        assert code in {1, 2}, (code, said)
        _in_words(said)
        _intact(disk / "dst", same)
        made = len(tree(disk / "dst"))
        assert made < len(same)
        subprocess.run(["mount", "-o", "remount,size=16m", disk], check=True)
        code, said = _said(_batch(folder, source, disk / "dst"))
        assert code == 0, said
        assert tree(disk / "dst") == same
    return f"full after {made} of {PICTURES} results, said so; with room, all identical"


def read_only(folder: Path, _: int, __: random.Random) -> str:
    """A disk that becomes read-only in the middle, as broken ones do."""
    source, same = _pictures(folder)
    with _disk(folder / "disk", "16m") as disk:
        process = _batch(folder, source, disk / "dst")
        wait_for(lambda: len(tree(disk / "dst")) > 5 if (disk / "dst").is_dir() else False)
        end = time.monotonic() + 60
        while subprocess.run(
            ["mount", "-o", "remount,ro", disk], capture_output=True, check=False
        ).returncode:
            assert time.monotonic() < end, "the disk is busy for ever"
        code, said = _said(process)
        if code:
            _in_words(said)
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
        _intact(disk / "dst", same)
        assert _said(_batch(folder, source, disk / "dst"))[0] == 0
        assert tree(disk / "dst") == same
    return "said so; writable again, all identical"


def vanishing(folder: Path, kills: int, chance: random.Random) -> str:
    """Source, target or record are taken away while a batch runs, and put back."""
    source, same = _pictures(folder)
    rounds = max(3, kills // 10)
    for number in range(rounds):
        target = folder / f"dst{number}"
        process = _batch(folder, source, target)
        wait_for(lambda: target.is_dir() and len(tree(target)) > 3)  # noqa: B023
        time.sleep(chance.uniform(0, 0.1))
        victim = (source, target, target / ".mattekit")[number % 3]
        with contextlib.suppress(OSError):
            victim.rename(folder / "away")
        code, said = _said(process)
        if code:
            _in_words(said)
        if (folder / "away").exists():
            if victim.exists():
                shutil.rmtree(victim)
            (folder / "away").rename(victim)
        _intact(target, same)
        code, said = _said(_batch(folder, source, target, "--reprocess-existing"))
        assert code == 0, said
        assert tree(target) == same
    return f"{rounds} times said so or did not matter; back again, all identical"


SCENES: Final[dict[str, Callable[[Path, int, random.Random], str]]] = {
    "batch": batch,
    "watch": watch,
    "server": server,
    "worker": worker,
    "fetch": fetch,
    "full_disk": full_disk,
    "read_only": read_only,
    "vanishing": vanishing,
}
KILLED: Final = ("batch", "watch", "server", "worker", "fetch")


def main() -> None:
    """Run the scenes that are named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("scenes", nargs="*", choices=[*SCENES, []], metavar="|".join(SCENES))
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    print("| what | kills | seconds | what was found |\n|---|---|---|---|")
    for name in arguments.scenes or SCENES:
        started = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = run(name, Path(folder), arguments.kills, arguments.seed)
            except Skipped as reason:
                found = f"not tried: {reason}"
        kills = arguments.kills if name in KILLED else "–"
        seconds = time.monotonic() - started
        print(f"| {name.replace('_', ' ')} | {kills} | {seconds:.0f} | {found} |", flush=True)


def run(name: str, folder: Path, kills: int, seed: int = 1) -> str:
    """Run one scene in an empty folder and return what was found."""
    for variable in [each for each in os.environ if each.startswith("MATTEKIT_")]:
        del os.environ[variable]
    try:
        return SCENES[name](folder, kills, random.Random(seed))
    finally:
        end_all()


# -- inside --------------------------------------------------------------------------------------


def _pictures(folder: Path) -> tuple[Path, dict[str, str]]:
    """Write the pictures and return their folder and the results of a batch that is let be."""
    source = folder / "src"
    for number in range(PICTURES):
        path = source / f"{number % 4}" / f"{number:03}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(picture(number))
    write_model(folder)
    process = _batch(folder, source, folder / "undisturbed")
    code, said = _said(process)
    assert code == 0, said
    return source, tree(folder / "undisturbed")


def _batch(
    folder: Path, source: Path, target: Path, *more: object, model: str = ""
) -> subprocess.Popen[bytes]:
    model = model or str(folder / "bright.onnx")
    return start("batch", source, target, "--model", model, "--json", *more, cwd=folder)


def _count(folder: Path) -> int:
    return len(list(folder.rglob("*.png")))


def _said(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    out, err = process.communicate(timeout=300)
    errors = [
        line["error"]["message"] for line in map(json.loads, out.splitlines()) if line["error"]
    ]
    return process.returncode, "\n".join([*errors, err.decode()])


def _in_words(said: str) -> None:
    """What goes wrong outside is told in a sentence, not as a fault of the program."""
    assert said.strip(), "nothing was said"
    assert "Traceback" not in said, said
    assert "unexpected" not in said, said


def _kill_within(process: subprocess.Popen[bytes], chance: random.Random, most: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(chance.uniform(0, most))
    kill(process)
    if process.stdout or process.stderr:
        process.communicate()


def _intact(target: Path, same: dict[str, str] | None) -> None:
    """Every result that is there is whole, and nothing else is there."""
    found = tree(target) if target.is_dir() else {}
    for name, digest in found.items():
        if name.endswith(".part") or "/." in f"/{name}":
            continue  # what a killed program leaves; the next one clears it away
        if same is not None:
            assert same.get(name) == digest, f"{name} is half there, or is nothing of ours"
        else:
            data = (target / name).read_bytes()
            assert data.endswith(b"IEND\xaeB`\x82"), f"{name} is half there"


@contextlib.contextmanager
def _disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a file system of so many bytes."""
    folder.mkdir()
    try:
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise Skipped("only root can mount a small disk") from error
    try:
        yield folder
    finally:
        end_all()
        subprocess.run(["umount", "-l", folder], check=False)


@contextlib.contextmanager
def _mirror(data: bytes, resumed: list[bool]) -> Iterator[str]:
    """Serve a file slowly, from where it is asked for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            first = int(self.headers.get("Range", "bytes=0-")[6:].partition("-")[0])
            resumed.append(first > 0)
            self.send_response(206 if "Range" in self.headers else 200)
            self.send_header("Content-Length", str(len(data) - first))
            if "Range" in self.headers:
                self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
            self.send_header("ETag", '"one"')
            self.end_headers()
            with contextlib.suppress(OSError):
                for at in range(first, len(data), 100_000):
                    self.wfile.write(data[at : at + 100_000])
                    time.sleep(0.05)

        def log_message(self, *_: Any) -> None:
            pass

    mirror = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=mirror.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{mirror.server_port}/m.onnx"
    finally:
        mirror.shutdown()
        mirror.server_close()


if __name__ == "__main__":
    main()
