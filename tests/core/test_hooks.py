from __future__ import annotations

import importlib.metadata
import types

import numpy as np
import pytest

from mattekit import Cutout, ModelCard, Options, Step, hookimpl
from mattekit.errors import ForegroundNotFound, PluginError
from mattekit.formats import OutputFormat, plugin_formats
from mattekit.models import plugin_models
from mattekit.plugins import Plugins
from mattekit.steps import postprocess


def plugin(**functions):
    """A plug-in whose hooks are `functions`."""
    return types.SimpleNamespace(
        **{name: hookimpl(function) for name, function in functions.items()}
    )


@pytest.fixture
def plugins():
    return Plugins(load=False)


@pytest.fixture
def cutout():
    return Cutout(np.zeros((2, 3, 3), np.uint8), np.full((2, 3), 255, np.uint8))


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


def test_models_and_formats_are_collected(plugins):
    card = ModelCard("mine")
    form = OutputFormat("xyz", (".xyz",), "image/x-xyz", lambda cutout, options: b"")
    plugins.register(plugin(mattekit_models=lambda: [card], mattekit_formats=lambda: [form]), "x")
    assert plugin_models(plugins) == (card,)
    assert plugin_formats(plugins) == {"xyz": form}


def test_wrong_things_are_refused(plugins):
    plugins.register(plugin(mattekit_models=lambda: ["u2net"]), "x")
    with pytest.raises(
        PluginError, match="plug-in x: mattekit_models gave 'u2net', expected ModelCard"
    ):
        _ = plugin_models(plugins)


def test_names_are_taken_once(plugins):
    for name in ("x", "y"):
        plugins.register(plugin(mattekit_models=lambda: [ModelCard("mine")]), name)
    with pytest.raises(PluginError, match="'mine', a name that is taken"):
        _ = plugin_models(plugins)


def test_a_hook_that_does_not_exist_is_refused_at_once(plugins):
    with pytest.raises(PluginError, match="mattekit_stepz"):
        plugins.register(plugin(mattekit_stepz=lambda: []), "typo")
    assert plugins.names() == []


def test_an_argument_that_does_not_exist_is_refused_at_once(plugins):
    with pytest.raises(PluginError, match="typo"):
        plugins.register(plugin(mattekit_commands=lambda typo: None), "typo")


def test_broken_distributions_are_left_out_with_a_reason(monkeypatch, caplog):
    entries = [
        importlib.metadata.EntryPoint("gone", "no_such_module_anywhere", "mattekit"),
        importlib.metadata.EntryPoint("fine", "types", "mattekit"),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)
    found = Plugins()
    assert found.names() == ["fine"]
    assert "ModuleNotFoundError" in found.failures["gone"]
    assert "left out" in caplog.text


def test_plugins_can_be_switched_off(monkeypatch):
    entries = [importlib.metadata.EntryPoint(n, "types", "mattekit") for n in ("a", "b")]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "a")
    assert Plugins().names() == ["b"]
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    assert Plugins().names() == []
