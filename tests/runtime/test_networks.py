"""Real networks by path, each with a card written here, on real pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mattekit.runtime import Runtime, Session
from support.helpers import require_data

pytestmark = pytest.mark.data

U2NETP = """
title = "U-2-Net, small"
license = "Apache-2.0"

[input]
size = [320, 320]
fit = "stretch"
divide = "max"
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]

[output]
activation = "none"
stretch = true
"""

SELFIE = """
title = "MediaPipe selfie segmentation"
license = "Apache-2.0"
suits = ["person"]

[input]
size = [256, 256]
fit = "stretch"
layout = "NHWC"
divide = 255
mean = [0, 0, 0]
std = [1, 1, 1]

[output]
alpha = "activation_10"
activation = "none"
"""


def place(folder: Path, network: Path, card: str) -> str:
    """Put a link to a network and its card into one folder, as a user would."""
    link = folder / network.name
    try:
        link.symlink_to(network)
    except OSError:
        link.write_bytes(network.read_bytes())
    link.with_suffix(".toml").write_text(card, encoding="utf-8")
    return str(link)


def matte(session: Session, picture: Path) -> np.ndarray:
    """Run a network by nothing but its card; return the matte at the picture's size."""
    spec, out = session.card.input, session.card.output
    assert spec.size is not None
    assert spec.fit == "stretch"
    with Image.open(picture) as image:
        small = image.convert("RGB").resize(spec.size, Image.Resampling.LANCZOS)
        size = image.size
    pixels = np.asarray(small, np.float32)
    pixels /= pixels.max() if spec.divide == "max" else float(spec.divide)
    batch = ((pixels - np.float32(spec.mean)) / np.float32(spec.std))[None].astype(np.float32)
    if spec.layout == "NCHW":
        batch = np.ascontiguousarray(batch.transpose(0, 3, 1, 2))
    alpha = session.run(batch)[0]
    plane = alpha[0, out.channel] if spec.layout == "NCHW" else alpha[0, ..., out.channel]
    if out.stretch:
        plane = (plane - plane.min()) / (plane.max() - plane.min())
    return np.asarray(Image.fromarray(plane).resize(size))


def overlap(session: Session, name: str) -> float:
    folder = require_data("images", "dev")
    (picture,) = (path for path in folder.glob(f"{name}.*") if path.name.count(".") == 1)
    found = matte(session, picture) >= 0.5
    truth = np.asarray(Image.open(folder / f"{name}.gt.png").convert("L")) >= 128
    return float((found & truth).sum() / (found | truth).sum())


@pytest.mark.parametrize(
    ("file", "card", "picture", "least"),
    [
        pytest.param("u2netp-fp32.onnx", U2NETP, "lemur", 0.9, marks=pytest.mark.slow),
        pytest.param("u2netp-fp16.onnx", U2NETP, "lemur", 0.9, marks=pytest.mark.slow),
        ("selfie_segmentation.onnx", SELFIE, "hseg_001", 0.9),
    ],
)
def test_a_network_by_path(tmp_path: Path, file: str, card: str, picture: str, least: float):
    path = place(tmp_path, require_data("models", file), card)
    with Runtime() as runtime:
        session = runtime.session(path, device="cpu")
        assert overlap(session, picture) > least
        assert runtime.session(path, device="cpu") is session


def test_what_its_card_says_is_checked(tmp_path: Path):
    network = require_data("models", "selfie_segmentation.onnx")
    content = network.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    facts = f'sha256 = "{digest}"\nbytes = {len(content)}\n'
    path = place(tmp_path, network, facts + SELFIE)
    with Runtime() as runtime:
        assert runtime.session(path).card.sha256 == digest
