"""Steps of plug-ins, and what they may do wrong."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit import Options, Step
from mattekit.errors import ForegroundNotFound, PluginError
from mattekit.steps import postprocess
from support.plugins import plugin


def brighten(by):
    return lambda cutout, options: cutout.replace(color=cutout.color + np.uint8(by))


def double(cutout, options):
    return cutout.replace(color=cutout.color * np.uint8(2))


def test_steps_run_in_their_order(plugins, cutout):
    plugins.register(plugin(mattekit_steps=lambda: [Step("b", double, order=5)]), "one")
    plugins.register(plugin(mattekit_steps=lambda: [Step("a", brighten(3), order=-1)]), "two")
    assert (postprocess(cutout, Options(), plugins).color == 6).all()


def test_without_plugins_the_cutout_is_the_same_object(plugins, cutout):
    assert postprocess(cutout, Options(), plugins) is cutout


def test_a_defect_is_named_with_its_cause(plugins, cutout):
    plugins.register(plugin(mattekit_steps=lambda: [Step("bad", lambda c, o: 1 / 0)]), "x")
    with pytest.raises(PluginError, match="plug-in bad: failed with ZeroDivisionError") as caught:
        postprocess(cutout, Options(), plugins)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_step_must_return_a_cutout(plugins, cutout):
    plugins.register(plugin(mattekit_steps=lambda: [Step("lazy", lambda c, o: None)]), "x")
    with pytest.raises(PluginError, match="returned a NoneType, expected Cutout"):
        postprocess(cutout, Options(), plugins)


def test_an_answer_to_the_user_passes_through(plugins, cutout):
    def refuse(cutout, options):
        raise ForegroundNotFound("x.jpg")

    plugins.register(plugin(mattekit_steps=lambda: [Step("strict", refuse)]), "x")
    with pytest.raises(ForegroundNotFound):
        postprocess(cutout, Options(), plugins)
