"""Naming, skipping and refusing, before anything is started."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattekit.errors import InputNotFound
from mattekit_cli.plan import expand, make_plan

AUTO = (".png", ".jpg")


def touch(*names):
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def outputs(plan, suffix=".png"):
    return {job.source: job.output(suffix) for job in plan.jobs}


def paths(*arguments):
    return [path for path, _ in expand(arguments)]


def test_results_lie_beside_the_inputs():
    touch("a.jpg", "deep/b.tar.png")
    plan = make_plan(["a.jpg", "deep/b.tar.png"], AUTO)
    assert outputs(plan) == {
        "a.jpg": "a-removebg.png",
        "deep/b.tar.png": str(Path("deep", "b.tar-removebg.png")),
    }


def test_results_in_a_directory_have_the_name_of_the_input():
    touch("deep/a.jpg")
    plan = make_plan(["deep/a.jpg"], AUTO, directory="out")
    assert outputs(plan, ".jpg") == {"deep/a.jpg": str(Path("out", "a.jpg"))}


def test_patterns_are_expanded_sorted_and_recursive():
    touch("b.jpg", "a.jpg", "c.png", "x/y/d.jpg")
    Path("folder.jpg").mkdir()
    assert paths("*.jpg") == ["a.jpg", "b.jpg"]
    assert paths("**/*.jpg") == ["a.jpg", "b.jpg", str(Path("x", "y", "d.jpg"))]


def test_a_file_that_looks_like_a_pattern_is_itself():
    touch("photo[1].jpg", "photo1.jpg")
    assert paths("photo[1].jpg") == ["photo[1].jpg"]


def test_the_home_folder_is_known(monkeypatch):
    monkeypatch.setenv("HOME", str(Path.cwd()))
    monkeypatch.setenv("USERPROFILE", str(Path.cwd()))
    touch("a.jpg")
    assert paths("~/a.jpg") == [str(Path.cwd() / "a.jpg")]


def test_every_file_is_done_once():
    touch("a.jpg")
    assert paths("a.jpg", "./a.jpg", "*.jpg") == ["a.jpg"]


@pytest.mark.parametrize(
    ("argument", "words"),
    [("nope.jpg", "no such file"), ("*.nope", "no file matches"), ("folder", '"folder')],
)
def test_what_cannot_be_an_input_is_said_with_advice(argument, words):
    Path("folder").mkdir()
    ((path, error),) = expand([argument])
    assert path == argument
    assert isinstance(error, InputNotFound)
    assert words in str(error)


@pytest.mark.parametrize("existing", ["a-removebg.png", "a-removebg.jpg"])
def test_both_names_that_auto_may_give_count_as_existing(existing):
    touch("a.png", existing)
    assert make_plan(["a.png"], AUTO).skipped["a.png"][0] == existing
    assert outputs(make_plan(["a.png"], AUTO, reprocess=True)) == {"a.png": "a-removebg.png"}
    assert outputs(make_plan(["a.png"], (".webp",))) == {"a.png": "a-removebg.png"}


def test_an_existing_result_is_skipped_even_as_a_dangling_link():
    touch("a.jpg")
    Path("a-removebg.png").symlink_to("gone")
    assert "a.jpg" in make_plan(["a.jpg"], AUTO).skipped


def test_an_output_that_the_user_named_is_replaced():
    touch("a.jpg", "b.png")
    assert outputs(make_plan(["a.jpg"], (".png",), output="b.png")) == {"a.jpg": "b.png"}


def test_a_second_run_over_a_pattern_leaves_results_alone():
    touch("a.png", "a-removebg.png")
    plan = make_plan(["*.png"], AUTO, reprocess=True)
    assert outputs(plan) == {"a.png": "a-removebg.png"}
    assert "result of a.png" in plan.skipped["a-removebg.png"][1]
    # Named alone it is a picture like any other.
    assert list(outputs(make_plan(["a-removebg.png"], AUTO))) == ["a-removebg.png"]


@pytest.mark.parametrize("suffixes", [AUTO, (".webp",)])
def test_two_inputs_of_one_name_are_refused(suffixes):
    touch("x/a.jpg", "y/a.jpg", "x/b.jpg", "x/a.png")
    plan = make_plan(["x/*.jpg", "y/a.jpg"], suffixes, directory="out")
    (collision,) = plan.collisions
    assert collision.inputs == (str(Path("x", "a.jpg")), "y/a.jpg")
    assert not collision.over_input
    assert len(make_plan(["x/a.jpg", "x/a.png"], suffixes).collisions) == 1
    assert not make_plan(["x/a.jpg", "y/a.jpg"], suffixes).collisions


def test_collisions_are_found_though_one_result_exists():
    touch("a.jpg", "a.png", "a-removebg.png")
    assert make_plan(["a.jpg", "a.png"], AUTO).collisions


def test_an_output_is_never_an_input():
    touch("a.jpg")
    (collision,) = make_plan(["a.jpg"], (".jpg",), directory=".").collisions
    assert collision.over_input
    assert make_plan(["a.jpg"], (".jpg",), output="a.jpg").collisions
    # A PNG is expected here; should it be a JPEG, writing refuses.
    plan = make_plan(["a.jpg"], AUTO, directory=".")
    assert not plan.collisions
    assert len(plan.jobs) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_an_output_that_is_a_link_to_an_input_is_seen():
    touch("a.jpg")
    Path("out").mkdir()
    Path("out/a.jpg").symlink_to("../a.jpg")
    assert make_plan(["a.jpg"], (".jpg",), directory="out", reprocess=True).collisions


NAMES = st.text("ab.-", min_size=1, max_size=4).filter(lambda name: name.strip("."))


@given(
    names=st.lists(NAMES.map(lambda name: f"{name}.jpg"), unique=True, max_size=6),
    folders=st.lists(st.sampled_from(["x", "y"]), min_size=6, max_size=6),
    directory=st.sampled_from([None, "x", "out"]),
    suffixes=st.sampled_from([AUTO, (".jpg",), (".webp",)]),
)
def test_without_collisions_nothing_is_lost(tmp_path_factory, names, folders, directory, suffixes):
    root = tmp_path_factory.mktemp("plan")
    files = [root / folder / name for folder, name in zip(folders, names, strict=False)]
    touch(*files)
    where = None if directory is None else str(root / directory)
    plan = make_plan(map(str, files), suffixes, directory=where)
    assert set(plan.inputs) == set(map(str, files))
    assert {job.source for job in plan.jobs} <= set(plan.inputs) - set(plan.skipped)
    if not plan.collisions:
        written = [job.outputs(suffixes) for job in plan.jobs]
        assert len({path for each in written for path in each}) == sum(map(len, written))
        if len(suffixes) == 1:
            assert not {each[0] for each in written} & set(plan.inputs) - set(plan.skipped)
