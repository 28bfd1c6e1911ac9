"""Names of results: unique, stable, and the plain one wherever possible."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mattekit_batch.naming import name_key, stems

NAMES = st.sets(
    st.builds(
        "{}.{}".format,
        st.sampled_from(["a", "A", "b", "a.jpg", "a-2", "é", "e\u0301", ".a", "a."]),
        st.sampled_from(["jpg", "JPG", "png", "tif"]),
    )
)


def test_plain_names():
    assert stems(["a.jpg", "b.c.png", "noext", ".hidden"], {}) == {
        "a.jpg": "a",
        "b.c.png": "b.c",
        "noext": "noext",
        ".hidden": ".hidden",
    }


def test_names_that_differ_in_the_suffix_only():
    assert stems(["a.jpg", "a.png", "b.jpg"], {}) == {
        "a.jpg": "a.jpg",
        "a.png": "a.png",
        "b.jpg": "b",
    }


def test_names_that_some_file_systems_take_for_one():
    found = stems(["A.jpg", "a.png", "é.jpg", "e\u0301.png"], {})
    assert len({name_key(stem) for stem in found.values()}) == 4


def test_a_name_stays_when_others_come():
    first = stems(["a.jpg"], {})
    assert first == {"a.jpg": "a"}
    assert stems(["a.jpg", "a.png"], first) == {"a.jpg": "a", "a.png": "a.png"}


def test_the_name_of_a_picture_that_is_gone_stays_taken():
    assert stems(["a.png"], {"a.jpg": "a"}) == {"a.png": "a.png"}


@given(NAMES, NAMES)
def test_unique_and_stable(before, later):
    first = stems(before, {})
    second = stems(before | later, first)
    assert second.keys() == before | later
    assert len({name_key(stem) for stem in second.values()}) == len(second)
    assert all(second[name] == stem for name, stem in first.items())
