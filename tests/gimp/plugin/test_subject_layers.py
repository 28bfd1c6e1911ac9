"""Each subject in a layer of its own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from support.gimp import fake
from support.gimp.bench import Bench


def test_layers_above_the_photo(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    image = bench.gimp.open("picture")
    photo = image.layers[0]
    photo.set_offsets(10, 20)
    bench.gimp.call("plug-in-mattekit-each-subject", image=image, drawable=photo)
    (asked,) = bench.asked
    assert (asked["subjects"], asked["format"]) == ("each", "psd")
    assert [each.name for each in image.layers] == [
        "Photo, subject 2", "Photo, subject 1", "Photo",
    ]  # fmt: skip
    assert [each.offsets for each in image.layers] == [(10, 20), (11, 20), (10, 20)]
    assert [each.visible for each in image.layers] == [True, True, False]
    assert image.steps == 1
    assert list(tmp_path.iterdir()) == []


def test_a_palette_has_no_room(bench: Bench) -> None:
    image = bench.gimp.open("picture", is_indexed=True)
    with pytest.raises(fake.Failed, match="A palette has no room"):
        bench.gimp.call("plug-in-mattekit-each-subject", image=image, drawable=image.layers[0])
    assert not bench.asked
