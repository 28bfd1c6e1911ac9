"""`mattekit zip2png`."""

from __future__ import annotations

from pathlib import Path


def test_a_zip_becomes_a_png(mattekit, photo):
    from PIL import Image

    assert mattekit("remove", photo("a.png"), "--format", "zip").exit_code == 0
    result = mattekit("zip2png", "a-removebg.zip")
    assert result.exit_code == 0, result.output
    assert result.stdout == "a-removebg.zip -> a-removebg.png\n"
    with Image.open("a-removebg.png") as image:
        assert (image.mode, image.size) == ("RGBA", (64, 48))
    assert mattekit("zip2png", "a-removebg.zip", "other.png").exit_code == 0
    assert Path("other.png").read_bytes() == Path("a-removebg.png").read_bytes()


def test_a_png_is_not_called_something_else(mattekit, photo):
    assert mattekit("remove", photo("a.png"), "--format", "zip").exit_code == 0
    for name in ("a.jpg", "a.gif", "a"):
        result = mattekit("zip2png", "a-removebg.zip", name)
        assert result.exit_code == 2
        assert ".png" in result.stderr
        assert not Path(name).exists()


def test_what_is_no_zip(mattekit, photo):
    for name in ("nope.zip", photo("a.png")):
        result = mattekit("zip2png", name, "out.png")
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1
        assert name in result.stderr
        assert not Path("out.png").exists()


def test_the_png_does_not_overwrite_the_zip(mattekit, photo):
    Path(photo("a.png")).rename("zip.png")
    before = Path("zip.png").read_bytes()
    assert mattekit("zip2png", "zip.png").exit_code != 0
    assert Path("zip.png").read_bytes() == before
