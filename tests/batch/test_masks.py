"""A folder of masks beside the pictures."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mattekit.errors import InputError, InputNotFound
from mattekit_batch.masks import Masks
from mattekit_batch.storage import Folder
from support.batch import set_age


def mask(path, box=(0, 0, 16, 24), size=(32, 24)):
    image = Image.new("L", size)
    image.paste(255, box)
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    image.save(path)
    set_age(Path(path))


def alpha(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA"))[..., 3]


def test_each_picture_has_its_own(run, photo, network):
    photo("src/a.jpg")
    photo("src/shoes/b.png", 1)
    mask("masks/a.png")
    mask("masks/shoes/b.webp", (16, 0, 32, 24))
    results = run(masks="masks")
    assert {result.status for result in results.values()} == {"done"}
    assert alpha("dst/a.png")[12, 4] == 255
    assert alpha("dst/a.png")[12, 28] == 0
    assert alpha("dst/shoes/b.png")[12, 4] == 0
    assert alpha("dst/shoes/b.png")[12, 28] == 255
    assert network.calls == 0


def test_a_missing_or_wrong_one_stops_nobody_else(run, photo):
    for name in "abc":
        photo(f"src/{name}.jpg")
    mask("masks/a.png")
    mask("masks/b.png", size=(24, 32))
    results = run(masks="masks")
    assert results["a.jpg"].status == "done"
    assert "it is 24 × 32, as if it lay on its side" in results["b.jpg"].failure.message
    assert "there is no mask for it" in results["c.jpg"].failure.message
    assert "masks/c with any suffix" in results["c.jpg"].failure.message


def test_a_mask_that_comes_later_is_enough(run, photo):
    photo("src/a.jpg")
    Path("masks").mkdir()
    assert run(masks="masks")["a.jpg"].status == "failed"
    mask("masks/a.png")
    assert run(masks="masks")["a.jpg"].status == "done"


def test_a_changed_mask_is_a_changed_picture(run, photo):
    photo("src/a.jpg")
    mask("masks/a.png")
    assert run(masks="masks")["a.jpg"].status == "done"
    assert run(masks="masks")["a.jpg"].status == "skipped"
    mask("masks/a.png", (16, 0, 32, 24))
    set_age(Path("masks/a.png"), 50)
    assert run(masks="masks")["a.jpg"].status == "done"
    assert alpha("dst/a.png")[12, 28] == 255
    assert run()["a.jpg"].status == "done"  # without masks it is another result


def test_several_masks_are_refused():
    mask("masks/a.png")
    mask("masks/a.webp")
    with pytest.raises(InputError, match=r"several masks.*a\.png, a\.webp"):
        Masks(Folder("masks")).read("a.jpg")


def test_it_travels():
    mask("masks/a.png")
    masks = pickle.loads(pickle.dumps(Masks(Folder("masks"))))
    assert masks.read("a.jpg") == Path("masks/a.png").read_bytes()
    with pytest.raises(InputNotFound):
        masks.read("x/a.jpg")


def test_command(mattekit, photo):
    photo("src/a.jpg")
    mask("masks/a.png")
    result = mattekit("batch", "src", "dst", "--masks", "masks")
    assert result.exit_code == 0, result.output
    assert alpha("dst/a.png")[12, 28] == 0
    both = mattekit("batch", "src", "dst", "--masks", "masks", "--mask", "masks/a.png")
    assert both.exit_code == 2
    assert "--mask or --masks" in both.stderr
