from __future__ import annotations

import sys

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs the packages of the `train` extra")
pytest.importorskip("onnx", reason="training needs the packages of the `train` extra")

from training.data import Entry, Store, Writer, save_meta  # noqa: E402
from training.fit_kinds import fitted, main, samples, window  # noqa: E402
from training.kinds import KINDS, UNKNOWN  # noqa: E402
from training.network import MatteNet  # noqa: E402

from training import checkpoint  # noqa: E402

# PyTorch's own deprecations are not ours to fix.
pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("box", [(0.4, 0.1, 0.6, 0.9), (0.0, 0.3, 1.0, 0.5), (0.7, 0.7, 1.0, 1.0)])
def test_window_has_the_whole_subject(box):
    marked = np.zeros((80, 100, 3), np.uint8)
    x0, y0, x1, y1 = (round(v * s) for v, s in zip(box, (100, 80, 100, 80), strict=True))
    marked[y0:y1, x0:x1] = 255
    for seed in range(50):
        part = window(marked, Entry("a", 80, 100, box, 0), np.random.default_rng(seed))
        assert np.count_nonzero(part) == np.count_nonzero(marked)
        assert part.shape[0] == 80 or part.shape[1] == 100


def test_window_of_a_picture_without_a_subject_is_all_of_it():
    picture = np.zeros((8, 9, 3), np.uint8)
    assert window(picture, Entry("a", 8, 9, None, 0), np.random.default_rng(0)) is picture


def test_fitted_separates_what_can_be():
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(3), 40)
    given = rng.normal(size=(120, 5)).astype(np.float32) * 0.2 + 4
    given[np.arange(120), labels] += 2
    weight, bias = fitted(given, labels, 4)
    said = (torch.from_numpy(given) @ weight.T + bias).argmax(1).numpy()
    assert (said == labels).all()


@pytest.fixture
def store(tmp_path):
    folder = tmp_path / "store"
    folder.mkdir()
    writer = Writer(folder / "pixels.u8", 12)
    rng = np.random.default_rng(1)
    for i in range(12):
        matte = np.zeros((48, 64), np.uint8)
        matte[10:30, 20:40] = 255
        rgb = rng.integers(0, 256, (48, 64, 3), np.uint8)
        writer.add(f"a{i}", rgb, matte, (0, 1, UNKNOWN, 5)[i % 4])
    writer.flush()
    save_meta(writer.entries, folder)
    return folder


def test_samples_are_labelled_and_rare_kinds_are_all_there(store):
    labels = [sample.label for sample in samples(Store(store), None)]
    assert UNKNOWN not in labels
    # Three animals, every fourth of the others, and parts of the second and tenth picture.
    assert labels.count(KINDS.index("animal")) == 3 + 2
    assert len(labels) == 3 + 3 + 2


def test_of_people_only_portraits_are_asked_for(tmp_path):
    writer = Writer(tmp_path / "pixels.u8", 24)
    for i in range(24):
        name = ("people", "ccp", "cat")[i % 3]
        label = KINDS.index("animal" if name == "cat" else "person")
        matte = np.full((48, 64), 255, np.uint8)
        writer.add(f"{name}_{i}", np.full((48, 64, 3), i, np.uint8), matte, label)
    writer.flush()
    save_meta(writer.entries, tmp_path)
    chosen = list(samples(Store(tmp_path), None, portraits=True))
    names = ("person", "other", "animal")
    expected = {i: KINDS.index(names[i % 3]) for i in range(24)}
    assert {int(s.picture[0, 0, 0]): s.label for s in chosen}.items() <= expected.items()
    assert {s.label for s in chosen} == {KINDS.index(name) for name in names}


def test_only_the_kind_changes(store, tmp_path):
    torch.manual_seed(0)
    before, after = tmp_path / "before.pt", tmp_path / "after.pt"
    checkpoint.save(MatteNet(), before)
    kept = tmp_path / "features.npz"
    for _ in range(2):  # the second time from what the first one kept
        args = ["fit_kinds", str(before), "--store", str(store), "--features", str(kept)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "argv", [*args, "--out", str(after)])
            main()
    a = checkpoint.open_checkpoint(before).state_dict()
    b = checkpoint.open_checkpoint(after).state_dict()
    assert {name for name in a if not torch.equal(a[name], b[name])} == {
        "kind.weight",
        "kind.bias",
    }
