"""A hot folder: files that grow, files that come while it is off, files that change."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from pathlib import Path

import pytest

import mattekit_batch
from mattekit.errors import InputNotFound
from mattekit_batch import watching
from support.batch import picture, start, tree, wait_for


@pytest.fixture
def watch(runtime):
    """Watch src from a thread; what is found is in a list."""
    stop, threads = threading.Event(), []

    def begin(settle=0.3, **settings):
        found = []

        def work():
            try:
                with mattekit_batch.Batch("src", "dst", runtime=runtime) as batch:
                    for result in watching.watch(batch, settle=settle, stop=stop, **settings):
                        found.append(result)
            except InputNotFound as error:
                found.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        threads.append(thread)
        return found

    yield begin
    stop.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def done(found):
    return [result.source for result in found if result.status == "done"]


def test_what_is_there_and_what_comes(watch, photo):
    photo("src/a.jpg", 1)
    found = watch()
    wait_for(lambda: done(found) == ["a.jpg"])
    photo("src/x/y/b.png", 2, age=0)
    wait_for(lambda: done(found) == ["a.jpg", "x/y/b.png"])
    photo("src/a.jpg", 3, age=0)
    wait_for(lambda: done(found) == ["a.jpg", "x/y/b.png", "a.jpg"])
    assert sorted(tree(Path("dst"))) == ["a.png", "x/y/b.png"]


@pytest.mark.slow
@pytest.mark.parametrize("poll", [None, 0.1])
def test_a_file_that_grows_is_taken_when_it_is_complete(watch, poll):
    Path("src").mkdir()
    found = watch(poll=poll, settle=0.6)
    data = picture(1, "PNG")
    with Path("src/a.png").open("wb", buffering=0) as file:
        for start_ in range(0, len(data), len(data) // 8 + 1):
            file.write(data[start_ : start_ + len(data) // 8 + 1])
            time.sleep(0.15)
            assert found == []
    wait_for(lambda: found)
    assert [(result.status, result.failure) for result in found] == [("done", None)]


@pytest.mark.slow
def test_a_file_that_was_taken_too_early_is_taken_again(watch):
    Path("src").mkdir()
    found = watch(settle=0.1)
    data = picture(1)
    path = Path("src/a.jpg")
    path.write_bytes(data[:300])
    wait_for(lambda: found)
    assert found[0].failure.type == "UnreadableImage"
    path.write_bytes(data)
    wait_for(lambda: done(found) == ["a.jpg"])


def test_the_folder_goes_away(watch, photo):
    photo("src/a.jpg")
    found = watch()
    wait_for(lambda: found)
    Path("src/a.jpg").unlink()
    Path("src").rmdir()
    wait_for(lambda: isinstance(found[-1], InputNotFound))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are others there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_survives_restarts(model, photo, number):
    photo("src/a.jpg", 1)
    arguments = ["watch", "src", "dst", "--model", model, "--settle", "0.2", "--json"]
    process = start(*arguments)
    assert json.loads(process.stdout.readline())["input"] == "a.jpg"
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (0, b"")
    photo("src/b.jpg", 2)
    process = start(*arguments)
    assert json.loads(process.stdout.readline())["input"] == "b.jpg"
    process.send_signal(number)
    out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, b"")
    assert sorted(tree(Path("dst"))) == ["a.png", "b.png"]
