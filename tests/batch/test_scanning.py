"""What is made, what is skipped, what is made again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from mattekit import codecs
from mattekit.errors import OptionError
from mattekit_batch.scanning import Filter
from support.batch import picture, set_age, statuses, tree


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


def test_a_result_that_its_user_has_edited_stays(run, photo, monkeypatch):
    photo("src/a.jpg")
    run()
    with Image.open("dst/a.png") as image:
        image.rotate(180).save("dst/a.png", compress_level=0)
    edited = Path("dst/a.png").read_bytes()
    decode, read = codecs.decode, []
    monkeypatch.setattr(codecs, "decode", lambda *a, **k: read.append(a) or decode(*a, **k))
    assert run()["a.jpg"].status == "skipped"
    assert run()["a.jpg"].status == "skipped"
    assert len(read) == 1, "it is known by then"
    assert Path("dst/a.png").read_bytes() == edited


@pytest.mark.parametrize("left", [0, 4, 60])
def test_a_result_that_was_cut_short_later_is_made_again(run, photo, left):
    photo("src/a.jpg")
    run()
    whole = Path("dst/a.png").read_bytes()
    Path("dst/a.png").write_bytes(whole[: len(whole) * left // 100])
    assert run()["a.jpg"].status == "done"
    assert Path("dst/a.png").read_bytes() == whole


def test_a_result_of_another_suffix_takes_the_place_of_the_former(run, photo):
    photo("src/x/a.jpg", 1)
    photo("src/x/b.jpg", 2)
    run()
    with Image.open("dst/x/b.png") as image:
        image.rotate(180).save("dst/x/b.png")
    run()
    run(options={"bg_color": "white"})
    names = sorted(path.name for path in Path("dst/x").iterdir())
    assert names == ["a.jpg", "b.jpg", "b.png"], "what somebody has edited stays"
    run()
    assert sorted(path.name for path in Path("dst/x").iterdir()) == ["a.png", "b.png"]


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


@pytest.mark.parametrize("option", ["include", "exclude"])
def test_a_pattern_that_is_none(option: str) -> None:
    with pytest.raises(OptionError, match=option):
        Filter(**{option: ["[z-a].jpg"]})


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("[[a].jpg", "[.jpg"),
        ("[&&a].jpg", "&.jpg"),
        ("[~|||].jpg", "|.jpg"),
        ("[--a].jpg", "-.jpg"),
    ],
)
def test_what_means_nothing_between_brackets(pattern: str, name: str) -> None:
    assert Filter([pattern]).takes(name)
    assert not Filter([pattern]).takes("b.jpg")


def test_names_that_are_no_text(run, photo):
    name = os.fsdecode(b"caf\xe9.jpg")
    try:
        photo(f"src/{name}")
    except OSError:
        pytest.skip("the file system refuses such names")
    for status in ("done", "skipped"):
        assert run()[name].status == status
    assert Path("dst", os.fsdecode(b"caf\xe9.png")).exists()


def test_temporary_files_of_a_killed_run_are_removed_and_others_stay(run, photo):
    photo("src/a.jpg")
    Path("dst").mkdir()
    left, other = Path("dst/.a.png.0123456789ab.tmp"), Path("dst/.mine.0123456789ab.tmp")
    left.write_bytes(b"half")
    other.write_bytes(b"mine")
    run()
    assert not left.exists()
    assert other.exists()
