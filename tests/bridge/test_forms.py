"""Forms as the worker's parser reads them."""

from __future__ import annotations

import pytest

import mattekit_bridge as bridge
from mattekit_bridge.forms import Form

_PICTURE = bridge.Picture(2, 1, 3, 255, bytes(range(6)))


def joined(parts: list[memoryview]) -> bytes:
    return b"".join(parts)


def test_texts_and_files() -> None:
    body = joined(Form({"refine": "best"}, {"image_file": _PICTURE, "mask": b"a file"}).body())
    first, text, picture, mask, last = body.split(b"--mattekit-7f2c9d51b6e84a03")
    assert first == b""
    assert text == b'\r\nContent-Disposition: form-data; name="refine"\r\n\r\nbest\r\n'
    assert b'name="image_file"; filename="picture"\r\n\r\nP7\nWIDTH 2\n' in picture
    assert picture.endswith(b"ENDHDR\n" + bytes(range(6)) + b"\r\n")
    assert mask.endswith(b"\r\n\r\na file\r\n")
    assert last == b"--\r\n"


def test_nothing_to_say_is_no_body() -> None:
    assert Form({}, {}).body() == []


def test_files_may_lie_elsewhere() -> None:
    placed = []

    def place(file: list[memoryview]) -> list[memoryview]:
        placed.append(joined(file))
        return [memoryview(b"there")]

    body = joined(Form({}, {"image_file": _PICTURE}).body(place))
    assert body.count(b"\r\n\r\nthere\r\n") == 1
    assert placed[0].endswith(bytes(range(6)))


def test_a_profile_travels_in_a_tiff() -> None:
    body = joined(Form({}, {"image_file": _PICTURE._replace(profile=b"icc")}).body())
    assert b"\r\n\r\nMM\0*" in body


def test_samples_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="6 bytes of samples for 3"):
        Form({}, {"image_file": _PICTURE._replace(width=3)}).body()
