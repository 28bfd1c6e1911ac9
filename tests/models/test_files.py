"""Whether a model's file is whole, and what to do where it is not."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from mattekit.errors import ModelCorrupt, OptionError
from mattekit.models import ModelCard
from mattekit.models.files import check_digests, check_name, check_size, is_path, leftovers

CONTENT = b"weights"
SHA256 = hashlib.sha256(CONTENT).hexdigest()
MD5 = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.onnx"
    path.write_bytes(CONTENT)
    return path


@pytest.mark.parametrize("path", ["net.onnx", "./net.onnx", "/a/NET.ONNX", "net.Onnx"])
def test_a_path_is_no_name(path: str) -> None:
    assert is_path(path)
    with pytest.raises(OptionError, match="the name of a model"):
        check_name(path)


@pytest.mark.parametrize("name", ["auto", "u2netp", "isnet-general-use", "a.b_c"])
def test_names(name: str) -> None:
    assert not is_path(name)
    check_name(name)


@pytest.mark.parametrize("name", ["", "../net", "a b", "a/b", "a\\b", "net\n"])
def test_what_can_be_neither(name: str) -> None:
    with pytest.raises(OptionError):
        check_name(name)


def test_an_unfinished_file_lies_beside_the_whole(file: Path) -> None:
    part, facts = leftovers(file)
    assert (part.name, facts.name) == ("mine.onnx.part", "mine.onnx.part.json")
    assert part.parent == facts.parent == file.parent


@pytest.mark.parametrize("facts", [{}, {"bytes": 7}])
def test_a_size_that_is_right_or_unknown(file: Path, facts: dict) -> None:
    check_size(ModelCard("mine", **facts), file)


def test_a_size_that_is_wrong(file: Path) -> None:
    with pytest.raises(ModelCorrupt, match="7 bytes, expected 1,000 bytes"):
        check_size(ModelCard("mine", bytes=1000), file)
    file.write_bytes(b"")
    with pytest.raises(ModelCorrupt, match="0 bytes, expected content"):
        check_size(ModelCard("mine"), file)


@pytest.mark.parametrize("facts", [{}, {"sha256": SHA256}, {"md5": MD5, "sha256": SHA256}])
def test_digests_that_are_right_or_unknown(file: Path, facts: dict) -> None:
    check_digests(ModelCard("mine", **facts), file)


@pytest.mark.parametrize("facts", [{"sha256": "0" * 64}, {"sha256": SHA256, "md5": "0" * 32}])
def test_every_digest_counts(file: Path, facts: dict) -> None:
    with pytest.raises(ModelCorrupt, match="expected 0000"):
        check_digests(ModelCard("mine", **facts), file)


@pytest.mark.parametrize(
    ("facts", "remedy"),
    [
        ({"builtin": True}, "Install mattekit again"),
        ({"urls": ("https://example.org/a",)}, "mattekit models fetch mine"),
        ({}, "correct its card"),
    ],
)
def test_what_to_do_depends_on_where_it_came_from(file: Path, facts: dict, remedy: str) -> None:
    with pytest.raises(ModelCorrupt, match=remedy):
        check_size(ModelCard("mine", bytes=1, **facts), file)
