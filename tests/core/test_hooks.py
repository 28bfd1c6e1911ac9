from __future__ import annotations

import pytest

from mattekit.errors import PluginError
from support.plugins import plugin


def test_a_hook_that_does_not_exist_is_refused_at_once(plugins):
    with pytest.raises(PluginError, match="mattekit_stepz"):
        plugins.register(plugin(mattekit_stepz=lambda: []), "typo")
    assert plugins.names() == []


def test_an_argument_that_does_not_exist_is_refused_at_once(plugins):
    with pytest.raises(PluginError, match="typo"):
        plugins.register(plugin(mattekit_commands=lambda typo: None), "typo")
