"""Several processes: the same results, and what becomes of the work of one that dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from support.batch import call, kill, picture, start, tree, wait_for, write_pictures

pytestmark = pytest.mark.slow

#: Loaded by each process of a batch as a plug-in: it is slow, notes who works, and some pictures
#: are deadly.
PLUGIN = """
import os, time
import mattekit, mattekit.matting
if os.environ.get("BATCH_CHILDREN"):
    segment = mattekit.matting.segment
    def slowly(photo, session, *, roi=None):
        with open(os.environ["BATCH_CHILDREN"], "a") as file:
            file.write(f"{os.getpid()} {id(session)}\\n")
        time.sleep(0.01)
        if "deadly" in photo.source:
            os._exit(7)
        return segment(photo, session, roi=roi)
    mattekit.matting.segment = slowly
"""


@pytest.fixture
def environment(tmp_path):
    """Variables with which every process loads the module above."""
    folder = tmp_path / "plugin"
    folder.mkdir()
    (folder / "meddling.py").write_text(PLUGIN)
    info = folder / "meddling-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: meddling\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[mattekit]\nmeddling = meddling\n")
    paths = os.pathsep.join([str(folder), *sys.path])
    return os.environ | {"PYTHONPATH": paths, "BATCH_CHILDREN": str(tmp_path / "children")}


def children(tmp_path):
    return [line.split() for line in (tmp_path / "children").read_text().splitlines()]


def arguments(model, workers=2):
    more = ["--workers", workers] if workers else []
    return ["batch", "src", "dst", "--model", model, "--json", *more]


def statuses(out):
    lines = [json.loads(line) for line in out.splitlines()]
    assert max(Counter(line["input"] for line in lines).values()) == 1
    return {line["input"]: line["error"]["type"] if line["error"] else "" for line in lines}


def test_two_processes_make_what_one_makes(model, environment, tmp_path):
    expected = write_pictures(Path("src"), 120)
    code, out, err = call(*arguments(model), env=environment)
    assert (code, statuses(out)) == (1, expected), err
    call("batch", "src", "alone", "--model", model, "-q")
    assert tree(Path("dst")) == tree(Path("alone"))
    work = children(tmp_path)
    assert len({process for process, _ in work}) == 2
    # One network for each process, loaded once.
    assert len({tuple(each) for each in work}) == 2


def test_a_process_is_killed_and_nothing_is_lost(model, environment, tmp_path):
    expected = write_pictures(Path("src"), 300)
    process = start(*arguments(model), env=environment)
    for number in range(3):
        wait_for(lambda: len(tree(Path("dst"))) > 60 * (number + 1))  # noqa: B023
        os.kill(int(children(tmp_path)[-1][0]), signal.SIGKILL)
    # What the kill leaves only now and then, and what is somebody else's.
    left, other = (Path("dst/00", f".{name}.0123456789ab.tmp") for name in ("00000.png", "mine"))
    for path in (left, other):
        path.write_bytes(b"half")
    out, err = process.communicate(timeout=120)
    assert [path for path in tree(Path("dst")) if path.endswith(".tmp")] == [f"00/{other.name}"]
    assert statuses(out) == expected
    assert err.count(b"was ended by signal 9; its pictures are tried again") == 3
    assert len({process for process, _ in children(tmp_path)}) == 5


def test_pictures_that_kill_are_found(model, environment):
    expected = write_pictures(Path("src"), 40, every=100)
    for place in ("00/00007b-deadly.jpg", "00/00020b-deadly.jpg"):
        Path("src", place).write_bytes(picture(1))
        expected[place] = "UnexpectedError"
    code, out, err = call(*arguments(model), env=environment)
    assert (code, statuses(out)) == (1, expected), err
    assert "ended with code 7" in out
    assert len(tree(Path("dst"))) == 40
    # It is no property of the picture, so that it is tried again.
    assert statuses(call(*arguments(model), env=environment)[1]) == expected


def test_processes_end_with_their_parent(model, environment, tmp_path):
    write_pictures(Path("src"), 300)
    process = start(*arguments(model), env=environment)
    wait_for(lambda: len(tree(Path("dst"))) > 20)
    kill(process)
    process.communicate()
    pids = {int(pid) for pid, _ in children(tmp_path)}
    assert len(pids) == 2

    def gone(pid):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        return state == "Z"

    if not Path("/proc/self/stat").exists():
        pytest.skip("who is alive is read from /proc")
    wait_for(lambda: all(gone(pid) for pid in pids), 10)


@pytest.mark.parametrize("workers", [0, 2], ids=["this process", "two processes"])
def test_ctrl_c_leaves_whole_files_and_the_next_call_goes_on(model, environment, workers):
    expected = write_pictures(Path("src"), 300)
    process = start(*arguments(model, workers), env=environment)
    wait_for(lambda: len(tree(Path("dst"))) > 20)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"interrupted: " in err
    assert b"Traceback" not in err
    assert not [name for name in tree(Path("dst")) if not name.endswith(".png")]
    code, out, _ = call(*arguments(model, workers), env=environment)
    assert (code, statuses(out)) == (1, expected)
    assert '"skipped"' in out


def test_a_device_that_does_not_work_is_said_once(model):
    write_pictures(Path("src"), 4)
    code, out, err = call(*arguments(model), "--device", "cuda")
    assert (code, out) == (1, "")
    assert "device='cuda' was asked for" in err
    assert err.count("\n") == 1


def test_a_script_without_a_main_guard_gets_an_answer(model):
    """Children import the main module: without the guard they would begin batches of their own."""
    write_pictures(Path("src"), 4)
    Path("script.py").write_text(
        "import mattekit_batch\n"
        f"print(len(list(mattekit_batch.run('src', 'dst', {{'model': {model!r}}}, workers=2))))\n"
    )
    done = subprocess.run(
        [sys.executable, "script.py"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode != 0
    assert 'if __name__ == "__main__":' in done.stderr.splitlines()[-1]
