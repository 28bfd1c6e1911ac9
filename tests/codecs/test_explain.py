"""What is no picture says what it is and what to do, whatever way it comes."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import support.codecs as make
from mattekit import codecs
from mattekit.codecs import archive
from mattekit.codecs.explain import VIDEOS, not_a_file, refusal
from mattekit.codecs.signatures import sniff
from mattekit.errors import InputNotFound, InvalidFileType, UnreadableImage

PNG = make.png(make.ramp(5, 7))
MP4 = b"\0\0\0\x18ftypmp42" + bytes(40)

#: Content, what it looks like, words of the message.
CONTENTS: dict[str, tuple[bytes, str, tuple[str, ...]]] = {
    "nothing": (b"", "empty", ("empty (0 bytes)", "download it again")),
    "page": (b"<!DOCTYPE html><p>404", "html", ("web page", "browser")),
    "page after a mark": (b"\xef\xbb\xbf \n<HTML>", "html", ("web page",)),
    "answer": (b'{"errors": []}', "json", ("JSON", "error message")),
    "drawing": (b'<?xml version="1.0"?><svg>', "svg", ("SVG", "Export it as PNG")),
    "document": (b"%PDF-1.7", "pdf", ("PDF", "Export its page")),
    "archive": (archive.pack({"a.txt": b"a"}), "zip", ("ZIP", "Unpack", "mattekit zip2png")),
    "words": (b"hello\n", "text", ("text, not a picture", "editor")),
    "address": (b"https://example.org/a.jpg\n", "url", ("web address", "save what is there")),
    "object": (b"s3://bucket/a.jpg", "url", ("web address", "mattekit batch")),
    "file address": (b"file:///home/a.jpg", "file-url", ("without file://",)),
    "data": (b"data:image/png;base64,iVBORw0KGgo=", "data-uri", ("data URI", "b64decode")),
    "base64": (base64.b64encode(PNG), "base64", ("as text (base64)", "b64decode")),
    "base64 in lines": (base64.encodebytes(PNG * 20), "base64", ("b64decode",)),
    "video": (MP4, "mp4", ("video (MP4)", "`mattekit video`")),
    "phone's other kind": (b"\0\0\0\x18ftypavci" + bytes(40), "heif", ("HEIF", "Save it as JPEG")),
    "film": (b"\x1aE\xdf\xa3" + bytes(40), "matroska", ("WebM", "`mattekit video`")),
    "sound": (b"ID3" + bytes(40), "mp3", ("sound (MP3)",)),
    "program": (b"\x7fELF" + bytes(40), "program", ("a program",)),
    "noise": (b"\x81\x9c\x03" * 99, "unknown", ("no known format", "JPEG, PNG, WebP")),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_it_is_and_what_to_do(name: str, tmp_path: Path) -> None:
    data, kind, words = CONTENTS[name]
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    assert sniff(data[:512]) == kind
    messages = set()
    for source in (path, data, io.BytesIO(data)):
        with pytest.raises(InvalidFileType) as caught:
            codecs.decode(source, name="photo.jpg")
        assert caught.value.received == kind
        messages.add(str(caught.value))
    (message,) = messages
    assert message.startswith("photo.jpg: ")
    assert message.endswith(".")
    for word in words:
        assert word in message


def test_sentences_of_words_are_no_addresses() -> None:
    for text in (b"see https://example.org/", b"data: none", b"note: a://b c", b"iVBOR", b"C:\\a"):
        assert sniff(text) == "text", text


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("https://example.org/a.jpg?x=1", "web address"),
        ("HTTP://EXAMPLE.ORG", "web address"),
        ("s3://bucket/a.jpg", "web address"),
        ("file:///nowhere/a.jpg", "without file://"),
        ("data:image/png;base64," + "iVBO" * 900, "data URI"),
        (base64.b64encode(PNG * 40).decode(), "base64"),
        ('{"image": 1}', "JSON"),
        ("<html>", "web page"),
        ("nothing.jpg", "there is no such file. Check the path."),
        ("a" * 5000, "the name is too long"),
        ("", "no path was given"),
    ],
)
def test_a_path_that_is_none(path: str, word: str) -> None:
    with pytest.raises(InputNotFound) as caught:
        codecs.decode(path)
    assert word in str(caught.value)
    assert len(str(caught.value)) < 800
    assert caught.value.problem.endswith(".")


def test_a_path_that_is_one_is_not_explained_away(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    odd = Path("data:image")
    odd.mkdir()
    (odd / "png;base64,AAAA").write_bytes(PNG)
    assert codecs.decode("data:image/png;base64,AAAA").format == "png"
    assert not not_a_file("photo.jpg")


class Asynchronous:
    filename = "upload.png"

    async def read(self, size: int = -1) -> bytes:
        return PNG


class Forward:
    """A stream that knows neither its length nor how to go back."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        return self._file.read(min(size, 3) if size > 0 else size)


class Whole:
    def read(self) -> bytes:
        return PNG


def at_its_end() -> io.BytesIO:
    file = io.BytesIO(PNG)
    file.read()
    return file


def closed() -> io.BytesIO:
    file = io.BytesIO(PNG)
    file.close()
    return file


def closed_image() -> Image.Image:
    with Image.open(io.BytesIO(PNG)) as image:
        pass
    return image


@pytest.mark.parametrize(
    ("make_source", "words"),
    [
        (Asynchronous, ("upload.png: ", "asynchronous", "await file.read()", "UploadFile")),
        (at_its_end, (f"stands at its end (byte {len(PNG)})", "seek(0)")),
        (lambda: io.StringIO("text"), ("text file", "mode 'rb'")),
        (closed, ("closed file", "Open it again")),
        (closed_image, ("closed Pillow image", "Open it again", "load()")),
        (Whole, ("read takes no size",)),
        (lambda: None, ("NoneType", "a path, bytes, an open binary file")),
        (lambda: 7, ("of type int",)),
        (lambda: ["a.jpg"], ("of type list",)),
        (lambda: {"image": PNG}, ("of type dict",)),
        (lambda: Path, ("of type type",)),
    ],
)
def test_objects_that_are_no_files(make_source: Callable[[], Any], words: tuple[str, ...]) -> None:
    with pytest.raises((InvalidFileType, InputNotFound)) as caught:
        codecs.decode(make_source())
    for word in words:
        assert word in str(caught.value)


def test_a_file_for_writing_alone(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file, pytest.raises(InputNotFound, match="mode 'rb'"):
        codecs.decode(file)


def test_a_file_that_only_goes_forward_is_read() -> None:
    assert codecs.decode(Forward(PNG)).size == (7, 5)


def test_memory_is_not_a_question_of_completeness(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: Any) -> None:
        raise MemoryError

    monkeypatch.setattr("mattekit.codecs.coders.read", exhausted)
    with pytest.raises(UnreadableImage, match="not enough memory") as caught:
        codecs.decode(PNG)
    assert "complete" not in str(caught.value)


def test_for_videos_it_says_so() -> None:
    assert "not a video" in str(refusal("a.html", "html", "a video"))
    assert "`mattekit remove` cuts out pictures" in str(refusal("a.jpg", "jpg", "a video"))
    assert "expected a video" in str(refusal("a.bin", "unknown", "a video"))
    for kind in VIDEOS:
        assert "`mattekit video` cuts out videos." in str(refusal("a", kind))


def test_a_format_that_this_pillow_lacks() -> None:
    assert "pip install -U pillow" in str(refusal("a.avif", "avif"))


def test_a_picture_as_text_does_not_fill_the_screen() -> None:
    for text in (base64.b64encode(PNG * 99).decode(), "data:image/png;base64," + "A" * 9999):
        with pytest.raises(InputNotFound, match="b64decode") as caught:
            codecs.decode(text)
        assert len(str(caught.value)) < 300


def test_what_is_given_instead_of_a_zip() -> None:
    with pytest.raises(InvalidFileType, match=r"a video \(MP4\), not a ZIP that holds color\.jpg"):
        archive.unpack(MP4, 1 << 20, "result.zip")
