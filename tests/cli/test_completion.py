"""Completion in shells."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(mattekit, shell):
    if shell == "bash" and not shutil.which("bash"):
        pytest.skip("click asks bash for its version")
    result = mattekit("completion", shell)
    assert result.exit_code == 0
    assert "_MATTEKIT_COMPLETE" in result.stdout


def complete(words, last):
    code = "import sys; sys.argv[0] = 'mattekit'; from mattekit_cli import main; main()"
    environment = {
        "_MATTEKIT_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join([*words, last]),
        "COMP_CWORD": str(len(words)),
        "PYTHONPATH": ":".join(sys.path),
        "MATTEKIT_PLUGINS_OFF": "*",
    }
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    return [line.partition(",")[2] for line in result.stdout.splitlines()]


def test_commands_flags_and_values_are_completed():
    assert complete(["mattekit"], "rem") == ["remove"]
    assert complete(["mattekit", "remove"], "--crop-m") == ["--crop-margin"]
    assert complete(["mattekit", "remove", "--type"], "ca") == ["car"]
    assert complete(["mattekit", "remove", "--model"], "u2netp") == ["u2netp"]
    assert complete(["mattekit", "models", "fetch"], "silu") == ["silueta"]
