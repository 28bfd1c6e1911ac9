"""Krita: what the script costs when Krita starts, and how long a large layer takes.

Runs the Krita that is installed, on a screen that nobody looks at (Xvfb), with settings of its own;
of layers those that the tests run in. The library's own time is what the worker says that it has
spent on that very picture, so that whatever else the machine does falls on both.

    python benchmarks/krita.py starts --readme
    python benchmarks/krita.py layers --readme
    python benchmarks/krita.py layers --version 6 --readme
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import common
from common import interleave, markdown_table, ratio, summarize
from mattekit_hosts.files import put
from mattekit_krita import kritarc
from mattekit_krita.installing import NAME, plug_in_files
from mattekit_krita.profiles import Profile

ROOT = Path(__file__).resolve().parents[1]

#: Ends Krita as soon as its window is there and nothing else is to be done.
PROBE = """
import os, time
from krita import Extension, Krita
from mattekit_krita.plugin.qt import QtCore

class Probe(Extension):
    def __init__(self, parent):
        super().__init__(parent)
    def setup(self):
        pass
    def createActions(self, window):
        QtCore.QTimer.singleShot(0, lambda: QtCore.QTimer.singleShot(0, self.end))
    def end(self):
        with open(os.environ["PROBE"], "w") as file:
            file.write(str(sum(os.times()[:4])))
        os._exit(0)

Krita.instance().addExtension(Probe(Krita.instance()))
"""
DESKTOP = """[Desktop Entry]
Type=Service
ServiceTypes=Krita/PythonPlugin
X-KDE-Library=probe
X-Python-2-Compatible=false
X-Krita-Manual=Manual.html
Name=Probe
Comment=Probe
"""
#: Runs by kritarunner: one layer, several times; how long it takes, and Krita's own part of it.
#: What comes first, loads and takes its memory; it does not count.
WORK = """
import json, re, sys, time, urllib.request
import mattekit_bridge as bridge
from krita import Krita
from mattekit_krita.plugin import jobs, running, scripting
from mattekit_krita.plugin.requests import Request

def spent():
    worker = bridge.find()
    headers = {"X-API-Key": worker.token}
    asked = urllib.request.Request(worker.url + "/metrics", headers=headers)
    with urllib.request.urlopen(asked, timeout=30) as answer:
        text = answer.read().decode()
    return float(re.search("^mattekit_picture_seconds_sum (.*)", text, re.M).group(1))

def __main__(args):
    target, rounds, megapixels = args[0], int(args[1]), float(args[2])
    width = int((megapixels * 1e6 * 4 / 3) ** 0.5)
    height = int(width * 3 / 4)
    disc = bytearray()
    for y in range(height):
        half = max(0.0, (height * 0.35) ** 2 - (y - height / 2) ** 2) ** 0.5
        inside = int(2 * half)
        left = (width - inside) // 2
        disc += bytes((190, 90, 30, 255)) * left + bytes((50, 70, 210, 255)) * inside
        disc += bytes((190, 90, 30, 255)) * (width - left - inside)
    found = {}
    # Starts the worker and loads its network.
    small = Krita.instance().createDocument(64, 64, "s", "RGBA", "U8", "", 300.0)
    request = Request(result="selection")
    running.run_now(jobs.job([jobs.Work(small, small.topLevelNodes()[0])], request,
                             scripting.installed()))
    for name, result, depth in (("mask, 8 bits", "mask", "U8"), ("layer, 8 bits", "layer", "U8"),
                                ("layer, 16 bits linear", "layer", "U16")):
        for _ in range(1 + rounds):
            profile = "sRGB-elle-V2-srgbtrc.icc"
            document = Krita.instance().createDocument(width, height, "b", "RGBA", "U8", profile,
                                                       300.0)
            document.setBatchmode(True)
            layer = document.topLevelNodes()[0]
            layer.setPixelData(bytes(disc), 0, 0, width, height)
            if depth == "U16":
                document.setColorSpace("RGBA", "U16", "sRGB-elle-V2-g10.icc")
                document.waitForDone()
            job = jobs.job([jobs.Work(document, layer)], Request(result=result),
                           scripting.installed())
            before_all = spent()
            steps, answer, started = [], None, time.perf_counter()
            while True:
                before = time.perf_counter()
                try:
                    step = running._next(job, answer)
                except StopIteration:
                    steps.append(time.perf_counter() - before)
                    break
                steps.append(time.perf_counter() - before)
                away = isinstance(step, jobs.Offload)
                answer = step.work(lambda share, text: None) if away else None
            whole = time.perf_counter() - started
            library = spent() - before_all
            found.setdefault(name, []).append([whole, library, sum(steps), max(steps)])
            document.close()
    with open(target, "w") as file:
        json.dump({name: values[1:] for name, values in found.items()}, file)
"""


@contextmanager
def screen() -> Iterator[str]:
    """Have a screen; yields what ``DISPLAY`` must be."""
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        pass_fds=(write,),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        with os.fdopen(read) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait()


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return the variables of a Krita with a home folder of its own."""
    run = home / "run"
    run.mkdir(parents=True, exist_ok=True)
    run.chmod(0o700)
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(run),
        "MATTEKIT_WORKER_DIR": str(home / "worker"),
        **more,
    }


def prepare(home: Path) -> Profile:
    """Install the script and the probe."""
    profile = Profile(home / ".local/share/krita", home / ".config/kritarc", "plain")
    put(profile.resources, plug_in_files(profile, sys.executable))
    probe = profile.resources / "pykrita/probe"
    probe.mkdir(parents=True)
    (probe / "__init__.py").write_text(PROBE)
    (profile.resources / "pykrita/probe.desktop").write_text(DESKTOP)
    kritarc.put(profile.settings, "python", "enable_probe", "true")
    return profile


def start(profile: Profile, home: Path, display: str, *, ours: bool) -> tuple[float, float]:
    """Start Krita with or without the script; return wall and processor seconds to its window."""
    kritarc.put(profile.settings, "python", f"enable_{NAME}", "true" if ours else "false")
    answer = home / "answer"
    answer.unlink(missing_ok=True)
    began = time.perf_counter()
    done = subprocess.run(
        ["krita", "--nosplash"],
        env=environment(home, DISPLAY=display, PROBE=str(answer)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
        timeout=300,
    )
    wall = time.perf_counter() - began
    if not answer.exists():
        raise SystemExit(f"Krita did not start:\n{done.stderr.decode(errors='replace')[-2000:]}")
    return wall, float(answer.read_text())


def starts(profile: Profile, home: Path, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return wall and processor seconds of starts that take turns."""
    measured: dict[str, list[tuple[float, float]]] = {"without": [], "with": []}
    with screen() as display:

        def run(name: str) -> float:
            measured[name].append(start(profile, home, display, ours=name == "with"))
            return measured[name][-1][0]

        interleave({name: (lambda name=name: run(name)) for name in measured}, rounds)
    return {name: values[-rounds:] for name, values in measured.items()}


def work(krita: Any, profile: Profile, rounds: int, megapixels: float) -> dict[str, Any]:
    """Return seconds by case and round: all, the library's, Krita's own, the longest standstill."""
    folder = krita.home / "script"
    folder.mkdir()
    script, target = folder / "work.py", krita.home / "work.json"
    script.write_text(WORK)
    path = os.pathsep.join([str(folder), str(profile.resources / "pykrita")])
    variables = {"PYTHONPATH": path, "MATTEKIT_WORKER_DIR": str(krita.home / "worker")}
    said = krita.runner(
        script, str(target), str(rounds), str(megapixels), env=variables, timeout=1200
    )
    if not target.exists():
        raise SystemExit(f"Krita did not end:\n{said.stdout[-2000:]}\n{said.stderr[-2000:]}")
    found: dict[str, Any] = json.loads(target.read_text())
    return found


def starts_text(found: Mapping[str, list[tuple[float, float]]]) -> str:
    """Write the table of starts."""
    rows = []
    for at, name in enumerate(("wall", "processor")):
        without, with_ = ([each[at] for each in found[key]] for key in ("without", "with"))
        difference = summarize(b - a for a, b in zip(without, with_, strict=True))
        rows.append(
            [
                name,
                summarize(without).text(2),
                summarize(with_).text(2),
                f"{1000 * difference.median:+.0f} ms",
                ratio(with_, without).text(2),
            ]
        )
    headings = ["start of Krita, seconds", "without", "with the script", "difference", "÷"]
    return markdown_table(headings, rows)


def layers_text(done: Mapping[str, Any], megapixels: float) -> str:
    """Write the table of layers."""
    rows = []
    for name, values in done.items():
        whole, library, own, standstill = (
            summarize(each[at] for each in values) for at in range(4)
        )
        beyond = summarize(each[0] - each[1] for each in values)
        rows.append([name, *(each.text(2) for each in (whole, library, beyond, own, standstill))])
    headings = ["seconds", "library", "beyond it", "in Krita's thread", "longest standstill"]
    return markdown_table([f"a layer of {megapixels:g} MP", *headings], rows)


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = common.argument_parser(__doc__, rounds=3)
    parser.add_argument("what", choices=("starts", "layers"))
    parser.add_argument("--version", choices=("5.1", "5.2", "6"), default="5.1", help="of layers")
    parser.add_argument("--megapixels", type=float, default=24, help="size of the layer")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    arguments = parse(argv)
    rounds, megapixels = arguments.rounds, arguments.megapixels
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        profile = prepare(home)
        if arguments.what == "starts":
            for name in ("krita", "Xvfb"):
                if not shutil.which(name):
                    raise SystemExit(f"{name} is absent: python tests/hosts/install.py")
            said = subprocess.run(["krita_version"], capture_output=True, text=True, check=False)
            version = said.stdout.strip()
            found = starts(profile, home, rounds)
            heading = f"{rounds} interleaved starts. Krita {version}."
            results: dict[str, Any] = {"starts": found, "krita": version}
            text = f"{heading}\n\n{starts_text(found)}"
            common.publish("krita_starts", text, results, arguments)
            return
        sys.path.insert(0, str(ROOT / "tests"))
        from hosts.krita import krita6, krita51, krita52

        krita = {"5.1": krita51, "5.2": krita52, "6": krita6}[arguments.version](home)
        # Started here and not by Krita, so that it has the same rank among the processes.
        worker = subprocess.Popen(
            [sys.executable, "-m", "mattekit_server.worker"],
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            done = work(krita, profile, rounds, megapixels)
        finally:
            worker.terminate()
            worker.wait()
    results = {"work": done, "krita": krita.version}
    heading = f"Krita {krita.version}, {rounds} of each after one that does not count."
    text = f"{heading}\n\n{layers_text(done, megapixels)}"
    common.publish(f"krita_{krita.version}", text, results, arguments)


if __name__ == "__main__":
    main()
