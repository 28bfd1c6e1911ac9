"""`mattekit plugins`."""

from __future__ import annotations

import json

from support.fake_plugin import Plugin


def test_plugins_are_listed(mattekit, plugins):
    assert "No plug-ins" in mattekit("plugins").stderr
    plugins.register(Plugin(mattekit_steps=lambda: [], mattekit_commands=lambda cli: None), "both")
    plugins.failures["late"] = "cannot be imported"
    assert (
        mattekit("plugins").stdout == "both: commands, steps\nlate: left out: cannot be imported\n"
    )
    both, late = json.loads(mattekit("plugins", "--json").stdout)
    assert both == {"name": "both", "hooks": ["commands", "steps"], "problem": None}
    assert late["problem"] == "cannot be imported"
