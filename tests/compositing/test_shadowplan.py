"""Which shadow a subject gets."""

from __future__ import annotations

import pytest

from mattekit.compositing import plan_shadow
from mattekit.cropping import frame
from mattekit.options import KINDS, Options
from mattekit.subject import subject_box
from support.subjects import standing


def test_auto_by_kind_as_documented():
    expected = {
        "car": "car",
        "product": "drop",
        "person": "3D",
        "animal": "drop",
        "transportation": "3D",
        "graphic": "drop",
        "other": "drop",
    }
    assert set(expected) == set(KINDS)
    for kind, name in expected.items():
        assert plan_shadow(standing(kind), Options(shadow_type="auto"))[0] == name


@pytest.mark.parametrize(
    ("kind", "options", "choice"),
    [
        ("car", {}, None),
        ("car", {"shadow_type": "car"}, ("car", 0.9)),
        ("person", {"shadow_type": "3D"}, ("3D", 0.5)),
        ("person", {"shadow_type": "drop", "shadow_opacity": 30}, ("drop", 0.3)),
        ("car", {"add_shadow": True}, ("car", 0.9)),
        ("product", {"add_shadow": True}, None),
        ("car", {"add_shadow": True, "shadow_type": "drop"}, ("drop", 0.9)),
        ("person", {"shadow_type": {"person": "3D"}}, ("3D", 0.5)),
        ("product", {"shadow_type": {"person": "3D"}}, None),
        ("product", {"shadow_type": "product=drop,person=3D"}, ("drop", 0.5)),
        ("animal", {"shadow_type": "drop", "shadow_opacity": "animal=12"}, ("drop", 0.12)),
        ("person", {"shadow_type": "drop", "shadow_opacity": "animal=12"}, ("drop", 0.5)),
        ("product", {"shadow_type": "car"}, ("car", 0.5)),  # who names it gets it
    ],
)
def test_choice(kind, options, choice):
    shadow = plan_shadow(standing(kind), Options(**options))
    assert shadow == (None if choice is None else (choice[0], pytest.approx(choice[1])))


def test_a_person_cut_off_by_the_photo_gets_no_ground():
    cutout = standing("person")
    cut_off = cutout.replace(alpha=cutout.alpha[:200], color=cutout.color[:200])
    cut_off = cut_off.replace(box=subject_box(cut_off.alpha))
    options = Options(shadow_type="auto")
    assert plan_shadow(cut_off, options)[0] == "drop"
    assert plan_shadow(frame(cut_off, Options(crop=True)), options)[0] == "drop"
    assert plan_shadow(frame(cutout, Options(crop=True)), options)[0] == "3D"
    assert plan_shadow(cut_off, Options(shadow_type="3D"))[0] == "3D"
