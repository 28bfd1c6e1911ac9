"""The manifest: rows, paging, and what a kill leaves."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mattekit.errors import OutputError
from mattekit_batch import manifest as module
from mattekit_batch.manifest import Manifest, PendingPicture
from mattekit_batch.results import Failure, Outcome
from support.batch import kill


def wish(number, folder="f", options_key="r"):
    return PendingPicture(folder, f"{number:05}.jpg", "auto", f"{number:05}", 10, "1", options_key)


def done(number, **values):
    return Outcome(number, "done", "digest", f"f/{number}.png", 7, "2", {"width": 1}, **values)


@pytest.fixture
def manifest(tmp_path):
    manifest = Manifest(tmp_path / "m.sqlite")
    yield manifest
    manifest.close()


def test_jobs_come_in_pages_while_rows_change(manifest, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 7)
    manifest.want([wish(number) for number in range(30)])
    seen = []
    for job in manifest.jobs():
        seen.append(job.source)
        manifest.note(done(job.number))
    assert seen == [f"f/{number:05}.jpg" for number in range(30)]
    assert manifest.pending() == 0
    assert [row.name for row, _ in manifest.rows("done")] == [name[2:] for name in seen]
    assert manifest.counts() == {"done": 30}


def test_what_is_not_wanted_any_more_is_left_alone(manifest):
    manifest.want([wish(1), wish(2)])
    manifest.run += 1
    manifest.want([wish(2)])
    assert [job.source for job in manifest.jobs()] == ["f/00002.jpg"]


def test_a_digest_travels_only_with_a_result_of_the_same_options(manifest):
    manifest.want([wish(1)])
    number = next(manifest.jobs()).number
    manifest.note(done(number))
    manifest.want([wish(1)])
    assert next(manifest.jobs()).known == "digest"
    manifest.want([wish(1, options_key="other")])
    assert next(manifest.jobs()).known == ""
    manifest.want([wish(1)])
    manifest.note(Outcome(number, "failed", "digest", failure=Failure("E", "", "m", 1)))
    manifest.want([wish(1)])
    assert next(manifest.jobs()).known == ""


def test_rows_come_back_as_they_went_in(manifest):
    manifest.want([PendingPicture("", "caf\udce9.jpg", "png", "caf\udce9", 10, "1", "r")])
    row = manifest.note(done(next(manifest.jobs()).number, stages={"read": 0.5}, thumbnail=b"w"))
    assert (row.source, row.stem, row.facts, row.stages) == (
        "caf\udce9.jpg", "caf\udce9", {"width": 1}, {"read": 0.5}
    )  # fmt: skip
    assert list(manifest.rows()) == [(row, b"w")]
    failure = Failure("UnreadableImage", "code", "why", 1)
    assert manifest.note(Outcome(row.number, "failed", failure=failure)).failure == failure


@pytest.mark.slow
def test_a_kill_leaves_whole_rows_and_no_lock(tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\n"
        "from mattekit_batch.manifest import Manifest, PendingPicture\n"
        "from mattekit_batch.results import Outcome\n"
        "manifest = Manifest(Path(sys.argv[1]))\n"
        "todo = [PendingPicture('f', str(n), 'png', str(n), 1, '1', 'r') for n in range(20000)]\n"
        "manifest.want(todo)\n"
        "for job in manifest.jobs():\n"
        "    manifest.note(Outcome(job.number, 'done', 'd', str(job.number)))\n"
        "    print(job.number, flush=True)\n"
    )
    path = tmp_path / "m.sqlite"
    process = subprocess.Popen([sys.executable, "-c", code, path], stdout=subprocess.PIPE)
    for _ in range(500):
        last = int(process.stdout.readline())
    with pytest.raises(OutputError, match="another batch"):
        Manifest(path)
    kill(process)
    rest = process.stdout.read().split()
    process.stdout.close()
    last = int(rest[-1]) if rest else last
    manifest = Manifest(path)
    counts = manifest.counts()
    assert counts["done"] in {last, last + 1}
    assert sum(counts.values()) == 20000
    manifest.close()


def test_a_disk_that_is_full_is_told_in_words(tmp_path):
    manifest = Manifest(tmp_path / "m.sqlite")
    pages = manifest._base.execute("PRAGMA page_count").fetchone()[0]
    manifest._base.execute(f"PRAGMA max_page_count = {pages + 1}")
    todo = [PendingPicture("f", f"{n:0500}", "png", "s", 1, "1", "r") for n in range(100)]
    with pytest.raises(OutputError, match=r"m\.sqlite.*(full|written)"):
        manifest.want(todo)
    manifest.close()


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="is no folder"):
        Manifest(tmp_path / "file" / "m.sqlite")


def test_a_manifest_of_the_layout_before_is_brought_to_this_one(tmp_path):
    path = tmp_path / "manifest.sqlite"
    manifest = Manifest(path)
    manifest.want([wish(1, "")])
    before = manifest.folder("")
    manifest.close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("ALTER TABLE work DROP COLUMN edited")
        base.execute("PRAGMA user_version = 2")
    looked_at = Manifest(None)
    looked_at.copy_of(path)
    assert looked_at.folder("") == before
    looked_at.close()
    again = Manifest(path)
    assert again.folder("") == before
    again.close()


def test_a_manifest_of_the_first_layout_goes_on(tmp_path):
    path = tmp_path / "m.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.executescript((Path(__file__).parent / "layouts" / "1.sql").read_text("utf-8"))
    with contextlib.closing(Manifest(path)) as manifest:
        rows = [row for row, _ in manifest.rows("done")]
        assert [row.source for row in rows] == ["a.png", "b.png", "deep/c.png"]
        assert [row.output for row in rows] == ["a.png", "b.png", "deep/c.png"]
        assert all(row.made and row.made == row.options_key for row in rows)
        assert manifest.run == 3
        manifest.want([wish(1, "", rows[0].options_key)])
        assert manifest.counts() == {"done": 3, "pending": 1}
    with contextlib.closing(sqlite3.connect(path)) as base:
        assert base.execute("PRAGMA user_version").fetchone()[0] == module._LAYOUT


@pytest.mark.parametrize("layout", [4, 1000, -1])
def test_a_manifest_of_a_layout_to_come_is_left_alone(tmp_path, layout):
    path = tmp_path / "m.sqlite"
    Manifest(path).close()
    with contextlib.closing(sqlite3.connect(path)) as base:
        base.execute(f"PRAGMA user_version = {layout}")
    with pytest.raises(OutputError, match=f"layout {layout}, expected 3"):
        Manifest(path)
