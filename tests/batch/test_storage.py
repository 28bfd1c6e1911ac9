"""Places that are no folders: memory, archives, and stores without atomic writes."""

from __future__ import annotations

import zipfile

import fsspec
import pytest

from mattekit.errors import InputNotFound, OptionError, OutputError, PluginError
from mattekit_batch.storage import Folder, open_storage
from support.batch import broken, picture


@pytest.fixture
def memory():
    system = fsspec.filesystem("memory")
    system.store.clear()
    system.pseudo_dirs[:] = [""]
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def test_from_memory_to_memory(run, memory, network):
    memory.pipe({f"/in/{name}": picture(n) for n, name in enumerate(("a.jpg", "x/a.jpg"))})
    memory.pipe("/in/x/bad.jpg", broken(1)[1])
    memory.pipe("/in/mattekit.toml", b'format = "webp"')
    results = run("memory://in", "memory://out")
    assert {source: result.output for source, result in results.items()} == {
        "a.jpg": "a.webp",
        "x/a.jpg": "x/a.webp",
        "x/bad.jpg": "",
    }
    assert results["x/bad.jpg"].failure.message.startswith("memory://in/x/bad.jpg: ")
    assert sorted(memory.find("/out")) == ["/out/a.webp", "/out/x/a.webp"]
    assert {result.status for result in run("memory://in", "memory://out").values()} == {
        "skipped",
        "failed",
    }
    assert network.calls == 2
    memory.pipe("/in/a.jpg", picture(7))
    memory.rm("/out/x/a.webp")
    again = run("memory://in", "memory://out")
    assert [again[name].status for name in ("a.jpg", "x/a.jpg")] == ["done", "done"]


def test_out_of_an_archive(run, tmp_path):
    with zipfile.ZipFile("photos.zip", "w") as archive:
        for name in ("a.jpg", "deep/er/a.jpg"):
            archive.writestr(name, picture(1))
        archive.writestr("readme.txt", "no picture")
    results = run("zip://::photos.zip")
    assert sorted(result.output for result in results.values()) == ["a.png", "deep/er/a.png"]
    assert {result.status for result in run("zip://::photos.zip").values()} == {"skipped"}
    assert list(run("zip://deep::photos.zip", "other")) == ["er/a.jpg"]
    with pytest.raises(OptionError, match="can be written"):
        run("src", "zip://::photos.zip")


def test_a_store_in_which_files_grow_is_written_to_by_renaming(memory, monkeypatch):
    place = open_storage("memory://out")
    place.protocols = frozenset({"sftp"})
    written = []
    pipe = memory.pipe_file
    monkeypatch.setattr(
        memory, "pipe_file", lambda path, data, **k: (written.append(path), pipe(path, data))[1]
    )
    place.write("x/a.png", b"data")
    assert written[0].endswith(".tmp")
    assert memory.find("/out") == ["/out/x/a.png"]
    assert place.read("x/a.png") == b"data"


def test_what_goes_wrong_names_the_url(memory, monkeypatch):
    place = open_storage("memory://in")
    with pytest.raises(InputNotFound, match=r"memory://in/none\.jpg: there is no such file"):
        place.read("none.jpg")

    def refuse(*_, **__):
        raise PermissionError("Access Denied")

    monkeypatch.setattr(memory, "pipe_file", refuse)
    with pytest.raises(OutputError, match=r"memory://in/a\.png: cannot be written .Access Denied"):
        place.write("a.png", b"")


def test_urls():
    assert isinstance(open_storage("file:///tmp/a%20b"), Folder)
    assert open_storage("file:///tmp/a%20b").root == "/tmp/a b"
    assert isinstance(open_storage("C"), Folder)
    with pytest.raises(InputNotFound, match="nothing://here"):
        open_storage("nothing://here")


def test_a_package_that_is_missing_is_named(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(PluginError, match=r"pip install mattekit\[batch\]"):
        open_storage("s3://bucket")


def test_folders_are_created_again_when_they_vanish(tmp_path):
    place = Folder(tmp_path / "out")
    place.write("x/a.png", b"1")
    (tmp_path / "out/x/a.png").unlink()
    (tmp_path / "out/x").rmdir()
    place.write("x/b.png", b"2")
    assert (tmp_path / "out/x/b.png").read_bytes() == b"2"


def test_results_among_the_inputs(run, memory):
    memory.pipe("/in/a.jpg", picture(1))
    with pytest.raises(OptionError, match="among the inputs"):
        run("memory://in", "memory://in")
    for _ in range(2):
        assert list(run("memory://in", "memory://in/out")) == ["a.jpg"]
