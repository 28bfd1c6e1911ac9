"""Options as plain data, for dialogs in a Python that does not have mattekit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mattekit.options import OPTIONS
from mattekit_bridge.settings import model_choices, read_settings
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


def test_models_that_a_dialog_can_offer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEKIT_MODEL_DIR", str(tmp_path))
    for name, text in installation_files("python", launch=True, worker_folder=None).items():
        (tmp_path / name).write_text(text, "utf-8")
    settings = read_settings(str(tmp_path))
    assert [value for _, value in model_choices(settings)] == ["auto", "builtin"]
    (tmp_path / "u2net.onnx").touch()
    ((label, value),) = model_choices(settings)[2:]
    assert value == "u2net"
    assert label == "U²-Net: all-rounder (u2net)"


def test_a_variable_wins_over_the_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def folder() -> str | None:
        files = installation_files("python", launch=True, worker_folder=Path("snap"))
        found: str | None = json.loads(files["settings.json"])["worker_folder"]
        return found

    monkeypatch.delenv("MATTEKIT_WORKER_DIR", raising=False)
    assert folder() == "snap"
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", "/elsewhere")
    assert folder() == "/elsewhere"
