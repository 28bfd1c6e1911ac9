"""Sizes from headers alone."""

from __future__ import annotations

import pytest

from mattekit import codecs
from mattekit.codecs import coders
from mattekit.codecs.decoding import reading
from mattekit.codecs.signatures import HEAD, sniff
from mattekit.errors import UnreadableImage
from support.each_format import FILES


@pytest.mark.parametrize("name", FILES)
def test_the_size_in_the_header_is_that_of_the_picture(name: str) -> None:
    data = FILES[name]
    kind = sniff(data[:HEAD])
    assert coders.size(data, kind, "given") == codecs.decode(data).size


@pytest.mark.parametrize(
    "name", ["png", "jpg", "tiff", "gif", "netpbm", "psd", "jp2", "jxr", "ora"]
)
def test_of_a_file_cut_off_in_its_header_there_is_none(name: str) -> None:
    data = FILES[name]
    with pytest.raises(UnreadableImage), reading("given"):
        coders.size(data[:11], sniff(data[:HEAD]), "given")
