"""Options as plain data, for dialogs in a Python that does not have mattekit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mattekit.options import OPTIONS
from mattekit_hosts.declarations import declaration, installation_files


@pytest.mark.parametrize("name", OPTIONS)
def test_every_option_is_plain_data_that_says_its_default(name: str) -> None:
    option = OPTIONS[name]
    found = declaration(option)
    assert json.loads(json.dumps(found)) == found
    assert (found["name"], found["label"], found["help"]) == (name, option.label, option.help)
    assert found["kind"] in {"boolean", "choice", "number", "text"}
    if found["default"]:
        assert option.parse(found["default"]) == option.default


@pytest.mark.parametrize("name", OPTIONS)
def test_what_a_dialog_offers_the_core_takes(name: str) -> None:
    found = declaration(OPTIONS[name])
    for word in found.get("words", ()):
        OPTIONS[name].parse(word)
    if found["kind"] == "number":
        for value in (found["minimum"], found["maximum"]):
            OPTIONS[name].parse(f"{value:g}{found['unit']}")


def test_kinds() -> None:
    assert declaration(OPTIONS["crop"])["kind"] == "boolean"
    assert declaration(OPTIONS["refine"])["words"] == ["fast", "balanced", "best"]
    assert declaration(OPTIONS["quality"])["minimum"] == 1
    assert declaration(OPTIONS["bg_color"])["kind"] == "text"


def test_a_variable_wins_over_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def folder() -> str | None:
        files = installation_files("python", launch=True, worker_folder=Path("snap"))
        found: str | None = json.loads(files["settings.json"])["worker_folder"]
        return found

    monkeypatch.delenv("MATTEKIT_WORKER_DIR", raising=False)
    assert folder() == "snap"
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", "/elsewhere")
    assert folder() == "/elsewhere"
