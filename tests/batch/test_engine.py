"""What is made, what is skipped, what is made again: in this process, on a fake network."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import mattekit_batch
from mattekit.errors import InputNotFound, OptionError, OutputError
from support.batch import BROKEN, broken, picture, set_age, tree


def statuses(results):
    return {source: result.status for source, result in results.items()}


def test_the_tree_is_kept(run, photo):
    for path in ("a.jpg", "x/a.jpg", "x/y/a.png", "x/y/b.TIF"):
        photo(f"src/{path}")
    results = run()
    assert set(statuses(results).values()) == {"done"}
    assert sorted(tree(Path("dst"))) == ["a.png", "x/a.png", "x/y/a.png", "x/y/b.png"]
    assert results["x/y/b.TIF"].output == "x/y/b.png"
    with Image.open("dst/x/a.png") as image:
        alpha = np.asarray(image)[..., 3]
    assert alpha[12, 16] > 200
    assert alpha[0, 0] < 50


def test_pictures_of_one_name_in_one_folder_both_survive(run, photo):
    photo("src/a.jpg", 1)
    photo("src/a.png", 2)
    assert set(statuses(run()).values()) == {"done"}
    assert sorted(tree(Path("dst"))) == ["a.jpg.png", "a.png.png"]


def test_every_kind_of_broken_file_is_accounted_for(run, photo):
    photo("src/good.jpg")
    expected = {}
    for kind in range(BROKEN):
        suffix, data, error = broken(kind)
        Path(f"src/{kind}.{suffix}").write_bytes(data)
        expected[f"{kind}.{suffix}"] = error
    Path("src/link.jpg").symlink_to("nowhere.jpg")
    results = run()
    assert results.pop("good.jpg").status == "done"
    assert results.pop("link.jpg").failure.type == "InputNotFound"
    assert {source: result.failure.type for source, result in results.items()} == expected
    assert all(result.failure.message.startswith("src/") for result in results.values())
    assert list(tree(Path("dst"))) == ["good.png"]


def test_what_is_done_is_skipped_without_reading_it(run, photo, network):
    photo("src/a.jpg")
    run()
    calls = network.calls
    Path("src/a.jpg").chmod(0)
    result = run()["a.jpg"]
    assert (result.status, result.reason, result.output) == ("skipped", "it is done", "a.png")
    assert result.facts["width"] == 32
    assert network.calls == calls


def test_a_changed_input_is_made_again(run, photo, network):
    photo("src/a.jpg", 1)
    run()
    before = tree(Path("dst"))
    photo("src/a.jpg", 2, age=50)
    assert run()["a.jpg"].status == "done"
    assert tree(Path("dst")) != before
    assert network.calls == 2


def test_an_input_that_was_only_touched_is_read_but_not_made_again(run, photo, network):
    path = photo("src/a.jpg")
    run()
    set_age(path, -10)
    result = run()["a.jpg"]
    assert (result.status, network.calls) == ("skipped", 1)
    assert "has not changed" in result.reason
    assert run()["a.jpg"].reason == "it is done"


def test_a_change_within_one_tick_of_the_clock_is_seen(run, photo, network):
    """Same size, same time: only the content tells."""
    path = photo("src/a.png", 1, age=0)
    data, other = path.read_bytes(), picture(2, "PNG")
    length = max(len(data), len(other))
    path.write_bytes(data.ljust(length, b"\0"))
    moment = path.stat().st_mtime_ns
    run()
    path.write_bytes(other.ljust(length, b"\0"))
    os.utime(path, ns=(moment, moment))
    assert run()["a.png"].status == "done"
    assert network.calls == 2


def test_checksum_reads_everything(run, photo, network):
    path = photo("src/a.jpg", 1)
    run()
    facts = path.stat()
    path.write_bytes(picture(2).ljust(facts.st_size, b"\0")[: facts.st_size])
    os.utime(path, ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    if path.stat().st_size == facts.st_size:
        assert run()["a.jpg"].status == "skipped"
    assert run(checksum=True)["a.jpg"].status in {"done", "failed"}


def test_changed_options_make_everything_again(run, photo, network):
    photo("src/a.jpg")
    run()
    assert run(options={"crop": True})["a.jpg"].status == "done"
    assert run(options={"crop": True})["a.jpg"].status == "skipped"
    assert run(options={"crop": True, "crop_margin": "0px"})["a.jpg"].status == "skipped"
    assert run(options={"device": "cpu"})["a.jpg"].status == "done"
    assert run()["a.jpg"].status == "skipped"
    assert network.calls == 3


def test_two_formats_live_side_by_side(run, photo, network):
    photo("src/a.jpg")
    run(options={"format": "png"})
    run(options={"format": "webp"})
    assert sorted(tree(Path("dst"))) == ["a.png", "a.webp"]
    assert run(options={"format": "png"})["a.jpg"].status == "skipped"
    assert network.calls == 2


def test_another_model_makes_everything_again(run, photo, model):
    photo("src/a.jpg")
    run()
    assert run(options={"model": model})["a.jpg"].status == "done"
    assert run(options={"model": model})["a.jpg"].status == "skipped"


def test_a_background_picture_counts_by_its_content(run, photo, network):
    photo("src/a.jpg")
    background = photo("bg.png", 5)
    options = {"bg_image": str(background)}
    assert run(options=options)["a.jpg"].output == "a.jpg"
    assert run(options=options)["a.jpg"].status == "skipped"
    photo("bg.png", 6)
    assert run(options=options)["a.jpg"].status == "done"


def test_a_result_that_is_gone_or_cut_short_is_made_again(run, photo, network):
    photo("src/a.jpg", 1)
    photo("src/b.jpg", 2)
    run()
    before = tree(Path("dst"))
    Path("dst/a.png").unlink()
    facts = Path("dst/b.png").stat()
    Path("dst/b.png").write_bytes(b"\x89PNG")
    os.utime("dst/b.png", ns=(facts.st_mtime_ns, facts.st_mtime_ns))
    assert statuses(run()) == {"a.jpg": "done", "b.jpg": "done"}
    assert tree(Path("dst")) == before


def test_a_result_that_its_user_has_edited_stays(run, photo, network):
    photo("src/a.jpg")
    run()
    Path("dst/a.png").write_bytes(b"retouched")
    assert run()["a.jpg"].status == "skipped"
    assert Path("dst/a.png").read_bytes() == b"retouched"


def test_files_of_others_in_the_target_stay(run, photo, network):
    photo("src/a.jpg")
    Path("dst").mkdir()
    Path("dst/a.png").write_bytes(b"precious")
    result = run()["a.jpg"]
    assert result.status == "skipped"
    assert "--reprocess-existing" in result.reason
    assert Path("dst/a.png").read_bytes() == b"precious"
    assert run(reprocess=True)["a.jpg"].status == "done"
    assert Path("dst/a.png").read_bytes() != b"precious"


def test_failures_are_tried_again_when_that_may_help(run, photo, network):
    Path("src").mkdir()
    bad = Path("src/a.jpg")
    bad.write_bytes(picture(1)[:300])
    set_age(bad)
    assert run()["a.jpg"].reason == ""
    again = run()["a.jpg"]
    assert (again.status, again.reason) == ("failed", "it failed before")
    assert again.failure.type == "UnreadableImage"
    assert run(retry_failed=True)["a.jpg"].reason == ""
    bad.write_bytes(picture(1))
    set_age(bad, 50)
    assert run()["a.jpg"].status == "done"


def test_failures_that_lie_elsewhere_are_always_tried_again(run, photo):
    photo("src/a.jpg")
    Path("dst").mkdir()
    Path("dst/a.png").mkdir()
    assert run()["a.jpg"].failure.type == "OutputError"
    Path("dst/a.png").rmdir()
    assert run()["a.jpg"].status == "done"


def test_a_result_of_older_content_is_no_result_of_a_picture_that_failed(run, photo):
    path = photo("src/a.jpg", 1)
    run()
    path.write_bytes(broken(1)[1])
    set_age(path, 50)
    assert run()["a.jpg"].status == "failed"
    assert run(retry_failed=True)["a.jpg"].status == "failed"


def test_nothing_can_be_written(run, photo, monkeypatch):
    for number in range(40):
        photo(f"src/{number}.jpg")
    monkeypatch.setattr(
        "mattekit_batch.storage.write_atomically",
        lambda path, data: (_ for _ in ()).throw(OutputError(str(path), "the disk is full.")),
    )
    with pytest.raises(OutputError, match=r"the work is stopped.*the disk is full"):
        run()


def test_inputs_stay_as_they_are(run, photo):
    for name in ("a.jpg", "b.png", "x/c.jpg"):
        photo(f"src/{name}")
    before = tree(Path("src"))
    for _ in range(2):
        run(reprocess=True)
    assert tree(Path("src")) == before


def test_a_link_in_the_target_that_leads_to_an_input(run, photo):
    photo("src/a.png")
    before = tree(Path("src"))
    Path("dst").mkdir()
    Path("dst/a.png").symlink_to(Path("src/a.png").resolve())
    assert run()["a.png"].status == "skipped"
    assert "link to an input" in run(reprocess=True)["a.png"].failure.message
    assert tree(Path("src")) == before


@pytest.mark.parametrize("target", ["src", ".", "src/../src", "link"])
def test_a_target_among_the_inputs_is_refused(run, photo, target):
    photo("src/a.jpg")
    Path("link").symlink_to("src")
    with pytest.raises(OptionError, match="among the inputs"):
        run(target=target)


def test_a_target_in_the_source_is_no_input(run, photo, network):
    photo("src/a.jpg")
    for _ in range(2):
        assert list(run(target="src/out")) == ["a.jpg"]
    assert network.calls == 1


def test_patterns(run, photo):
    for name in ("a.jpg", "b.png", "x/a.jpg", "x/raw/a.jpg", "y/c.jpg", ".hidden/a.jpg", ".b.jpg"):
        photo(f"src/{name}")
    Path("src/notes.txt").write_text("no picture")

    def found(**patterns):
        return sorted(run(target=f"dst{len(list(Path().iterdir()))}", **patterns))

    assert found() == ["a.jpg", "b.png", "x/a.jpg", "x/raw/a.jpg", "y/c.jpg"]
    assert found(include=["*.PNG"]) == ["b.png"]
    assert found(include=["x/**"]) == ["x/a.jpg", "x/raw/a.jpg"]
    assert found(include=["**/raw/*.jpg"]) == ["x/raw/a.jpg"]
    assert found(exclude=["x"]) == ["a.jpg", "b.png", "y/c.jpg"]
    assert found(exclude=["x/*.jpg", "[a-b].*"], include=["*.jpg"]) == ["y/c.jpg"]
    assert found(include=["*.txt"]) == ["notes.txt"]
    assert found(include=[".b.jpg"]) == [".b.jpg"]


def test_names_that_are_no_text(run, photo):
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        photo(f"src/{name}")
    except OSError:
        pytest.skip("the file system refuses such names")
    for status in ("done", "skipped"):
        assert run()[name].status == status
    assert Path("dst", os.fsdecode(b"caf\xe9.png")).exists()


def test_an_iterator_that_is_left_stops_the_work(runtime, photo, network):
    for number in range(40):
        photo(f"src/{number:02}.jpg")
    results = mattekit_batch.run("src", "dst", runtime=runtime)
    next(results)
    results.close()
    made = len(tree(Path("dst")))
    assert made < 40
    assert not [name for name in tree(Path("dst")) if name.endswith(".tmp")]
    rest = list(mattekit_batch.run("src", "dst", runtime=runtime))
    assert len(rest) == 40
    assert len(tree(Path("dst"))) == 40


def test_temporary_files_of_a_killed_run_are_removed_and_others_stay(run, photo):
    photo("src/a.jpg")
    Path("dst").mkdir()
    left, other = Path("dst/.a.png.0123456789ab.tmp"), Path("dst/.mine.0123456789ab.tmp")
    left.write_bytes(b"half")
    other.write_bytes(b"mine")
    run()
    assert not left.exists()
    assert other.exists()


def test_two_batches_on_one_target(runtime, photo):
    photo("src/a.jpg")
    with (
        mattekit_batch.Batch("src", "dst", runtime=runtime),
        pytest.raises(OutputError, match="another batch is at work"),
    ):
        mattekit_batch.Batch("src", "dst", runtime=runtime)
    list(mattekit_batch.run("src", "dst", runtime=runtime))


def test_a_file_that_is_no_manifest(runtime, photo):
    photo("src/a.jpg")
    Path("state").mkdir()
    Path("state/manifest.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(OutputError, match="no manifest of this version"):
        mattekit_batch.Batch("src", "dst", runtime=runtime, state="state")


@pytest.mark.parametrize(
    ("source", "problem"), [("none", "no such folder"), ("a.jpg", "no folder")]
)
def test_sources_that_are_none(run, photo, source, problem):
    photo("a.jpg")
    with pytest.raises(InputNotFound, match=problem):
        run(source=source)


def test_a_wrong_option_starts_nothing(run, photo):
    photo("src/a.jpg")
    with pytest.raises(OptionError):
        run(options={"crop": "maybe"})
    with pytest.raises(OptionError):
        run(workers=0)
    assert not Path("dst").exists()


def test_one_network_for_all_and_one_picture_at_a_time(run, photo, network, runtime):
    for number in range(20):
        photo(f"src/{number}.jpg")
    assert len(run()) == 20
    assert network.calls == 20


def test_pictures_in_memory_are_bounded(run, photo, monkeypatch):
    """However fast they are read, no more are decoded than there is room for."""
    import threading

    from mattekit_batch import worker

    lock, now, most = threading.Lock(), [0], [0]
    for number in range(30):
        photo(f"src/{number:02}.jpg")
    share = worker.PixelBudget.share

    def counted(budget, count):
        import contextlib

        @contextlib.contextmanager
        def held():
            with share(budget, count):
                with lock:
                    now[0] += count
                    most[0] = max(most[0], now[0])
                try:
                    yield
                finally:
                    with lock:
                        now[0] -= count

        return held()

    monkeypatch.setattr(worker, "PIXELS", 3 * 32 * 24)
    monkeypatch.setattr(worker.PixelBudget, "share", counted)
    assert set(statuses(run()).values()) == {"done"}
    assert now == [0]
    assert 0 < most[0] <= 3 * 32 * 24


def test_a_defect_is_a_result_too(run, photo, monkeypatch):
    from mattekit import matting

    photo("src/a.jpg")
    photo("src/b.jpg")
    segment = matting.segment

    def sometimes(photo, session, *, roi=None):
        if photo.source.endswith("a.jpg"):
            raise KeyError("a bug")
        return segment(photo, session, roi=roi)

    monkeypatch.setattr(matting, "segment", sometimes)
    results = run()
    assert results["a.jpg"].failure.type == "UnexpectedError"
    assert results["b.jpg"].status == "done"
