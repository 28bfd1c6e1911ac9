"""`mattekit doctor`: what is well, and what is not."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from mattekit import hooks
from mattekit.runtime import ProviderFacts
from support.fake_plugin import Plugin

HEALTHY = ProviderFacts(
    "1.18", {"onnxruntime": "1.18"}, ("CPUExecutionProvider",),
    {"cpu": ("CPUExecutionProvider",)}, {}, (),
)  # fmt: skip


@pytest.fixture
def machine(runtime, monkeypatch):
    """Set what the runtime says of the devices; the built-in model is the fake one."""
    runtime.use("builtin", runtime.session())

    def say(**facts):
        monkeypatch.setattr(runtime, "providers", lambda: HEALTHY._replace(**facts))

    say()
    return say


def findings(result):
    return {each["name"]: each for each in json.loads(result.stdout)["findings"]}


def test_a_healthy_machine(mattekit, machine):
    result = mattekit("doctor")
    assert result.exit_code == 0
    assert result.stdout.endswith("mattekit works.\n")
    assert "onnxruntime 1.18 runs on cpu (CPUExecutionProvider); no GPU is in use" in result.stdout
    assert "the built-in model loads in" in result.stdout
    told = [line[14:] for line in result.stdout.splitlines() if line[2:4] == "  "]
    assert len(set(told)) == len(told)
    assert result.stdout.count("builtin.onnx") <= 1
    report = json.loads(mattekit("doctor", "--json").stdout)
    assert report["works"] is True
    names = [each["name"] for each in report["findings"]]
    assert list(dict.fromkeys(names)) == [
        "system", "packages", "devices", "builtin", "models", "variables", "plug-ins", "editors",
    ]  # fmt: skip


def test_two_wheels_and_a_device_that_fails_are_warnings(mattekit, machine):
    machine(problems=("Several onnxruntime wheels are installed.", "cuda: libcudnn is missing"))
    result = mattekit("doctor")
    assert result.exit_code == 0
    assert "!!  devices   Several onnxruntime wheels" in result.stdout
    assert "!!  devices   cuda: libcudnn is missing" in result.stdout


def test_what_is_broken_is_said_and_the_rest_is_still_examined(
    mattekit, machine, runtime, monkeypatch
):
    def fail():
        raise ImportError("DLL load failed")

    monkeypatch.setattr(runtime, "providers", fail)
    result = mattekit("doctor")
    assert result.exit_code == 1
    assert "XX  devices   ImportError: DLL load failed" in result.stdout
    assert "  editors  " in result.stdout
    assert result.stdout.endswith("Something is broken.\n")


def test_a_model_that_is_incomplete(mattekit, machine, runtime):
    runtime.store.folder.mkdir()
    runtime.store.path("u2netp").write_bytes(b"half")
    result = mattekit("doctor")
    assert result.exit_code == 1
    assert "mattekit models fetch u2netp" in result.stdout


def test_settings_and_plugins_are_part_of_the_report(mattekit, machine, plugins, monkeypatch):
    plugins.failures["old"] = "cannot be imported"

    def hosts():
        return [
            hooks.Host("paint", "Paint", lambda: [hooks.HostCopy(Path("paint.exe"), "3", True)])
        ]

    plugins.register(Plugin(mattekit_hosts=hosts), "painter")
    result = mattekit("doctor", env={"MATTEKIT_OFFLINE": "1"})
    assert result.exit_code == 0
    assert "MATTEKIT_OFFLINE=1" in result.stdout
    assert "old is left out: cannot be imported" in result.stdout
    assert "ok  editors   Paint 3 at paint.exe" in result.stdout


def test_programs_that_are_not_here_take_one_line(mattekit, machine, plugins):
    hosts = [hooks.Host("paint", "Paint", list), hooks.Host("pencil", "Pencil", list)]
    plugins.register(SimpleNamespace(mattekit_hosts=hooks.hookimpl(lambda: hosts)), "painter")
    result = mattekit("doctor")
    (line,) = [each for each in result.stdout.splitlines() if "not found" in each]
    assert line.endswith("editors   not found: Paint, Pencil")
