"""What a network that corrects is shown, and what its answer means."""

from __future__ import annotations

import numpy as np

from mattekit.geometry import Size
from mattekit.matting.marks import View
from mattekit.matting.prompting import prompted
from mattekit.models import InputSpec, ModelCard, OutputSpec
from mattekit.runtime import FakeSession, Runtime

CARD = ModelCard(
    "correcting",
    task="correct",
    input=InputSpec(size=Size(8, 8), fit="stretch", divide=127.5, mean=(1, 1, 1), hints="hints"),
    output=OutputSpec(activation="sigmoid"),
)


def view(side=8):
    image = np.zeros((side, side, 3), np.uint8)
    image[..., 1] = 255
    alpha = np.full((side, side), 0.25, np.float32)
    keep, remove = np.zeros((2, side, side), bool)
    keep[1, 2] = remove[3, 4] = True
    return View(image, alpha, keep, remove)


def test_colours_and_hints():
    seen = []

    def network(batch):
        seen.append(batch)
        return np.zeros((1, 1, 8, 8), np.float32)

    corrector = prompted(FakeSession(network, CARD), None)
    assert corrector.size == Size(8, 8)
    np.testing.assert_array_equal(corrector.answer(view()), np.full((8, 8), 0.5))
    (batch,) = seen
    assert batch.shape == (1, 6, 8, 8)
    assert batch.dtype == np.float32
    assert [batch[0, channel].max() for channel in range(3)] == [-1, 1, -1]
    assert (batch[0, 3] == 0.25).all()
    assert np.argwhere(batch[0, 4]).tolist() == [[1, 2]]
    assert np.argwhere(batch[0, 5]).tolist() == [[3, 4]]


def test_it_is_surer_than_its_network():
    logits = np.linspace(-3, 3, 8)[:, None].repeat(8, 1)[None, None].astype(np.float32)
    alpha = prompted(FakeSession(lambda _: logits, CARD), None).answer(view())
    np.testing.assert_allclose(alpha, 1 / (1 + np.exp(-2 * logits[0, 0])), atol=1e-6)


def test_the_network_of_the_package():
    """A bright disk on black is what a click in it means, and black what one beside it means."""
    with Runtime(threads=1) as runtime:
        session = runtime.session("correcting", device="cpu")
        corrector = prompted(session, None)
        side = session.card.input.size.width
        y, x = np.mgrid[:side, :side] / side
        disk = np.hypot(x - 0.5, y - 0.5) < 0.25
        image = np.where(disk[..., None], (230, 180, 60), (20, 30, 40)).astype(np.uint8)
        last = np.zeros((side, side), np.float32)
        keep, remove = np.zeros((2, side, side), bool)
        keep[side // 2 - 5 : side // 2 + 5, side // 2 - 5 : side // 2 + 5] = True
        alpha = corrector.answer(View(image, last, keep, remove))
    assert alpha.shape == (side, side)
    assert alpha[disk].mean() > 0.8
    assert alpha[~disk].mean() < 0.2
