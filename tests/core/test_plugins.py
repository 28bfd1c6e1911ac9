"""Plug-ins are registered, collected from, and left out where they are broken."""

from __future__ import annotations

import importlib.metadata

import pytest

from mattekit import ModelCard
from mattekit.errors import PluginError
from mattekit.formats import OutputFormat, plugin_formats
from mattekit.models import plugin_models
from mattekit.plugins import Plugins
from support.plugins import plugin


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
