"""Where the bytes of an SVG picture are."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit_inkscape.plugin.hrefs import NoPicture, read, to_href


def test_embedded() -> None:
    assert read(to_href(b"\0\xff", "image/png"), None) == b"\0\xff"
    assert read("data:image/png;base64,AP\n8=", None) == b"\0\xff"
    assert read("data:image/png,%00%ffa", None) == b"\0\xffa"


def test_linked(tmp_path: Path) -> None:
    path = tmp_path / "a b&ü.png"
    path.write_bytes(b"x")
    assert read("a%20b&%C3%BC.png", str(tmp_path)) == b"x"
    assert read("a b&ü.png", str(tmp_path)) == b"x"
    assert read(str(path), None) == b"x"
    assert read(path.as_uri(), None) == b"x"


@pytest.mark.parametrize(
    ("href", "words"),
    [
        (None, "links to nothing"),
        ("", "links to nothing"),
        ("a.png", "never saved"),
        ("https://example.org/a.png", "another computer"),
        ("//example.org/a.png", "another computer"),
        ("/no/such.png", "cannot be read"),
        ("/no/\0.png", "cannot be read"),
        ("data:image/png;base64,?", "broken"),
    ],
)
def test_no_picture(href: str | None, words: str) -> None:
    with pytest.raises(NoPicture, match=words):
        read(href, None)


def test_a_link_written_anew_for_the_copy_of_the_document(tmp_path: Path) -> None:
    """By Inkscape 1.2's actions: drawn in ``drawings``, copied to the folder above."""
    (tmp_path / "drawings").mkdir()
    (tmp_path / "drawings/a b.png").write_bytes(b"a")
    document = str(tmp_path / "drawings")
    assert read("drawings/a%20b.png", document, str(tmp_path)) == b"a"
    assert read("a%20b.png", document, str(tmp_path)) == b"a"
    with pytest.raises(NoPicture, match=r"drawings.c\.png"):
        read("c.png", document, str(tmp_path))
