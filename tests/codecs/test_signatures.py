"""What files look like by their first bytes."""

from __future__ import annotations

import pytest

from mattekit import codecs
from mattekit.codecs import archive
from mattekit.errors import (
    InvalidFileType,
)


@pytest.mark.parametrize(
    ("data", "looks"),
    [
        (b"", "empty"),
        (b"%PDF-1.7\n" + bytes(100), "pdf"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "postscript"),
        (b"\xc5\xd0\xd3\xc6" + bytes(40), "postscript"),
        (b"\0\0\0\x20ftypisom" + bytes(40), "mp4"),
        (archive.pack({"word/document.xml": b"<document/>"}), "zip"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "svg"),
        (b"<?xml version='1.0'?>\n<svg/>", "svg"),
        (b"<!DOCTYPE html><html></html>", "html"),
        (b'{"errors": []}', "json"),
        (b"just a few words\n", "text"),
        ("Grüße\n".encode(), "text"),
        (b"\xd7\xcd\xc6\x9a" + bytes(100), "wmf"),
        (bytes(range(7, 207)), "unknown"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_other_files_say_what_they_look_like(data: bytes, looks: str) -> None:
    with pytest.raises(InvalidFileType) as caught:
        codecs.decode(data)
    assert caught.value.received == looks
