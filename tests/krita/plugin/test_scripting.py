"""The function for scripts, on a fake Krita."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mattekit.options import OPTIONS
from mattekit_bridge.settings import Settings
from mattekit_hosts.declarations import declaration, installation_files
from support.krita.bench import Bench


@pytest.fixture
def scripting(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Any:
    from krita import Krita

    from mattekit_krita.plugin import scripting

    declared = [declaration(option) for option in OPTIONS.values()]
    facts = Settings("python", "0", True, None, declared)
    monkeypatch.setattr(scripting, "installed", lambda: facts)
    Krita.activeDocument = lambda: bench.document
    Krita.activeWindow = lambda: None
    bench.document.waitForDone = lambda: None  # type: ignore[attr-defined]
    bench.document.active = bench.layer
    return scripting


def test_the_active_layer_of_the_active_document(bench: Bench, scripting: Any) -> None:
    report = scripting.remove_background(refine="best")
    assert [done.layer for done in report.done] == ["Photo"]
    assert bench.sent[0][1:] == ({"refine": "best"}, "pgm")


def test_layers_that_are_named(bench: Bench, scripting: Any) -> None:
    other = bench.document.add("Other", (10, 20, 4, 3), bytes(48))
    report = scripting.remove_background(bench.document, [other, bench.layer])
    assert [done.layer for done in report.done] == ["Other", "Photo"]


def test_nothing_could_be_done(bench: Bench, scripting: Any) -> None:
    empty = bench.document.add("Empty", (0, 0, 0, 0), b"")
    with pytest.raises(scripting.Failed, match="Empty: ") as caught:
        scripting.remove_background(bench.document, [empty])
    assert not caught.value.report.done
    report = scripting.remove_background(bench.document, [empty, bench.layer])
    assert [name for name, _ in report.failed] == ["Empty"]


def test_wrong_calls(bench: Bench, scripting: Any) -> None:
    from krita import Krita

    with pytest.raises(ValueError, match="no option 'roi'"):
        scripting.remove_background(roi="0")
    Krita.activeDocument = lambda: None
    with pytest.raises(ValueError, match="No document is open"):
        scripting.remove_background()
    assert not bench.sent


def test_facts_lie_beside_the_package(bench: Bench, monkeypatch: Any, tmp_path: Path) -> None:
    from mattekit_krita.plugin import scripting

    package = tmp_path / "mattekit_remove_background"
    (package / "plugin").mkdir(parents=True)
    for name, text in installation_files("python", launch=True, worker_folder=None).items():
        (package / name).write_text(text, "utf-8")
    monkeypatch.setattr(scripting, "__file__", str(package / "plugin" / "scripting.py"))
    assert scripting.installed().python == "python"
    assert json.loads((package / "settings.json").read_text())["python"] == "python"
