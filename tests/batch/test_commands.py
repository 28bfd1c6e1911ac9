"""The commands in this process, on a network that takes bright for subject."""

from __future__ import annotations

from pathlib import Path

from mattekit.options import OPTIONS
from support.batch import broken, set_age, tree
from support.command import lines


def test_a_folder(mattekit, photo):
    photo("src/a.jpg")
    photo("src/x/b.png")
    Path("src/notes.txt").write_text("no picture")
    result = mattekit("batch", "src", "dst")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr.startswith("2 done in ")
    assert "1 file that is no picture left out" in result.stderr
    assert "Report: " in result.stderr
    assert sorted(tree(Path("dst"))) == ["a.png", "x/b.png"]
    again = mattekit("batch", "src", "dst", "--verbose")
    assert again.stdout.splitlines() == [
        "a.jpg  skipped: it is done",
        "x/b.png  skipped: it is done",
    ]
    assert again.stderr.startswith("2 skipped")


def test_exit_codes_are_those_of_remove(mattekit, photo):
    photo("src/a.jpg")
    Path("src/b.jpg").write_bytes(broken(1)[1])
    set_age(Path("src/b.jpg"))
    result = mattekit("batch", "src", "dst")
    assert result.exit_code == 1
    assert "mattekit: src/b.jpg: the picture cannot be read" in result.stderr
    again = mattekit("batch", "src", "dst")
    assert again.exit_code == 1
    assert "--retry-failed" in again.stderr
    Path("src/b.jpg").unlink()
    assert mattekit("batch", "src", "dst").exit_code == 0
    for wrong in (
        ["src"],
        ["src", "dst", "--crop-margin", "x"],
        ["src", "src"],
        ["src", "dst", "--report", "r", "--no-report"],
        ["src", "dst", "--workers", "2", "--scheduler", "tcp://x:1"],
        ["src", "dst", "--include", "*.jpg", "--nope"],
    ):
        result = mattekit("batch", *wrong)
        assert result.exit_code == 2, wrong
        assert result.stderr.count("\n") == 1
    assert mattekit("batch", "none", "dst").exit_code == 1


def test_a_file_where_a_folder_is_wanted_is_named(mattekit, photo):
    photo("src/a.jpg")
    Path("file").touch()
    for wrong in (
        ["none", "file"],
        ["src", "file/deeper"],
        ["src", "dst", "--state", "file/state"],
        ["src", "dst", "--report", "file/report"],
    ):
        result = mattekit("batch", *wrong)
        assert result.exit_code == 1, wrong
        assert f"{Path('file').absolute()} is a file, not a folder." in result.stderr
        assert "Errno" not in result.stderr
    result = mattekit("batch", "src", "dst", "--state", "file")
    assert "file: cannot be made: it is there already" in result.stderr


def test_json(mattekit, photo):
    photo("src/a.jpg")
    Path("src/b.jpg").write_bytes(broken(1)[1])
    found = {line["input"]: line for line in lines(mattekit("batch", "src", "dst", "--json"))}
    assert found["a.jpg"]["status"] == "done"
    assert found["a.jpg"]["output"] == "a.png"
    assert set(found["a.jpg"]["stages"]) == {
        "read", "decode", "segment", "refine", "encode", "write"
    }  # fmt: skip
    assert found["b.jpg"]["error"]["code"] == "failed_to_read_image"
    assert found["a.jpg"].keys() == found["b.jpg"].keys()
    quiet = lines(mattekit("batch", "src", "dst", "--json", "--quiet"))
    assert [line["input"] for line in quiet] == ["b.jpg"]


def test_every_option_of_remove(mattekit, photo):
    text = " ".join(mattekit("batch", "--help", terminal_width=400).stdout.split())
    assert text == text.replace("Traceback", "")
    for option in OPTIONS.values():
        assert "--" + option.name.replace("_", "-") in text
    photo("src/a.jpg")
    result = mattekit("batch", "src", "dst", "--crop", "--format", "webp", "--json")
    assert lines(result)[0]["width"] < 32


def test_variables_yield_to_files_and_these_to_flags(mattekit, photo):
    photo("src/a.jpg")
    photo("src/x/a.jpg")
    Path("src/x/mattekit.toml").write_text('format = "tiff"')
    env = {"MATTEKIT_FORMAT": "webp"}
    mattekit("batch", "src", "dst", env=env)
    assert sorted(tree(Path("dst"))) == ["a.webp", "x/a.tiff"]
    mattekit("batch", "src", "dst2", "--format", "png", env=env)
    assert sorted(tree(Path("dst2"))) == ["a.png", "x/a.png"]


def test_state_and_report_go_where_they_are_told(mattekit, photo):
    photo("src/a.jpg")
    mattekit("batch", "src", "dst", "--state", "kept", "--report", "told")
    assert sorted(path.name for path in Path("dst").iterdir()) == ["a.png"]
    assert Path("kept/manifest.sqlite").exists()
    assert Path("told/index.html").exists()
    assert (
        mattekit("batch", "src", "dst", "--state", "kept", "--no-report", "--json").exit_code == 0
    )


def test_a_model_that_is_not_there_is_said_once(mattekit, photo):
    photo("src/a.jpg")
    photo("src/b.jpg")
    result = mattekit("batch", "src", "dst", "--model", "u2net")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "mattekit models fetch u2net" in result.stderr
