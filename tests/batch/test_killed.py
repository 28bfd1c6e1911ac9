"""Two thousand pictures, one in thirty-three broken; killed again and again, and gone on with."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import time
from collections import Counter
from pathlib import Path

import pytest

from support.batch import call, kill, start, tree, wait_for, write_pictures

pytestmark = pytest.mark.slow
COUNT = 2000


def results(output: str) -> dict[str, dict[str, object]]:
    lines = [json.loads(line) for line in output.splitlines()]
    assert len({line["input"] for line in lines}) == len(lines), "each is reported once"
    return {line["input"]: line for line in lines}


def noted(target: Path) -> int:
    """Return how many pictures are written down, though a batch has the file for itself."""
    return len(list(target.rglob("*.png")))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures") / "src"
    return folder, write_pictures(folder, COUNT)


@pytest.fixture(scope="module")
def undisturbed(pictures, model, tmp_path_factory):
    target = tmp_path_factory.mktemp("undisturbed") / "dst"
    code, out, _ = call("batch", pictures[0], target, "--model", model, "--json")
    return target, code, results(out)


def test_all_are_accounted_for(pictures, undisturbed):
    _, expected = pictures
    target, code, found = undisturbed
    assert code == 1
    assert {name: line["error"]["type"] if line["error"] else "" for name, line in found.items()} \
        == expected  # fmt: skip
    good = [name for name, error in expected.items() if not error]
    assert Counter(expected.values())[""] == len(good) == COUNT - COUNT // 33
    assert sorted(tree(target)) == sorted(name.replace(".jpg", ".png") for name in good)
    lines = (target / ".mattekit/report/results.jsonl").read_text().splitlines()
    assert len(lines) == COUNT


@pytest.mark.parametrize("workers", [0, 2], ids=["this process", "two processes"])
def test_killed_ten_times(pictures, undisturbed, model, tmp_path, workers):
    source, expected = pictures
    same = tree(undisturbed[0])
    chance = random.Random(workers)
    arguments = ["batch", source, tmp_path / "dst", "--model", model, "-q"]
    if workers:
        # A quarter of them, to spare time.
        arguments[3:3] = ["--workers", workers, "--include", "0[0-4]/*"]
        expected = {name: error for name, error in expected.items() if name < "05"}
        same = {name: digest for name, digest in same.items() if name < "05"}
    good = sum(not error for error in expected.values())
    for number in range(10):
        process = start(*arguments)
        # From the first moments of the program to half of the work: however fast the machine, a
        # batch does not do the other half while it is looked at.
        started = time.monotonic()
        patience = chance.uniform(0.1, 2) if number < 2 else 300
        wanted = good * (number + chance.uniform(0.2, 1)) / 20
        wait_for(
            lambda: time.monotonic() - started > patience or noted(tmp_path / "dst") >= wanted,  # noqa: B023
            400,
        )
        kill(process)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    assert noted(tmp_path / "dst") < good
    code, out, _ = call(*arguments[:-1], "--json")
    found = results(out)
    statuses = Counter(line["status"] for line in found.values())
    assert code == 1
    assert statuses["skipped"] > 0
    assert statuses["done"] > 0
    assert found.keys() == expected.keys()
    assert {name: line["error"]["type"] if line["error"] else "" for name, line in found.items()} \
        == expected  # fmt: skip
    # The same files, byte by byte, and nothing else: no half file, no temporary one.
    assert tree(tmp_path / "dst") == same
    with sqlite3.connect(tmp_path / "dst/.mattekit/manifest.sqlite") as base:
        rows = dict(base.execute("SELECT status, count(*) FROM work GROUP BY status"))
    base.close()
    assert rows == {"done": good, "failed": len(expected) - good}
    again = results(call(*arguments[:-1], "--json")[1])
    assert Counter(line["status"] for line in again.values()) == {
        "skipped": good,
        "failed": len(expected) - good,
    }
