"""Real Dask: a scheduler and workers that are programs of their own, and what befalls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from support.batch import (
    call,
    free_port,
    kill,
    picture,
    start,
    tree,
    wait_for,
    write_model,
    write_pictures,
)

pytestmark = pytest.mark.slow
COUNT = 300

#: A module for workers: a network that is slow, so that something can happen meanwhile, and that
#: ends the process at certain pictures.
SLOW = """
import os, time
import mattekit.matting
segment = mattekit.matting.segment
with open("loaded.txt", "a") as file:
    file.write(f"{os.getpid()}\\n")
def slowly(photo, session, *, roi=None):
    time.sleep(float(os.environ.get("SLOW", "0.02")))
    if photo.source.endswith("deadly.jpg"):
        os.kill(os.getpid(), 9)
    return segment(photo, session, roi=roi)
mattekit.matting.segment = slowly
"""
SETTINGS = {
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
    "DASK_DISTRIBUTED__COMM__TIMEOUTS__TCP": "12s",
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "8s",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1",
    "PYTHONWARNINGS": "ignore",
}


@pytest.fixture
def dask(tmp_path):
    """Start the parts of a cluster: ``dask("scheduler")``; all are ended after the test."""
    (tmp_path / "slow.py").write_text(SLOW)
    environment = (
        os.environ | SETTINGS | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    )
    stack = ExitStack()

    def program(*arguments, before=(), **variables):
        with (tmp_path / f"{arguments[0]}.log").open("ab") as log:
            process = subprocess.Popen(
                [*before, sys.executable, "-m", "dask", *map(str, arguments)],
                cwd=tmp_path, stdout=log, stderr=log, env=environment | variables,
            )  # fmt: skip
        stack.callback(_end, process)
        return process

    with stack:
        yield program


def _end(process):
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        kill(process)


class Cluster:
    def __init__(self, program, tmp_path, host="127.0.0.1"):
        self.program, self.tmp_path = program, tmp_path
        self.address = f"tcp://{host}:{free_port()}"
        self.begin()

    def begin(self):
        port = self.address.rpartition(":")[2]
        host = self.address[6:].rpartition(":")[0]
        self.scheduler = self.program(
            "scheduler", "--host", host, "--port", port, "--no-dashboard", "--no-show"
        )

    def worker(self, *more, nanny="--no-nanny", before=(), **variables):
        return self.program(
            "worker", self.address, "--nthreads", 1, nanny, "--no-dashboard",
            "--local-directory", self.tmp_path / "scratch", "--preload", "slow", *more,
            before=before, **variables,
        )  # fmt: skip


@pytest.fixture
def cluster(dask, tmp_path):
    return Cluster(dask, tmp_path)


@pytest.fixture
def pictures(tmp_path):
    return tmp_path / "src", write_pictures(tmp_path / "src", COUNT)


def batch(cluster, model, tmp_path, *more):
    return start(
        "batch", tmp_path / "src", tmp_path / "dst", "--model", model, "--json", "--scheduler",
        cluster.address, *more,
    )  # fmt: skip


def finished(process, expected, timeout=180):
    out, err = process.communicate(timeout=timeout)
    assert b"Traceback" not in err, err.decode()
    lines = [json.loads(line) for line in out.splitlines()]
    assert Counter(line["input"] for line in lines) == Counter(list(expected)), err.decode()
    return {line["input"]: line["error"]["type"] if line["error"] else "" for line in lines}


def made(tmp_path):
    return len(list((tmp_path / "dst").rglob("*.png")))


def test_a_worker_is_killed_and_nothing_is_lost(cluster, pictures, model, tmp_path):
    source, expected = pictures
    first, second = cluster.worker(), cluster.worker()
    process = batch(cluster, model, tmp_path)
    wait_for(lambda: made(tmp_path) > 100)
    kill(first)
    assert finished(process, expected) == expected
    assert process.returncode == 1
    call("batch", source, tmp_path / "alone", "--model", model, "-q")
    assert tree(tmp_path / "dst") == tree(tmp_path / "alone")
    # What came back: chunks, not a task for each picture.
    assert second.poll() is None


def test_workers_come_and_go(cluster, pictures, model, tmp_path):
    """A batch that begins without workers waits; one that joins later knows what to do."""
    process = batch(cluster, model, tmp_path)
    time.sleep(3)
    assert process.poll() is None
    first = cluster.worker()
    wait_for(lambda: made(tmp_path) > 50)
    cluster.worker()
    time.sleep(1)
    first.terminate()
    assert finished(process, pictures[1]) == pictures[1]


def test_a_picture_that_kills_is_found_and_the_others_are_made(cluster, model, tmp_path):
    expected = write_pictures(tmp_path / "src", 30, every=100)
    (tmp_path / "src/deadly.jpg").write_bytes(picture(1))
    cluster.worker(nanny="--nanny")
    process = batch(cluster, model, tmp_path)
    found = finished(process, [*expected, "deadly.jpg"])
    assert found.pop("deadly.jpg") == "UnexpectedError"
    assert found == expected


def test_the_scheduler_ends_and_comes_back(cluster, pictures, model, tmp_path):
    cluster.worker()
    process = batch(cluster, model, tmp_path)
    wait_for(lambda: made(tmp_path) > 50)
    kill(cluster.scheduler)
    time.sleep(1)
    cluster.begin()
    cluster.worker()
    assert finished(process, pictures[1]) == pictures[1]


def test_the_client_is_killed_and_goes_on_later(cluster, pictures, model, tmp_path):
    source, expected = pictures
    cluster.worker()
    process = batch(cluster, model, tmp_path)
    wait_for(lambda: made(tmp_path) > 50)
    kill(process)
    process.communicate()
    again = batch(cluster, model, tmp_path)
    assert finished(again, expected) == expected
    call("batch", source, tmp_path / "alone", "--model", model, "-q")
    assert tree(tmp_path / "dst") == tree(tmp_path / "alone")


def test_two_batches_share_a_cluster(cluster, model, tmp_path):
    """The same options, other pictures: neither gets into the other's way."""
    expected = {}
    for name in ("one", "two"):
        expected[name] = write_pictures(tmp_path / name, 60)
    cluster.worker()
    processes = {
        name: start("batch", tmp_path / name, tmp_path / f"{name}-cut", "--model", model, "--json",
                    "--scheduler", cluster.address)
        for name in expected
    }  # fmt: skip
    for name, process in processes.items():
        assert finished(process, expected[name]) == expected[name]
        good = [path for path, error in expected[name].items() if not error]
        assert len(tree(tmp_path / f"{name}-cut")) == len(good)


def test_a_network_that_differs_on_a_worker_is_refused(dask, cluster, model, tmp_path):
    """The same path, another file: on another machine, for example."""
    write_pictures(tmp_path / "src", 3)
    other = tmp_path / "other"
    other.mkdir()
    Path(write_model(other)).write_bytes(Path(model).read_bytes() + b"\x72\x00")
    code = "import mattekit.runtime.runtime as r; l = r.Runtime._locate\n" \
           "r.Runtime._locate = lambda s, m, k: l(s, os.environ['OTHER'], k)\n"  # fmt: skip
    with (tmp_path / "slow.py").open("a") as file:
        file.write(code)
    cluster.worker(OTHER=str(other / "bright.onnx"))
    process = batch(cluster, model, tmp_path)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, b"")
    assert b"is not the file that the batch was begun with" in err
    assert err.count(b"\n") == 1


def test_no_scheduler_answers(tmp_path, monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT", "1s")
    write_pictures(tmp_path / "src", 3)
    code, _, err = call(
        "batch", tmp_path / "src", tmp_path / "dst", "--scheduler", f"tcp://127.0.0.1:{free_port()}"
    )
    assert code == 1
    assert "no Dask scheduler answers" in err
    assert err.count("\n") == 1


@pytest.fixture
def island():
    """A network namespace, joined to this one by a cable; yields its name and both addresses."""
    name, near, far = f"mk{os.getpid()}", "10.199.77.1", "10.199.77.2"
    cable = f"mkc{os.getpid()}"[:14]

    def ip(*arguments):
        return subprocess.run(
            ["ip", *arguments], capture_output=True, text=True, check=False
        ).returncode == 0  # fmt: skip

    try:
        able = ip("netns", "add", name)
    except FileNotFoundError:
        pytest.skip("network namespaces need iproute2")
    if not able:
        pytest.skip("making a network namespace needs root")
    try:
        ok = (
            ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name)
            and ip("addr", "add", f"{near}/24", "dev", cable)
            and ip("link", "set", cable, "up")
            and ip("-n", name, "addr", "add", f"{far}/24", "dev", "eth0")
            and ip("-n", name, "link", "set", "eth0", "up")
            and ip("-n", name, "link", "set", "lo", "up")
        )
        if not ok:
            pytest.skip("this machine has no virtual network cards")
        yield name, near, lambda state: ip("link", "set", cable, state)
    finally:
        ip("link", "del", cable)
        ip("netns", "del", name)


def test_the_network_parts(dask, island, pictures, model, tmp_path):
    """A worker is cut off in the middle of its work: others do what it had."""
    name, near, cable = island
    cluster = Cluster(dask, tmp_path, host=near)
    cluster.worker()
    cluster.worker(before=("ip", "netns", "exec", name))
    process = batch(cluster, model, tmp_path)
    wait_for(lambda: made(tmp_path) > 100)
    loaded = (tmp_path / "loaded.txt").read_text().split()
    assert len(set(loaded)) == 2
    assert cable("down")
    try:
        assert finished(process, pictures[1]) == pictures[1]
    finally:
        with suppress(OSError):
            cable("up")
    assert made(tmp_path) == sum(not error for error in pictures[1].values())
