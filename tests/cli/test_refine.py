"""`mattekit refine`: a photo and somebody's mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from support.command import alpha, lines


def write_mask(path="mask.png", size=(64, 48), box=(10, 5, 50, 40)):
    image = Image.new("L", size)
    image.paste(255, box)
    image.save(path)
    return path


def test_the_mask_decides(mattekit, photo, runtime):
    result = mattekit("refine", photo("a.png"), write_mask(box=(0, 0, 20, 48)))
    assert result.exit_code == 0, result.output
    found = alpha("a-removebg.png")
    assert found[24, 5] == 255
    assert found[24, 60] == 0


def test_no_network_is_loaded_that_nobody_asked_for(mattekit, photo, runtime, monkeypatch):
    asked = []
    monkeypatch.setattr(runtime, "session", lambda model, **how: asked.append(model))
    assert mattekit("refine", photo("a.png"), write_mask()).exit_code == 0
    assert asked == []
    mattekit("refine", photo("a.png"), "mask.png", "--model", "u2net", "-o", "b.png")
    assert asked == ["u2net"]


def test_flags_are_those_of_remove(mattekit, photo):
    arguments = "--channels", "alpha", "-o", "out.png", "--json"
    result = mattekit("refine", photo("a.png"), write_mask(), *arguments)
    assert result.exit_code == 0, result.output
    assert lines(result)[0]["output"] == "out.png"
    with Image.open("out.png") as image:
        assert image.mode == "L"
        assert np.asarray(image).max() == 255


def test_hints_come_on_top(mattekit, photo):
    write_mask(box=(0, 0, 20, 48))
    result = mattekit("refine", photo("a.png"), "mask.png", "--remove", "0px 0px 64px 10px")
    assert result.exit_code == 0, result.output
    assert not alpha("a-removebg.png")[:10].any()


def test_another_size_is_refused(mattekit, photo):
    result = mattekit("refine", photo("a.png"), write_mask(size=(48, 64)))
    assert result.exit_code != 0
    assert "it is 48 × 64, as if it lay on its side" in result.stderr
    assert "64 × 48" in result.stderr


def test_a_mask_is_given_once(mattekit, photo):
    result = mattekit("refine", photo("a.png"), write_mask(), "--mask", "mask.png")
    assert result.exit_code == 2
    assert "leave --mask out" in result.stderr
    result = mattekit("refine", "a.png")
    assert result.exit_code == 2
    assert "Missing argument 'MASK', as in `mattekit refine PHOTO MASK`." in result.stderr
    # As `mattekit remove` would have it.
    assert mattekit("refine", "a.png", "--mask", "mask.png", "-o", "b.png").exit_code == 0
    mattekit("refine", "a.png", "mask.png", "-o", "c.png")
    assert Path("b.png").read_bytes() == Path("c.png").read_bytes()


def test_a_missing_mask(mattekit, photo):
    result = mattekit("refine", photo("a.png"), "nothing.png")
    assert result.exit_code != 0
    assert "nothing.png" in result.stderr
