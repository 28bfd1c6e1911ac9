"""The table of formats says what the codecs do."""

from __future__ import annotations

import io
from pathlib import PurePath

import numpy as np
import pytest
from PIL import Image

from mattekit import Cutout, codecs
from mattekit.codecs.signatures import HEAD, sniff
from mattekit.errors import OptionError
from mattekit.formats import (
    AUTO,
    FORMATS,
    SUFFIXES,
    WRITTEN,
    format_of,
    has_layers,
    is_lossy,
    is_mask,
    max_area,
    suffixes_of,
)
from mattekit.options import OPTIONS, Options

#: By the suffix of what Pillow can write: what mattekit calls it.
OTHERS = {".gif": "gif", ".bmp": "bmp", ".ico": "ico", ".avif": "avif", ".jp2": "jp2"}


def cutout(kind: type[np.unsignedinteger]) -> Cutout:
    rng = np.random.default_rng(5)
    most = np.iinfo(kind).max
    alpha = rng.integers(1, most, (40, 50), kind)
    alpha[:8] = 0
    return Cutout(rng.integers(0, most, (40, 50, 3), kind, endpoint=True), alpha)


@pytest.mark.parametrize("name", WRITTEN)
def test_results_are_as_the_table_says(name: str) -> None:
    found = WRITTEN[name]
    made = cutout(np.uint16)
    result = codecs.encode(made, Options(format=name))
    assert (result.format, result.media_type) == (name, found.media_type)
    assert result.extension == found.suffixes[0]
    assert sniff(result.data[:HEAD]) == name
    photo = codecs.decode(result.data)
    assert photo.format == (name if name != "ora" else "png")
    assert photo.color.dtype == (np.uint16 if found.depth == 16 else np.uint8)
    assert (photo.alpha is not None) == found.alpha


@pytest.mark.parametrize("name", WRITTEN)
def test_pixels_are_those_that_were_written_unless_the_format_is_lossy(name: str) -> None:
    made = cutout(np.uint8).replace(alpha=np.full((40, 50), 255, np.uint8))
    photo = codecs.decode(codecs.encode(made, Options(format=name)).data)
    if is_mask(name):
        assert photo.color.min() == 65535
        return
    assert np.array_equal(photo.color, made.color) != is_lossy(name)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_largest_side(name: str) -> None:
    side = WRITTEN[name].max_side
    if side is None:
        side = 70_000
    else:
        wide = np.zeros((1, side + 1), np.uint8)
        with pytest.raises(OptionError, match=f"at most {side}"):
            codecs.encode(Cutout(np.zeros((1, side + 1, 3), np.uint8), wide), Options(format=name))
    result = codecs.encode(
        Cutout(np.zeros((1, side, 3), np.uint8), np.zeros((1, side), np.uint8)),
        Options(format=name),
    )
    assert result.size == (side, 1)


@pytest.mark.parametrize("suffix", OTHERS)
def test_kinds_that_are_only_read(suffix: str) -> None:
    file = io.BytesIO()
    Image.fromarray(cutout(np.uint8).color).save(file, Image.registered_extensions()[suffix])
    name = OTHERS[suffix]
    assert sniff(file.getvalue()[:HEAD]) == name
    assert suffix in FORMATS[name].suffixes


def test_a_suffix_names_one_format() -> None:
    all_of_them = [
        suffix for each in FORMATS.values() for suffix in (*each.suffixes, *each.read_suffixes)
    ]
    assert len(set(all_of_them)) == len(all_of_them)
    assert set(all_of_them) - {".zip"} == SUFFIXES
    for name, each in WRITTEN.items():
        for suffix in each.suffixes:
            assert format_of(PurePath(f"a{suffix.upper()}")) == name
    with pytest.raises(OptionError, match=r"ends in \.kra"):
        format_of("a.kra")


def test_options_offer_what_is_written() -> None:
    option = OPTIONS["format"]
    assert option.grammar.values == ("auto", *WRITTEN)
    assert set(option.library_only) == {n for n, each in WRITTEN.items() if not each.served}
    for name, each in WRITTEN.items():
        for alias in each.aliases:
            assert option.parse(alias) == name


def test_how_files_end() -> None:
    assert suffixes_of("auto") == (".png", ".jpg")
    assert suffixes_of("tiff") == (".tiff",)
    assert suffixes_of("of no plug-in") == (".of no plug-in",)


def test_layers_and_areas() -> None:
    assert [name for name in WRITTEN if has_layers(name)] == ["ora", "psd"]
    assert [name for name in WRITTEN if is_mask(name)] == ["pfm"]
    assert {name: max_area(name) for name in AUTO} == {"png": 10_000_000, "jpg": None}
    assert max_area("of a plug-in") is None
    assert not has_layers("of a plug-in")
    assert not is_lossy("")
