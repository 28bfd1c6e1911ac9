from __future__ import annotations

import numpy as np
import pytest

from mattekit import matting
from mattekit.errors import ModelCardError
from mattekit.geometry import Box, Region, Size
from mattekit.models.card import InputSpec, ModelCard, OutputSpec
from mattekit.photo import Photo
from mattekit.runtime.session import FakeSession


def bright(batch):
    """A network that takes what is bright for the subject."""
    return (batch.mean(1, keepdims=True) > 0.5).astype(np.float32)


SQUARE = Size(64, 64)
MIDDLE = Box(30, 15, 90, 45)


def card(size=SQUARE, *, fit="letterbox", **output):
    return ModelCard("fake", input=InputSpec(size, fit=fit), output=OutputSpec(**output))


def photo(height=60, width=120, box=MIDDLE, dtype=np.uint8):
    color = np.zeros((height, width, 3), dtype)
    color[box.slices] = np.iinfo(dtype).max
    return Photo(color)


@pytest.mark.parametrize("fit", ["letterbox", "stretch"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [(60, 120), (120, 60), (600, 1200), (33, 47)])
def test_subject_is_found_where_it_is(fit, dtype, size):
    height, width = size
    box = Box(width // 4, height // 4, 3 * width // 4, 3 * height // 4)
    picture = photo(height, width, box, dtype)
    matte = matting.segment(picture, FakeSession(bright, card(fit=fit)))
    assert matte.found
    alpha = matting.refine(picture, matte, quality="fast")
    truth = np.zeros((height, width), bool)
    truth[box.slices] = True
    union = (alpha > 0.5) | truth
    assert ((alpha > 0.5) & truth).sum() > 0.9 * union.sum()


def test_answers_in_any_order_of_memory():
    def turned(batch):
        return np.ascontiguousarray(bright(batch).transpose(0, 1, 3, 2)).transpose(0, 1, 3, 2)

    picture, expected = photo(), matting.segment(photo(), FakeSession(bright, card()))
    matte = matting.segment(picture, FakeSession(turned, card()))
    assert matte.alpha.flags.c_contiguous
    np.testing.assert_array_equal(matte.alpha, expected.alpha)


def test_letterbox_keeps_proportions():
    matte = matting.segment(photo(60, 120), FakeSession(bright, card()))
    assert matte.alpha.shape == (32, 64)
    assert matte.guide.shape == (32, 64, 3)


def test_dynamic_input_has_allowed_sides():
    shapes = []

    def network(batch):
        shapes.append(batch.shape)
        return bright(batch)

    spec = InputSpec(None, multiple_of=16, longest=100)
    matte = matting.segment(photo(60, 120), FakeSession(network, ModelCard("any", input=spec)))
    assert shapes == [(1, 3, 64, 112)]
    assert matte.alpha.shape == (50, 100)


def test_normalisation_layout_and_channel_order():
    seen = []

    def network(batch):
        seen.append(batch)
        return batch[..., :1]

    spec = InputSpec(
        Size(8, 8), divide="max", mean=(0.5, 0, 0), std=(0.5, 1, 2), layout="NHWC", channels="BGR"
    )
    color = np.zeros((8, 8, 3), np.uint8)
    color[2:6, 2:6] = (200, 100, 50)
    matting.segment(Photo(color), FakeSession(network, ModelCard("n", input=spec)))
    np.testing.assert_allclose(seen[0][0, 4, 4], [0.125, 0.5, 1.0], atol=1e-6)


@pytest.mark.parametrize(
    "answer",
    [
        np.zeros,
        np.ones,
        lambda shape: np.full(shape, 0.5),
        lambda shape: np.full(shape, np.nan),
        lambda shape: np.random.default_rng(0).random(shape) * 0.02,
        lambda shape: np.random.default_rng(0).random(shape),
    ],
    ids=["zeros", "ones", "grey", "nan", "faint noise", "noise"],
)
@pytest.mark.parametrize("stretch", [False, True])
def test_a_prediction_that_says_nothing_finds_nothing(answer, stretch):
    session = FakeSession(
        lambda batch: answer((len(batch), 1, *batch.shape[2:])).astype(np.float32),
        card(stretch=stretch),
    )
    picture = photo()
    matte = matting.segment(picture, session)
    assert not matte.found
    assert not matting.refine(picture, matte).any()


def test_stretch_only_on_request():
    def network(batch):
        return bright(batch) * 0.5 + 0.2

    plain = matting.segment(photo(), FakeSession(network, card()))
    stretched = matting.segment(photo(), FakeSession(network, card(stretch=True)))
    assert plain.alpha.max() == pytest.approx(0.7)
    assert (stretched.alpha.min(), stretched.alpha.max()) == (0, 1)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_activation_and_channel(activation):
    def network(batch):
        logits = (bright(batch) * 2 - 1) * 20
        return np.concatenate([-logits, logits], 1)

    session = FakeSession(network, card(activation=activation, channel=1))
    matte = matting.segment(photo(), session)
    assert matte.found
    assert matte.alpha[16, 32] == pytest.approx(1)
    assert matte.alpha[1, 1] == pytest.approx(0, abs=1e-6)


def test_answer_of_another_shape_is_refused():
    session = FakeSession(lambda batch: np.zeros((1, 5), np.float32), card())
    with pytest.raises(ModelCardError, match=r"\(1, 5\)"):
        matting.segment(photo(), session)


def test_answer_at_another_scale():
    session = FakeSession(lambda batch: bright(batch)[:, :, ::2, ::2], card())
    matte = matting.segment(photo(), session)
    assert matte.alpha.shape == (32, 64)
    assert matte.alpha[16, 32] == 1


def test_roi_limits_the_subject_and_what_is_seen():
    picture = photo(100, 200, Box(20, 20, 180, 80))
    matte = matting.segment(
        picture, FakeSession(bright, card()), roi=Region.parse("50% 0% 100% 50%")
    )
    assert matte.roi == Box(100, 0, 200, 50)
    assert matte.box == Box(90, 0, 200, 55)
    alpha = matting.refine(picture, matte)
    assert alpha[40, 150] == pytest.approx(1, abs=0.02)
    outside = np.ones(alpha.shape, bool)
    outside[matte.roi.slices] = False
    assert not alpha[outside].any()


def test_kind_is_honest():
    def network(batch):
        return bright(batch), np.array([scores], np.float32)

    spec = card(kinds=1, kind_names=("person", "animal"))
    scores = (0.8, 0.2)
    assert matting.segment(photo(), FakeSession(network, spec)).kind == "person"
    scores = (0.45, 0.4)
    matte = matting.segment(photo(), FakeSession(network, spec))
    assert matte.kind == "other"
    assert matte.kind_scores == pytest.approx({"person": 0.45, "animal": 0.4})


def test_what_is_already_cut_out_survives_a_blind_network():
    picture = photo()
    alpha = np.zeros(picture.color.shape[:2], np.uint8)
    alpha[15:45, 30:90] = 200
    blind = FakeSession(lambda batch: np.zeros_like(batch[:, :1]), card())
    matte = matting.segment(picture.replace(alpha=alpha), blind)
    assert matte.found
    assert matte.alpha.min() == 1


def test_transparent_colours_are_not_seen():
    picture = photo()
    hidden = np.zeros(picture.color.shape[:2], np.uint8)
    hidden[:, 60:] = 255
    dark = FakeSession(lambda batch: 1 - bright(batch), card())
    matte = matting.segment(picture.replace(alpha=hidden), dark)
    assert matte.alpha[16, 5] == 0  # transparent black counts as light ground
    assert matte.alpha[2, 60] == 1


def test_profile_is_applied_to_what_the_network_sees_only():
    from PIL import ImageCms

    picture = photo()
    seen = []

    def network(batch):
        seen.append(batch)
        return bright(batch)

    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    metadata = picture.metadata.__class__(icc_profile=lab)
    matte = matting.segment(picture.replace(metadata=metadata), FakeSession(network, card()))
    assert matte.found
    broken = picture.metadata.__class__(icc_profile=b"no profile")
    assert matting.segment(picture.replace(metadata=broken), FakeSession(network, card())).found
