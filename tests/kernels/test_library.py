"""The compiled library takes what it is made for, and says what is wrong with anything else."""

from __future__ import annotations

import contextlib
import ctypes
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from mattekit import kernels
from mattekit.errors import MattekitError
from mattekit.kernels import library
from mattekit.matting._solve import EFFORTS, Evidence, solve_plane

VARIANTS = ["", "_avx2"] if library._library()[1] else [""]


@pytest.fixture(autouse=True)
def _forgotten():
    library._kernel.cache_clear()
    yield
    library._kernel.cache_clear()


@pytest.mark.parametrize("name", sorted(library._SIGNATURES))
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_kernel_is_there(name: str, variant: str) -> None:
    assert hasattr(library._library()[0], name + variant)


def declared() -> dict[str, str]:
    """Return the arguments of each kernel as the sources declare them."""
    found = {}
    for path in library.library_path().parent.glob("*.c"):
        text = path.read_text(encoding="utf-8").replace("\\\n", "\n")
        for match in re.finditer(r"KERNEL\((\w+)\)\((.*?)\)\s*\{", text, re.DOTALL):
            kinds = "".join(map(_letter, match[2].split(",")))
            names = [match[1]]
            if match[1] == "NAME":  # a macro makes one for each type of sample
                macro = re.findall(r"#define (\w+)\(TYPE,.* NAME\)", text[: match.start()])[-1]
                names = re.findall(rf"^{macro}\(.*\b(\w+)\)", text, re.MULTILINE)
            found.update(dict.fromkeys(names, kinds))
    return found


def _letter(parameter: str) -> str:
    if "*" in parameter:
        return "p"
    return {"int": "i", "float": "f", "size_t": "z", "ptrdiff_t": "z"}[
        parameter.split(maxsplit=1)[0]
    ]


def test_signatures_are_those_of_the_sources() -> None:
    assert declared() == library._SIGNATURES


def test_a_library_of_other_sources_is_refused(tmp_path: Path) -> None:
    compiled = library._library()[0]
    library._check_sources(compiled, tmp_path / "_kernels.so")  # a wheel holds no sources
    for source in library.library_path().parent.glob("*.[ch]"):
        shutil.copy(source, tmp_path)
    library._check_sources(compiled, tmp_path / "_kernels.so")
    with (tmp_path / "kernels.h").open("a", encoding="utf-8") as changed:
        changed.write("/* changed */")
    with pytest.raises(MattekitError, match=r"compiled from other sources .* pip install -e"):
        library._check_sources(compiled, tmp_path / "_kernels.so")
    # The oldest ones do not even say what they were made from.
    with pytest.raises(MattekitError, match=r"compiled from other sources .* pip install -e"):
        library._check_sources(ctypes.CDLL(None), tmp_path / "_kernels.so")


def test_variants_give_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    guide = rng.random((3, 41, 53), np.float32)
    alpha = rng.random((41, 53), np.float32)
    answers = []
    found = library._library()
    for variant in VARIANTS:
        library._kernel.cache_clear()
        monkeypatch.setattr(library, "_library", lambda variant=variant: (found[0], variant))
        model = np.empty((4, 41, 53), np.float32)
        room = np.empty((35 + 17 * 5) * (53 + 4), np.float32)
        source = guide, alpha, np.zeros(3, np.float32), None, None, None
        kernels.call("linear_model", *source, 41, 53, 2, 1e-3, room, model)
        both = np.empty((2, 3, 41, 53), np.float32)
        room = np.empty((11, 41, 53), np.float32)
        kernels.call("estimate_colors", guide, alpha, 41, 53, 2, 1e-5, 1e-2, 3e-3, room, both)
        planes = alpha.copy(), (0.02, 0.01), guide[0].copy()  # which are overwritten
        evidence = Evidence((0.02, 0.5), (0.01, 0.02), *planes, 100)
        result = solve_plane(guide, alpha > 0.9, alpha < 0.1, EFFORTS["best"], evidence)
        answers.append((model, both, result))
    for answer in answers[1:]:
        for one, other in zip(answer, answers[0], strict=True):
            np.testing.assert_array_equal(one, other)


def test_only_contiguous_arrays() -> None:
    plane = np.zeros((4, 6), np.float32)
    with pytest.raises(ValueError, match="contiguous array expected"):
        kernels.call("halve", plane[:, ::2], 1, 4, 3, np.empty((2, 2), np.float32))
    with pytest.raises(ValueError, match="rows of contiguous samples"):
        kernels.rows(plane[:, ::2])
    assert kernels.rows(plane[:, :2])[1] == 24


def test_what_is_not_to_be_written_to_is_read() -> None:
    plane = np.arange(24, dtype=np.float32).reshape(4, 6)
    place = kernels.rows(plane[1:])
    plane.setflags(write=False)
    assert kernels.rows(plane[1:]) == place
    half = np.empty((2, 3), np.float32)
    kernels.call("halve", plane, 1, 4, 6, half)
    assert half[0, 0] == plane[:2, :2].mean()
    with pytest.raises(ValueError, match="rows of contiguous samples"):
        kernels.rows(plane[:, ::2])
    with pytest.raises(ValueError, match="contiguous array expected"):
        kernels.call("halve", plane[:, ::2], 1, 4, 3, half)
    assert len(kernels.rows(np.empty((0, 6), np.float32))) == 2


def test_a_missing_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(library, "_library", library._library.__wrapped__)
    monkeypatch.setattr(library, "library_path", lambda: tmp_path / "none.so")
    with pytest.raises(MattekitError, match=r"pip install -e \."):
        kernels.call("halve")


def test_one_of_another_version_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_library", lambda: (ctypes.CDLL(None), ""))
    with pytest.raises(MattekitError, match="of another version"):
        kernels.call("search_pairs")


def test_working_memory_stays_for_the_next_call() -> None:
    with library.room(10) as first, library.room(10) as other:  # as another thread would
        assert not np.shares_memory(first, other)
    with library.room(20) as again:
        assert len(again) >= 20
        assert np.shares_memory(again, first)


def test_what_stays_has_an_end() -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(2 * library._BLOCKS):
            stack.enter_context(library.room(1))
    assert len(library._spare) == library._BLOCKS
    with library.room(library._BLOCK + 1) as large:
        assert len(large) == library._BLOCK + 1
    assert all(len(each) == library._BLOCK for each in library._spare)


def test_one_piece_stays_when_the_others_are_given_back() -> None:
    with library.room(1), library.room(1):
        pass
    library.give_back()
    assert len(library._spare) == 1
