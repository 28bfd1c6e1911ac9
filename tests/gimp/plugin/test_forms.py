"""Dialogs out of the declared options."""

from __future__ import annotations

import pytest

from mattekit.options import OPTIONS
from mattekit_gimp.plugin import forms
from mattekit_gimp.plugin.forms import Form
from mattekit_hosts.declarations import declaration

DECLARED = [declaration(option) for option in OPTIONS.values()]


def test_every_option_can_be_asked_for_and_means_its_default():
    form = Form(DECLARED)
    given_back = form.values([parameter[3] for parameter in form.parameters()])
    for name, option in OPTIONS.items():
        if option.default_text:
            assert option.parse(given_back[name]) == option.default, name


def test_parameters_are_what_gimpfu_takes():
    form = Form.of(DECLARED, ["type", "refine", "specks", "semitransparency", "quality", "model"])
    kind, refine, specks, toggle, quality, model = form.parameters()
    assert kind[:4] == (1013, "type", "Kind of subject:", 0)
    assert kind[4][:2] == ("Auto", "Person")
    assert refine[:2] == (1008, "refine")
    assert refine[3:] == (
        "balanced", (("Fast", "fast"), ("Balanced", "balanced"), ("Best", "best")),
    )  # fmt: skip
    assert specks == (1001, "specks", "Remove specks (%):", 0.0, (0, 100, 0.1))
    assert toggle == (1000, "semitransparency", "Semi-transparency", True)
    assert quality == (1002, "quality", "Quality:", 90, (1, 100, 1))
    assert model == (4, "model", "Model:", "auto")


def test_values_are_what_the_worker_takes():
    form = Form.of(DECLARED, ["type", "refine", "specks", "semitransparency", "model"])
    values = form.values([1, "best", 2.5, 0, ""])
    assert values == {
        "type": "person", "refine": "best", "specks": "2.5%", "semitransparency": "false",
        "model": "auto",
    }  # fmt: skip


def test_a_number_that_stands_for_nothing():
    with pytest.raises(ValueError, match=r"Kind of subject 8: expected one of 0 auto, 1 person"):
        Form.of(DECLARED, ["type"]).values([8])


def test_words_of_an_option():
    assert forms.words(DECLARED[0])[:2] == ["auto", "person"]
