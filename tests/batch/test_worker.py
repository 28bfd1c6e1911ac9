"""One process's work: one network, few pictures at a time, whatever goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit.errors import OutputError
from support.batch import statuses, tree


def test_nothing_can_be_written(run, photo, monkeypatch):
    for number in range(40):
        photo(f"src/{number}.jpg")
    monkeypatch.setattr(
        "mattekit_batch.storage.write_atomically",
        lambda path, data: (_ for _ in ()).throw(OutputError(str(path), "the disk is full.")),
    )
    with pytest.raises(OutputError, match=r"the work is stopped.*the disk is full"):
        run()


def test_a_link_in_the_target_that_leads_to_an_input(run, photo):
    photo("src/a.png")
    before = tree(Path("src"))
    Path("dst").mkdir()
    Path("dst/a.png").symlink_to(Path("src/a.png").resolve())
    assert run()["a.png"].status == "skipped"
    assert "link to an input" in run(reprocess=True)["a.png"].failure.message
    assert tree(Path("src")) == before


def test_one_network_for_all_and_one_picture_at_a_time(run, photo, network, runtime):
    for number in range(20):
        photo(f"src/{number}.jpg")
    assert len(run()) == 20
    assert network.calls == 20


@pytest.mark.slow
def test_pictures_in_memory_are_bounded(run, photo, monkeypatch):
    """However fast they are read, no more are decoded than there is room for."""
    import threading

    from mattekit_batch import worker

    lock, now, most = threading.Lock(), [0], [0]
    for number in range(30):
        photo(f"src/{number:02}.jpg")
    share = worker.PixelSemaphore.share

    def counted(semaphore, count):
        import contextlib

        @contextlib.contextmanager
        def held():
            with share(semaphore, count):
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
    monkeypatch.setattr(worker.PixelSemaphore, "share", counted)
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
