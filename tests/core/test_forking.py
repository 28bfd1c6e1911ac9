"""Children of a process that has used mattekit finish, whatever they do and however they end."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
import weakref
from pathlib import Path

import httpx
import pytest

from mattekit import forking
from support.privacy import write_photo
from support.tiers import spread

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")

#: What every program begins with: `cut` runs the network, `finishes` forks and waits for the child.
HEAD = """
import os, signal, sys, threading, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of forking beside threads
import mattekit

def cut():
    assert mattekit.remove_background("photo.jpg").found

def finishes(work, end=os._exit):
    child = os.fork()
    if child == 0:
        work()
        end(0)
        os._exit(3)
    for _ in range(600):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            assert status == 0, status
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    raise AssertionError("the child hangs")

def nothing(): pass
"""

PROGRAMS = {
    "a child that cuts out": "cut(); finishes(cut)",
    "a child that does nothing": "cut(); finishes(nothing)",
    "a child that ends as a program does": "cut(); finishes(cut, sys.exit)",
    "a child of a child": "cut(); finishes(lambda: (cut(), finishes(cut)))",
    "preexec_fn": """
        import subprocess
        cut()
        subprocess.run(["true"], preexec_fn=nothing, timeout=60, check=True)
    """,
    "multiprocessing": """
        import multiprocessing
        cut()
        with multiprocessing.get_context("fork").Pool(2) as pool:
            for result in [pool.apply_async(cut) for _ in range(4)]:
                result.get(60)
    """,
    "a session that is held": """
        import numpy as np
        from mattekit.runtime import Runtime
        session = Runtime.shared().session("builtin")
        size = session.card.input.size
        run = lambda: session.run(np.zeros((1, 3, *size[::-1]), np.float32))
        before = run()[0]
        finishes(lambda: np.testing.assert_array_equal(run()[0], before))
        run()
        session.close()
        finishes(lambda: session.closed or sys.exit(1))
    """,
    "a session that another thread held": """
        from mattekit.runtime import Runtime
        local = threading.local()
        held = threading.Event()
        def hold():
            runtime = Runtime()
            local.session = runtime.session("builtin")
            del runtime
            held.set()
            time.sleep(600)
        threading.Thread(target=hold, daemon=True).start()
        held.wait()
        finishes(nothing)
        finishes(cut, sys.exit)
        os._exit(0)
    """,
}
SLOW = {
    "threads that run and load networks": """
        from mattekit.runtime import Runtime
        def work():
            while True:
                with Runtime() as runtime:
                    for _ in range(3):
                        mattekit.remove_background("photo.jpg", runtime=runtime)
        cut()
        for _ in range(3):
            threading.Thread(target=work, daemon=True).start()
        for number in range(12):
            finishes(cut if number % 2 else nothing)
        os._exit(0)
    """,
    "a video": """
        import numpy as np
        from PIL import Image
        import mattekit_imageio
        photo = np.asarray(Image.open("photo.jpg"))
        def video(): assert len(list(mattekit_imageio.cutout_frames([photo] * 5))) == 5
        def half():
            global frames
            frames = mattekit_imageio.cutout_frames([photo] * 20)
            next(frames)
        video(); finishes(video); half(); finishes(video); finishes(nothing, sys.exit)
        assert len(list(frames)) == 19
    """,
    "a batch": """
        from click.testing import CliRunner
        from mattekit_cli.app import cli
        def batch(target, *more):
            result = CliRunner().invoke(cli, ["batch", "src", target, *more])
            assert result.exit_code == 0, result.output
        if __name__ == "__main__":  # processes of a batch import this file
            batch("one")
            finishes(lambda: batch("two"))
            finishes(lambda: batch("three", "--workers", "2"), sys.exit)
    """,
}


def run(text: str, folder: Path) -> None:
    write_photo(folder / "photo.jpg")
    script = folder / "program.py"
    script.write_text(HEAD + textwrap.dedent(text))
    result = subprocess.run(
        [sys.executable, str(script)],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", spread(PROGRAMS, 8))
def test_children_finish(name: str, tmp_path: Path) -> None:
    run(PROGRAMS[name], tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_children_of_busy_parents_finish(name: str, tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    write_photo(tmp_path / "src/photo.jpg")
    run(SLOW[name], tmp_path)


APPLICATION = """
import mattekit
def cut(): return str(mattekit.remove_background("photo.jpg").found).encode()
assert cut() == b"True"  # in the parent
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [cut()]
"""


@pytest.mark.slow
def test_gunicorn_with_a_preloaded_application(tmp_path: Path) -> None:
    """Workers are children that end as programs do: they answer, and stop when told to."""
    pytest.importorskip("gunicorn", reason="gunicorn is not installed")
    write_photo(tmp_path / "photo.jpg")
    (tmp_path / "application.py").write_text(APPLICATION)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            f"{sys.executable} -m gunicorn --preload --workers 2 --timeout 60 "
            f"--graceful-timeout 30 --bind 127.0.0.1:{port} application:app".split(),
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        )
    try:
        transport = httpx.HTTPTransport(retries=0)
        with httpx.Client(transport=transport, timeout=60) as client:
            answers: list[str] = []
            while len(answers) < 6:
                assert process.poll() is None, (tmp_path / "log").read_text()
                try:
                    answers.append(client.get(f"http://127.0.0.1:{port}/").text)
                except httpx.ConnectError:
                    time.sleep(0.1)
        assert answers == ["True"] * 6
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    said = (tmp_path / "log").read_text()
    assert "SIGKILL" not in said, said
    assert "TIMEOUT" not in said, said


# -- the mechanism ------------------------------------------------------------------------------


class Owner:
    """Notes what it is told."""

    def __init__(self) -> None:
        self.calls = 0
        forking.register(self)

    def after_fork(self) -> None:
        self.calls += 1


def child_says(question) -> bool:
    """Fork and return what the child answers, which ends without another word."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os._exit(10 if question() else 11)
        os._exit(12)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 10


def test_owners_are_told_in_the_child_only() -> None:
    owner = Owner()
    assert child_says(lambda: owner.calls == 1)
    assert owner.calls == 0


def test_owners_may_register_while_another_thread_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    class Owner:
        def after_fork(self) -> None:
            pass

    class Growing(weakref.WeakSet):
        late: Owner | None = None

        def __iter__(self):
            for each in super().__iter__():
                if self.late is None:
                    self.late = Owner()  # as another thread does between two steps
                    self.add(self.late)
                yield each

    first = Owner()
    registered = Growing([first])
    monkeypatch.setattr(forking, "_REGISTERED", registered)
    monkeypatch.setattr(forking, "_held", held := {})
    forking._before()
    # The late one as well where the set is not copied before it is gone through, as from 3.14 on.
    assert {first} <= {*held[threading.get_ident()]} <= {first, registered.late}
    assert registered.late is not None


def test_owners_are_not_kept() -> None:
    owner = Owner()
    note = weakref.ref(owner)
    assert child_says(lambda: True)
    del owner
    gc.collect()
    assert note() is None


def test_a_lock_of_another_thread_is_open_in_the_child() -> None:
    lock, held, done = forking.Lock(), threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            done.wait()

    def enter() -> bool:
        with lock:
            return True

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        assert child_says(enter)
        assert not lock._lock.acquire(blocking=False)
    finally:
        done.set()
        thread.join()


def test_a_lock_of_the_forking_thread_stays_its_own() -> None:
    lock = forking.Lock()

    def still_closed() -> bool:
        others: list[bool] = []
        thread = threading.Thread(target=lambda: others.append(lock._lock.acquire(blocking=False)))
        thread.start()
        thread.join()
        lock.__exit__()
        return others == [False]

    with lock:
        assert child_says(still_closed)


@pytest.mark.slow
def test_what_is_abandoned_is_never_destroyed() -> None:
    class Thing:
        pass

    def abandon() -> bool:
        thing = Thing()
        gone = weakref.ref(thing)
        forking.abandon(thing)
        forking._abandoned.clear()
        del thing
        gc.collect()
        return gone() is not None

    assert child_says(abandon)


def test_what_is_cached_is_made_anew() -> None:
    class Store:
        @functools.cached_property
        def connection(self) -> object:
            return object()

    store = Store()
    forking.abandon_cached(store, "connection")
    first = store.connection
    forking.abandon_cached(store, "connection")
    assert store.connection is not first


def test_what_threads_want_first_is_made_once():
    made, together = [], threading.Barrier(8)

    class Owner:
        @forking.cached_property
        def connection(self):
            made.append(self)
            time.sleep(0.05)
            return object()

    owner, found = Owner(), []

    def use():
        together.wait()
        found.append(owner.connection)

    threads = [threading.Thread(target=use) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert made == [owner]
    assert len(set(map(id, found))) == 1
    assert isinstance(Owner.connection, forking.cached_property)
