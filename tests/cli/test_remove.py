"""`mattekit remove` in this process, on a network that takes red for subject."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mattekit import codecs
from support.command import alpha, lines, opened, png


def listing(folder="."):
    return sorted(path.name for path in Path(folder).iterdir())


def test_a_cut_out_beside_the_photo(mattekit, photo):
    result = mattekit("remove", photo("a.jpg"))
    assert result.exit_code == 0, result.output
    assert re.fullmatch(r"a.jpg -> a-removebg.png  64×48  other  \d+\.\d s\n", result.stdout)
    assert result.stderr == ""
    assert 0.1 < (alpha("a-removebg.png") > 127).mean() < 0.6


def test_the_directory_is_created_with_its_parents(mattekit, photo):
    result = mattekit("remove", photo("a.jpg"), "--output-directory", "x/y", "--format", "webp")
    assert result.exit_code == 0, result.output
    assert opened("x/y/a.webp").format == "WEBP"


def test_the_suffix_is_that_of_the_format_really_used(mattekit, photo):
    assert mattekit("remove", photo("a.png"), "--bg-color", "white").exit_code == 0
    assert opened("a-removebg.jpg").format == "JPEG"
    again = mattekit("remove", "a.png")
    assert "skipped: a-removebg.jpg exists" in again.stdout


def test_existing_results_are_skipped_or_made_anew(mattekit, photo, runtime):
    photo("a.jpg")
    Path("a-removebg.png").write_bytes(b"precious")
    result = mattekit("remove", "a.jpg")
    assert result.exit_code == 0
    assert "skipped" in result.stdout
    assert Path("a-removebg.png").read_bytes() == b"precious"
    assert runtime.session().calls == 0
    assert mattekit("remove", "a.jpg", "--reprocess-existing").exit_code == 0
    assert opened("a-removebg.png").size == (64, 48)


def test_the_output_may_be_named(mattekit, photo):
    Path("out.webp").write_bytes(b"old")
    assert mattekit("remove", photo("a.jpg"), "-o", "out.webp").exit_code == 0
    assert opened("out.webp").format == "WEBP"
    assert mattekit("remove", "a.jpg", "-o", "noname", "--format", "png").exit_code == 0
    assert opened("noname").format == "PNG"


def test_a_background_picture_is_read_once_for_all(mattekit, photo, monkeypatch):
    background = photo("bg.png", Image.new("RGB", (8, 8), "lime"))
    photo("a.png")
    photo("b.png")
    sources, decode = [], codecs.decode
    monkeypatch.setattr(
        codecs, "decode", lambda source, **k: (sources.append(source), decode(source, **k))[1]
    )
    result = mattekit("remove", "a.png", "b.png", "--bg-image", background, "--format", "png")
    assert result.exit_code == 0, result.output
    assert sources.count("bg.png") == 1
    assert opened("b-removebg.png").convert("RGB").getpixel((0, 0)) == (0, 255, 0)


def test_a_broken_file_among_ten_costs_only_itself(mattekit, photo):
    for number in range(10):
        photo(f"{number}.png")
    Path("4.png").write_bytes(Path("4.png").read_bytes()[:200])
    result = mattekit("remove", "*.png", "--jobs", "3")
    assert result.exit_code == 1
    assert len(list(Path().glob("*-removebg.png"))) == 9
    assert not Path("4-removebg.png").exists()
    (failure,) = [line for line in result.stderr.splitlines() if line.startswith("mattekit: ")]
    assert failure.startswith("mattekit: 4.png: ")
    assert "9 done, 1 failed" in result.stderr
    assert [line[0] for line in result.stdout.splitlines()] == list("012356789")


def test_json_has_one_object_per_input_in_their_order(mattekit, photo):
    photo("b.png")
    photo("a.png")
    Path("c-removebg.png").touch()
    photo("c.png")
    result = mattekit("remove", "b.png", "nope.png", "a.png", "c.png", "--json")
    done, failed, *_, skipped = found = lines(result)
    assert [each["input"] for each in found] == ["b.png", "nope.png", "a.png", "c.png"]
    assert result.exit_code == 1
    assert result.stderr == ""
    assert set(done) == set(failed) == set(skipped)
    assert done["status"] == "done"
    assert done["output"] == "b-removebg.png"
    assert (done["width"], done["height"], done["found"], done["kind"]) == (64, 48, True, "other")
    left, top, right, bottom = done["box"]
    assert 0 < left < right < 64
    assert 0 < top < bottom < 48
    assert done["seconds"] > 0
    assert failed["status"] == "failed"
    assert failed["output"] is None
    assert failed["error"]["type"] == "InputNotFound"
    assert failed["error"]["code"] == "missing_source"
    assert "nope.png" in failed["error"]["message"]
    assert skipped["status"] == "skipped"
    assert skipped["output"] == "c-removebg.png"


def test_quiet_is_quiet_but_for_failures(mattekit, photo):
    result = mattekit("remove", photo("a.png"), "nope.png", "-q")
    assert result.stdout == ""
    assert result.stderr == "mattekit: nope.png: there is no such file. Check the path.\n"


def test_a_defect_costs_one_picture_and_debug_shows_it(mattekit, photo, monkeypatch):
    photo("a.png")
    photo("b.png")
    decode = codecs.decode

    def broken(source, **kwargs):
        if source == "a.png":
            raise ZeroDivisionError("a bug")
        return decode(source, **kwargs)

    monkeypatch.setattr(codecs, "decode", broken)
    result = mattekit("remove", "a.png", "b.png")
    assert result.exit_code == 1
    assert "unexpected ZeroDivisionError: a bug" in result.stderr
    assert Path("b-removebg.png").exists()


@pytest.mark.skipif(os.name == "nt", reason="no such names there")
def test_a_name_cannot_command_the_terminal(mattekit, photo):
    name = photo("a\n\x1b[31m.png")
    for _ in range(2):
        result = mattekit("remove", name)
        assert result.exit_code == 0
        assert result.stdout.startswith("a\\n\\x1b[31m.png")
        assert len(result.stdout.splitlines()) == 1
    error = mattekit("remove", "b\x1b[31m.png").stderr
    assert "\x1b" not in error
    assert "b\\x1b[31m.png" in error


def test_no_subject_is_a_failure_without_a_file(mattekit, photo):
    photo("sky.png", Image.new("RGB", (64, 48), "navy"))
    result = mattekit("remove", "sky.png", "--json")
    assert result.exit_code == 1
    assert lines(result)[0]["error"]["code"] == "unknown_foreground"
    assert listing() == ["sky.png"]
    assert "sky.png: no subject was found" in mattekit("remove", "sky.png").stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "bad.png"),
        (b"just text", "this is text, not a picture"),
        (b"%PDF-1.7", "pdf"),
        (png(0, 5), "nothing to cut out"),
        (png(20_000, 20_000, bytes(2 << 20)), "megapixels"),
        (png(10, 10), "cannot be read"),
        (png(10, 10)[:60], "cannot be read"),
    ],
    ids=["empty", "text", "pdf", "no pixels", "gigantic", "broken", "truncated"],
)
def test_what_is_no_usable_picture(mattekit, content, words):
    Path("bad.png").write_bytes(content)
    result = mattekit("remove", "bad.png")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert result.stderr.startswith("mattekit: bad.png: ")
    assert words.lower() in result.stderr.lower()
    assert listing() == ["bad.png"]


def test_a_truncated_jpeg(mattekit, photo):
    data = Path(photo("a.jpg")).read_bytes()
    Path("a.jpg").write_bytes(data[: len(data) // 2])
    result = mattekit("remove", "a.jpg")
    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1
    assert "a.jpg" in result.stderr


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("https://example.org/a.jpg?size=1", "this is a web address"),
        ("s3://bucket/*.jpg", "`mattekit batch` reads object stores"),
        ("data:image/png;base64,iVBORw0KGgo=", "this is a data URI"),
        ("file:///home/a.jpg", "Give its path alone"),
    ],
)
def test_addresses_are_no_paths(mattekit, argument, words):
    result = mattekit("remove", argument)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"mattekit: {argument}: ")
    assert words in result.stderr


def test_a_folder_and_a_missing_file(mattekit, photo):
    Path("folder").mkdir()
    result = mattekit("remove", "folder", "nope.jpg", photo("a.png"))
    assert result.exit_code == 1
    folder, missing, _ = result.stderr.splitlines()
    assert '"folder' in folder
    assert missing == "mattekit: nope.jpg: there is no such file. Check the path."
    assert Path("a-removebg.png").exists()


USAGE = {
    "nothing": ([], "Missing argument 'INPUT...', as in `mattekit remove INPUT...`"),
    "no match": (["*.nope"], "No file matches *.nope"),
    "unknown option": (["a.png", "--cropp"], "--crop"),
    "bad value": (["a.png", "--crop-margin", "5"], "--crop-margin"),
    "bad word": (["a.png", "--type", "dog"], "one of auto, person"),
    "two backgrounds": (["a.png", "--bg-color", "red", "--bg-blur", "3"], "at most one"),
    "unknown model": (["a.png", "--model", "nope"], "no such model"),
    "model path": (["a.png", "--model", "u2netpp"], "Did you mean 'u2netp'"),
    "two outputs": (
        ["a.png", "-o", "x.png", "--output-directory", "x"],
        "or --output-directory, not both",
    ),
    "many to one": (["a.png", "b.png", "-o", "x.png"], "2 inputs"),
    "no suffix": (["a.png", "-o", "x"], "no suffix"),
    "a folder": (["a.png", "-o", "."], "--output . is a folder. Use --output-directory"),
    "no such suffix": (["a.png", "-o", "x.gif"], ".gif"),
    "format and suffix": (["a.png", "-o", "x.png", "--format", "jpg"], "--format is jpg"),
    "over the input": (["a.png", "-o", "a.png"], "overwrite"),
    "same name": (["a.png", "a.jpg"], "both be written to a-removebg.png"),
    "stdin and more": (["-", "a.png"], "give it alone"),
    "stdin twice": (["-", "-"], "give it alone"),
    "stdin into a directory": (["-", "--output-directory", "x"], "--output"),
    "two things on stdout": (["a.png", "-o", "-", "--json"], "not both"),
    "two on stdout": (["a.png", "b.png", "-o", "-"], "takes one picture"),
    "no jobs": (["a.png", "--jobs", "0"], "--jobs"),
}


@pytest.mark.parametrize("case", USAGE)
def test_wrong_calls_start_nothing(case, mattekit, photo, runtime):
    arguments, words = USAGE[case]
    for name in ("a.png", "a.jpg", "b.png"):
        photo(name)
    before = {name: Path(name).read_bytes() for name in listing()}
    result = mattekit("remove", *arguments)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert words in result.stderr
    assert {name: Path(name).read_bytes() for name in listing()} == before
    assert runtime.session().calls == 0


def test_a_bad_value_in_the_environment_says_where_it_comes_from(mattekit, photo):
    result = mattekit("remove", photo("a.png"), env={"MATTEKIT_SIZE": "huge"})
    assert result.exit_code == 2
    assert "MATTEKIT_SIZE" in result.stderr


def test_a_background_that_is_missing_is_said_once(mattekit, photo):
    photo("a.png")
    photo("b.png")
    result = mattekit("remove", "a.png", "b.png", "--bg-image", "nope.png")
    assert result.exit_code == 1
    assert result.stderr == "mattekit: nope.png: there is no such file. Check the path.\n"


def test_a_model_that_is_not_here_is_said_once(mattekit, photo):
    photo("a.png")
    photo("b.png")
    result = mattekit("remove", "a.png", "b.png", "--model", "u2netp")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "mattekit models fetch u2netp" in result.stderr


def test_a_device_that_is_not_there(mattekit, photo, monkeypatch, runtime):
    from mattekit.errors import ProviderError

    def refuse(*args, **kwargs):
        raise ProviderError("cuda", ["CPUExecutionProvider"], ["CPUExecutionProvider"], "Hint.")

    monkeypatch.setattr(runtime, "session", refuse)
    result = mattekit("remove", photo("a.png"), "--device", "cuda")
    assert result.exit_code == 1
    assert "device='cuda'" in result.stderr


def test_an_output_directory_that_is_a_file(mattekit, photo):
    Path("out").touch()
    for directory in ("out", "out/deeper"):
        result = mattekit("remove", photo("a.png"), "--output-directory", directory)
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_does_not_take_the_result(mattekit, photo, monkeypatch, number):
    """As root may write everywhere, the refusal is that of the operating system, pretended."""
    Path("b-removebg.png").write_bytes(b"precious")
    photo("a.png")
    photo("b.png")
    real = Path.open

    def refuse(self, mode="r", *args, **kwargs):
        file = real(self, mode, *args, **kwargs)
        if "b" in mode and "r" not in mode:
            file.close()
            raise OSError(number, os.strerror(number), str(self))
        return file

    monkeypatch.setattr(Path, "open", refuse)
    result = mattekit("remove", "a.png", "b.png", "--reprocess-existing")
    assert result.exit_code == 1
    assert result.stderr.count("mattekit: ") == 2
    assert "cannot be written" in result.stderr
    assert listing() == ["a.png", "b-removebg.png", "b.png"]
    assert Path("b-removebg.png").read_bytes() == b"precious"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_folder_without_permission(mattekit, photo):
    photo("shut/a.png")
    Path("shut").chmod(0o500)
    result = mattekit("remove", "shut/a.png")
    Path("shut").chmod(0o700)
    assert result.exit_code == 1
    assert "no permission" in result.stderr


def test_a_result_that_turns_out_to_be_an_input_is_refused_when_written(mattekit, photo):
    """With `auto` the format is known last: this one becomes a JPEG, as its input is."""
    before = Path(photo("a.jpg")).read_bytes()
    result = mattekit("remove", "a.jpg", "--output-directory", ".", "--bg-color", "white")
    assert result.exit_code == 1
    assert "stays as it is" in result.stderr
    assert Path("a.jpg").read_bytes() == before


@pytest.fixture
def three(photo):
    for name in "abc":
        photo(f"{name}.png")


def test_many_pictures_need_a_yes_where_nobody_can_be_asked(mattekit, three):
    result = mattekit("remove", "*.png", "--confirm-batch-over", "2")
    assert result.exit_code == 2
    assert "--yes" in result.stderr
    assert len(listing()) == 3


@pytest.mark.parametrize(
    "arguments", [["--confirm-batch-over", "2", "--yes"], ["--confirm-batch-over", "3"],
                  ["--confirm-batch-over", "-1"]]
)  # fmt: skip
def test_no_question(mattekit, three, arguments):
    assert mattekit("remove", "*.png", *arguments).exit_code == 0
    assert len(listing()) == 6


def test_what_exists_does_not_count(mattekit, three):
    Path("a-removebg.png").touch()
    result = mattekit("remove", "a.png", "b.png", "c.png", "--confirm-batch-over", "2")
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(("answer", "files"), [("y\n", 6), ("n\n", 3)])
def test_the_question(mattekit, three, monkeypatch, answer, files):
    from mattekit_cli import remove

    monkeypatch.setattr(remove, "is_terminal", lambda stream: True)
    result = mattekit("remove", "*.png", "--confirm-batch-over", "2", input=answer)
    assert result.exit_code == 0
    assert "Cut out 3 pictures?" in result.stderr
    assert len(listing()) == files


def test_a_filter(mattekit, photo):
    data = Path(photo("a.jpg")).read_bytes()
    Path("a.jpg").unlink()
    result = mattekit("remove", "-", input=data)
    assert result.exit_code == 0, result.output
    assert result.stdout_bytes.startswith(b"\x89PNG")
    assert result.stderr == ""
    assert listing() == []


def test_standard_input_into_a_file_and_a_file_to_standard_output(mattekit, photo):
    data = Path(photo("a.jpg")).read_bytes()
    result = mattekit("remove", "-", "-o", "x.webp", "--json", input=data)
    assert lines(result)[0]["output"] == "x.webp"
    assert opened("x.webp").size == (64, 48)
    assert mattekit("remove", "a.jpg", "-o", "-").stdout_bytes.startswith(b"\x89PNG")


@pytest.mark.parametrize("data", [b"", b"no picture"])
def test_rubbish_on_standard_input(mattekit, data):
    result = mattekit("remove", "-", input=data)
    assert result.exit_code == 1
    assert result.stdout_bytes == b""
    assert "standard input" in result.stderr


def test_a_terminal_neither_gives_nor_takes_pictures(mattekit, photo, monkeypatch):
    from mattekit_cli import remove

    data = Path(photo("a.jpg")).read_bytes()
    monkeypatch.setattr(remove, "is_terminal", lambda stream: True)
    for arguments in (["-"], ["a.jpg", "-o", "-"]):
        result = mattekit("remove", *arguments, input=data)
        assert result.exit_code == 2
        assert result.stdout_bytes == b""


def test_every_picture_goes_through_the_network_once(mattekit, photo, runtime):
    photo("a.png")
    photo("b.png")
    session = runtime.session()
    assert mattekit("remove", "a.png", "b.png", "--no-zoom").exit_code == 0
    assert session.calls == 2


# -- each subject ------------------------------------------------------------------------------


@pytest.fixture
def two(photo):
    """Write a picture of a large and a small red square on a shaded blue ground."""

    def write(path):
        pixels = np.zeros((48, 64, 3), np.uint8)
        pixels[..., 2] = 120 + np.arange(64)
        pixels[6:40, 4:34] = pixels[10:28, 44:60] = (230, 40, 50)
        return photo(path, Image.fromarray(pixels))

    return write


def test_each_subject_is_a_file(mattekit, two):
    result = mattekit("remove", two("a.png"), "--subjects", "each", "--crop", "--format", "png")
    assert result.exit_code == 0, result.output
    assert "a.png -> a-removebg-1.png a-removebg-2.png  30×34" in result.stdout
    assert [opened(f"a-removebg-{number}.png").size for number in (1, 2)] == [(30, 34), (16, 18)]
    assert not Path("a-removebg.png").exists()
    again = mattekit("remove", "*.png", "--subjects", "each", "--format", "png")
    assert again.stdout.count("skipped") == 3
    assert "it is the result of a.png" in again.stdout


def test_each_subject_of_a_named_file(mattekit, two):
    result = mattekit("remove", two("a.png"), "--subjects", "each", "-o", "b.webp", "--json")
    (line,) = lines(result)
    assert (line["output"], line["further"]) == ("b-1.webp", ["b-2.webp"])
    assert opened("b-2.webp").format == "WEBP"


def test_each_subject_is_a_layer(mattekit, two):
    result = mattekit("remove", two("a.png"), "--subjects", "each", "--format", "ora")
    assert result.exit_code == 0, result.output
    assert [path.name for path in Path().glob("a-*")] == ["a-removebg.ora"]


def test_each_subject_does_not_fit_into_standard_output(mattekit, two):
    data = Path(two("a.png")).read_bytes()
    result = mattekit("remove", "-", "--subjects", "each", input=data)
    assert result.exit_code == 2
    assert "which have layers" in result.stderr


def test_one_subject_of_several(mattekit, two):
    assert mattekit("remove", two("a.png"), "--subjects", "80% 40%").exit_code == 0
    assert 0.05 < (alpha("a-removebg.png") > 127).mean() < 0.12
    result = mattekit("remove", "a.png", "--subjects", "1% 99%", "--reprocess-existing")
    assert result.exit_code == 1
