"""Cards beside networks."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit.errors import ModelCardError
from mattekit.geometry import Size
from mattekit.models.card import InputSpec
from mattekit.models.manifest import parse_card
from mattekit.runtime import read_card
from support.tiny_onnx import CARD, write_network


def test_the_card_beside_a_network(tmp_path: Path):
    network = write_network(tmp_path / "my net.onnx")
    (tmp_path / "my net.toml").write_text(CARD, encoding="utf-8")
    card = read_card(network)
    assert card.name == "my net"
    assert card.file == str(network)
    assert card.input == InputSpec(size=Size(8, 8), divide="255")
    assert card.commercial == "unclear"


def test_a_card_may_not_name_another_file_or_mirrors(tmp_path: Path):
    for key in ('file = "other.onnx"', 'urls = ["https://example.org/a"]'):
        with pytest.raises(ModelCardError, match="no such key"):
            parse_card(key + CARD, tmp_path / "my.onnx")


@pytest.mark.parametrize(
    ("shape", "size", "layout"),
    [
        ((1, 3, 24, 32), "[32, 24]", "NCHW"),
        ((1, 24, 32, 3), "[32, 24]", "NHWC"),
        (("n", 3, "h", "w"), '"any"', "NCHW"),
        ((1, 3, 3, 3), "[3, 3]", "NCHW"),
    ],
)
def test_without_a_card_there_is_a_template(tmp_path: Path, shape, size, layout):
    network = write_network(tmp_path / "my.onnx", shape, channels_last=layout == "NHWC")
    with pytest.raises(ModelCardError) as caught:
        read_card(network)
    message = str(caught.value)
    assert str(tmp_path / "my.toml") in message
    assert f"size = {size}" in message
    assert f'layout = "{layout}"' in message
    assert "'matte'" in message
    template = message.partition("\n\n")[2]
    # Saved as it is the template is refused, because nothing in it may be a guess ...
    with pytest.raises(ModelCardError, match="is no TOML"):
        parse_card(template, network)
    # ... and filled in it is a card.
    for key, value in {
        "divide =": "divide = 255",
        "mean =": "mean = [0, 0, 0]",
        "std =": "std = [1, 1, 1]",
        "activation =": 'activation = "none"',
        'title = ""': 'title = "Mine"',
        'license = ""': 'license = "CC0"',
    }.items():
        assert key in template
        template = template.replace(key, value, 1)
    card = parse_card(template, network)
    assert card.input.layout == layout
    assert str(list(card.input.size or ["any"])).replace("'", '"') in {size, f"[{size}]"}
