"""What the built-in model answers is pinned: a change of weights, card or preparation shows here.

After a deliberate change run `pytest tests/runtime --update-golden` and look at the picture.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mattekit.codecs import decode
from mattekit.matting import segment
from mattekit.runtime import Runtime
from support.helpers import ROOT, assert_images_close

SIDE = 64
MATTES = Path(__file__).with_name("builtin_golden.png")
FACTS = MATTES.with_suffix(".json")
PICTURES = sorted(
    path for path in (ROOT / "sample_images").iterdir() if path.suffix in {".jpg", ".png", ".webp"}
)


@pytest.fixture(scope="module")
def answers():
    """Small mattes side by side, and a few facts about each."""
    mattes, facts = [], {}
    with Runtime() as runtime:
        session = runtime.session("builtin", device="cpu")
        for path in PICTURES:
            matte = segment(decode(path), session)
            image = Image.fromarray((matte.alpha * 255 + 0.5).astype(np.uint8))
            mattes.append(np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BOX)))
            facts[path.name] = {
                "found": matte.found,
                "kind": matte.kind,
                "score": round(max(matte.kind_scores.values()), 2),
            }
        facts["sha256"] = hashlib.sha256(runtime.store.path("builtin").read_bytes()).hexdigest()
    return np.hstack(mattes), facts


def test_answers_of_the_builtin_model(answers, request):
    mattes, facts = answers
    if request.config.getoption("--update-golden"):
        Image.fromarray(mattes).save(MATTES, optimize=True)
        FACTS.write_text(json.dumps(facts, indent=2) + "\n")
    golden = json.loads(FACTS.read_text())
    assert facts.keys() == golden.keys()
    assert facts.pop("sha256") == golden.pop("sha256"), "other weights: --update-golden"
    for name, expected in golden.items():
        score = expected.pop("score")
        # Processors round differently.
        assert facts[name].pop("score") == pytest.approx(score, abs=0.02), name
        assert facts[name] == expected, name
    with Image.open(MATTES) as image:
        assert_images_close(mattes, np.asarray(image), 6, mean=0.3)
