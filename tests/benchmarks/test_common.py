"""The parts that benchmarks share."""

from __future__ import annotations

import argparse
import json
import mmap
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from support.helpers import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))
import common
import pictures

sys.path.pop(0)


def test_summary_has_median_and_quartiles() -> None:
    assert common.summarize([4, 1, 2, 3, 100]) == common.Summary(3, 2, 4, 5)
    assert common.summarize([7.0]).text(1) == "7.0"
    assert common.summarize([1, 2, 3]).text(1, " s") == "2.0 s (1.5–2.5)"


def test_ratios_are_of_the_same_round() -> None:
    # A busy moment in the middle falls on both and leaves no trace.
    assert common.ratio([1, 50, 1], [2, 100, 2]).median == 0.5
    with pytest.raises(ValueError, match="shorter"):
        common.ratio([1, 2], [1])


def test_contenders_take_turns_and_warm_up_is_not_counted() -> None:
    order: list[str] = []

    def contender(name: str):
        def run() -> float:
            order.append(name)
            return float(len(order))

        return run

    times = common.interleave({name: contender(name) for name in "abc"}, 3, warm_up=1)
    assert "".join(order[3:]) == "abcbcacab"
    assert [len(values) for values in times.values()] == [3, 3, 3]
    assert min(min(values) for values in times.values()) > 3


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="other systems sample the peak")
def test_the_peak_counts_memory_that_is_gone_again() -> None:
    def spike() -> int:
        # Not the allocator's: what it has kept from other tests would hide it.
        with mmap.mmap(-1, 60_000_000) as memory:
            for page in range(0, len(memory), mmap.PAGESIZE):
                memory[page] = 1
            return len(memory)

    value, added, peak = common.measure_peak(spike)
    assert value == 60_000_000
    assert 50e6 < added < 100e6
    assert peak > added


WORKER = """
import sys
sys.path.insert(0, {folder!r})
from common import serve
def add(a, b):
    print("chatter that must not reach the protocol")
    return a + b
serve({{"add": add}})
"""


@pytest.fixture
def worker_script(tmp_path: Path) -> Path:
    path = tmp_path / "worker.py"
    path.write_text(WORKER.format(folder=str(ROOT / "benchmarks")), encoding="utf-8")
    return path


def test_a_worker_answers_with_value_and_time(worker_script: Path) -> None:
    with common.Worker(str(worker_script)) as worker:
        answer = worker.call("add", a=2, b=3)
        assert (answer.value, answer.peak) == (5, 0)
        assert 0 < answer.seconds < 10
        assert worker.call("add", memory=True, a=2, b=3).peak > 1e6
        with pytest.raises(common.WorkerError, match="unexpected keyword argument 'c'"):
            worker.call("add", c=1)
        assert worker.call("add", a=1, b=1).value == 2


def test_a_dead_worker_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "dead.py"
    path.write_text("raise SystemExit(3)", encoding="utf-8")
    worker = common.Worker(str(path))
    with pytest.raises(common.WorkerError, match="exit code 3"):
        worker.call("add")
    worker.close()


def test_only_the_named_block_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text("a\n<!-- begin: x -->\nold\n<!-- end: x -->\nb\n<!-- begin: y -->\n", "utf-8")
    common.replace_block(path, "x", "new")
    assert path.read_text("utf-8") == (
        "a\n<!-- begin: x -->\nnew\n<!-- end: x -->\nb\n<!-- begin: y -->\n"
    )
    for missing in ("y", "z"):
        with pytest.raises(SystemExit, match=f"no block <!-- begin: {missing}"):
            common.replace_block(path, missing, "new")


def test_publishing_writes_json_with_the_machine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = argparse.Namespace(json=str(tmp_path / "x.json"), readme=False)
    common.publish("x", "text", {"s": common.summarize([1])}, arguments)
    written = json.loads((tmp_path / "x.json").read_text("utf-8"))
    assert written["results"]["s"]["median"] == 1
    assert written["machine"]["python"] in capsys.readouterr().out


def test_the_readme_has_one_block_for_each_table() -> None:
    readme = (ROOT / "benchmarks" / "README.md").read_text("utf-8")
    scripts = [path.read_text("utf-8") for path in (ROOT / "benchmarks").glob("*.py")]
    names = [name for text in scripts for name in re.findall(r"publish\(\s*\"(\w+)\"", text)]
    assert {"import_time", "end_to_end"} <= set(names)
    for name in names:
        assert readme.count(f"<!-- begin: {name} -->") == 1, name
        assert readme.count(f"<!-- end: {name} -->") == 1, name


def test_large_pictures_are_the_same_every_time(tmp_path: Path) -> None:
    small = tmp_path / "small.png"
    ramp = np.arange(40 * 60 * 3, dtype=np.uint32).reshape(40, 60, 3) // 40
    Image.fromarray(ramp.astype(np.uint8)).save(small)
    first, second = (pictures.large_photograph(small, 0.3) for _ in range(2))
    assert first.size == (671, 447)
    assert first.tobytes() == second.tobytes()
    # Grain: neighbours differ where the enlarged picture alone would be smooth.
    assert np.diff(np.asarray(first, float), axis=1).std() > pictures.GRAIN
    made = pictures.large_jpeg(small, 0.1, tmp_path)
    assert made == pictures.large_jpeg(small, 0.1, tmp_path)
    with Image.open(made) as opened:
        assert opened.format == "JPEG"
