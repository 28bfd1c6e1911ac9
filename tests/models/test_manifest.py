"""The manifest, and cards beside networks."""

from __future__ import annotations

import contextlib
import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit.errors import ModelCardError
from mattekit.geometry import Size
from mattekit.models import known_models, parse_manifest, read_manifest
from mattekit.models.card import InputSpec, ModelCard, OutputSpec
from mattekit.models.manifest import parse_card
from mattekit.options import KINDS
from support.helpers import ROOT

ROW = """
[[model]]
name = "mine"
title = "Mine"
license = "Apache-2.0"
source = "https://example.org"
urls = ["https://example.org/mine.onnx"]
md5 = "0123456789abcdef0123456789abcdef"

[model.input]
size = [320, 240]
divide = "max"
mean = [0.5, 0.5, 0.5]
std = [1, 1, 1]

[model.output]
activation = "sigmoid"
"""


def test_a_row_becomes_a_card():
    (card,) = parse_manifest(ROW)
    assert card == ModelCard(
        "mine",
        title="Mine",
        file="mine.onnx",
        urls=("https://example.org/mine.onnx",),
        md5="0123456789abcdef0123456789abcdef",
        license="Apache-2.0",
        source="https://example.org",
        input=InputSpec(size=Size(320, 240), divide="max", mean=(0.5, 0.5, 0.5)),
        output=OutputSpec(activation="sigmoid"),
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "mine"', "", "name: is missing"),
        ('name = "mine"', 'name = "Mine"', "name: expected lower-case"),
        ('name = "mine"', 'name = "auto"', "not `auto`"),
        ('title = "Mine"', "", "title: is missing"),
        ('license = "Apache-2.0"', 'license = ""', "license: expected a text"),
        ('title = "Mine"', 'titel = "Mine"', "title: is missing"),
        ('title = "Mine"', 'title = "Mine"\nrnak = 3', "rnak: no such key. Did you mean 'rank'?"),
        ('title = "Mine"', 'title = "Mine"\nrank = true', "rank: expected a whole number"),
        ('title = "Mine"', 'title = "Mine"\nrank = -1', "rank: expected a whole number"),
        ('title = "Mine"', 'title = "Mine"\nbytes = 1.5', "bytes: expected the file's size"),
        ('title = "Mine"', 'title = "Mine"\nfile = "../a.onnx"', "file: expected a plain file"),
        ('title = "Mine"', 'title = "Mine"\ncommercial = "maybe"', "commercial: expected"),
        ('title = "Mine"', 'title = "Mine"\nsuits = ["dog"]', "suits: expected a list"),
        ('title = "Mine"', 'title = "Mine"\nsuits = "person"', "suits: expected a list"),
        ('title = "Mine"', 'title = "Mine"\nbuiltin = true', "builtin: no such key"),
        ("https://example.org/mine", "http://example.org/mine", "urls: expected a list of"),
        ('md5 = "0123456789abcdef0123456789abcdef"', "", "sha256: is missing"),
        ("0123456789abcdef0123", "0123456789ABCDEF0123", "md5: expected 32"),
        ("size = [320, 240]", "", "input.size: is missing"),
        ("size = [320, 240]", "size = [320]", "input.size: expected [width, height]"),
        ("size = [320, 240]", "size = [0, 240]", "input.size: expected [width, height]"),
        ("size = [320, 240]", 'size = "big"', "input.size: expected [width, height]"),
        ('divide = "max"', "", "input.divide: is missing"),
        ('divide = "max"', "divide = 0", "input.divide: expected a positive number"),
        ('divide = "max"', "divide = nan", "input.divide: expected a positive number"),
        ('divide = "max"', "divide = []", "input.divide: expected a positive number"),
        ("mean = [0.5, 0.5, 0.5]", "", "input.mean: is missing"),
        ("mean = [0.5, 0.5, 0.5]", "mean = [0.5]", "input.mean: expected three numbers"),
        ("mean = [0.5, 0.5, 0.5]", "mean = [0, 0, true]", "input.mean: expected three numbers"),
        ("std = [1, 1, 1]", "std = [1, 1, 0]", "input.std: expected three positive"),
        ("std = [1, 1, 1]", 'std = [1, 1, 1]\nlayout = "HWC"', "input.layout: expected"),
        ('activation = "sigmoid"', "", "output.activation: is missing"),
        ('activation = "sigmoid"', 'activation = "relu"', "output.activation: expected"),
        ('activation = "sigmoid"', 'activation = "none"\nstretch = 1', "output.stretch: expected"),
        ('activation = "sigmoid"', 'activation = "none"\nfound_at = 2', "output.found_at: expect"),
        ('activation = "sigmoid"', 'activation = "none"\nalpha = -1', "output.alpha: expected"),
        ('activation = "sigmoid"', 'activation = "none"\nkinds = 1', "belong together"),
        ("[model.input]", "[model]]", "is no TOML"),
        ("[[model]]", "[[model]]\nname = 3", "is no TOML"),
    ],
)
def test_a_bad_row_is_named(old, new, message):
    assert old in ROW
    with pytest.raises(ModelCardError) as caught:
        parse_manifest(ROW.replace(old, new, 1), "models.toml")
    assert message in str(caught.value)
    assert "models.toml" in str(caught.value)


def test_only_tables_of_models():
    for text in ("", "other = 1", f"other = 1\n{ROW}", "model = 3", "model = [3]"):
        with pytest.raises(ModelCardError):
            parse_manifest(text)


def test_names_and_files_are_unique():
    with pytest.raises(ModelCardError, match="name 'mine' appears twice"):
        parse_manifest(ROW + ROW)
    other = ROW.replace('name = "mine"', 'name = "other"\nfile = "mine.onnx"')
    with pytest.raises(ModelCardError, match=r"file 'mine.onnx' appears twice"):
        parse_manifest(ROW + other)


def test_a_manifest_file(tmp_path: Path):
    path = tmp_path / "more.toml"
    path.write_text(ROW, encoding="utf-8")
    assert read_manifest(path)[0].name == "mine"
    with pytest.raises(ModelCardError, match="cannot be read"):
        read_manifest(tmp_path / "none.toml")
    path.write_bytes(b'title = "\xff"')
    with pytest.raises(ModelCardError, match="cannot be read"):
        read_manifest(path)


@given(st.text())
def test_any_text_is_a_card_or_a_card_error(text):
    for parse in (parse_manifest, lambda text: parse_card(text, Path("a.onnx"))):
        with contextlib.suppress(ModelCardError):
            parse(text)


@pytest.mark.slow
@given(
    st.dictionaries(
        st.sampled_from([field.name for field in dataclasses.fields(InputSpec)]),
        st.sampled_from(
            ['""', '"max"', "0", "1.5", "-3", "true", "inf", "[]", "[1, 2]", "[1, 1, 1]", "{}"]
        ),
    )
)
def test_any_value_is_good_or_a_card_error(values):
    lines = "\n".join(f"{key} = {value}" for key, value in values.items())
    try:
        card = parse_card(f'[input]\n{lines}\n[output]\nactivation = "none"', Path("a.onnx"))
    except ModelCardError:
        return
    assert min(card.input.std) > 0


def test_the_manifest_of_the_package():
    cards = {card.name: card for card in known_models()}
    builtin = [card for card in cards.values() if card.builtin]
    assert [(card.name, card.task) for card in builtin] == [
        ("builtin", "segment"),
        ("correcting", "correct"),
    ]
    assert {"u2net", "isnet-general-use", "birefnet-general", "bria-rmbg"} <= set(cards)
    for card in cards.values():
        assert card.builtin or card.urls
        assert all(url.startswith("https://") for url in card.urls)
        assert card.sha256
        assert card.bytes > 100_000
        assert card.file == f"{card.name}.onnx"
        assert set(card.suits) <= set(KINDS)
        # Nothing that may not be used commercially is ever taken without being named.
        assert card.commercial != "no" or card.rank == 0
        assert not (card.output.stretch and card.output.activation == "sigmoid")
    assert cards["bria-rmbg"].commercial == "no"
    # What was measured beside the built-in model and is not better stands below it.
    assert {name for name, card in cards.items() if 0 < card.rank < builtin[0].rank} == {
        "u2netp",
        "silueta",
        "isnet-general-use",
    }
    assert cards["birefnet-portrait"].suits == ("person",)
    assert set(builtin[0].output.kind_names) <= set(KINDS)


def test_the_card_in_the_documentation_is_one():
    text = (ROOT / "docs" / "models.md").read_text(encoding="utf-8")
    card = parse_card(text.split("```toml")[1].split("```")[0], Path("mine.onnx"))
    assert card.input.fit == "letterbox"
    assert card.output.activation == "sigmoid"
