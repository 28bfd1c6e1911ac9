"""Completion in shells."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete

from mattekit_cli.app import cli


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_each_shell(mattekit, shell):
    if shell == "bash" and not shutil.which("bash"):
        pytest.skip("click asks bash for its version")
    result = mattekit("completion", shell)
    assert result.exit_code == 0
    assert "_MATTEKIT_COMPLETE" in result.stdout


def typed(words, last, shell="bash"):
    """Return what a shell is told when it asks what may follow."""
    code = "import sys; sys.argv[0] = 'mattekit'; from mattekit_cli import main; main()"
    environment = {
        "_MATTEKIT_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": " ".join([*words, last]),
        "COMP_CWORD": last if shell == "fish" else str(len(words)),
        "PYTHONPATH": ":".join(sys.path),
        "MATTEKIT_PLUGINS_OFF": "*",
    }
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    return result.stdout.splitlines()


def complete(words, last):
    found = ShellComplete(cli, {}, "mattekit", "_MATTEKIT_COMPLETE").get_completions(words, last)
    return [item.value for item in found]


def test_commands_flags_and_values_are_completed():
    assert complete([], "rem") == ["remove"]
    assert complete(["remove"], "--crop-m") == ["--crop-margin"]
    assert complete(["remove", "--type"], "ca") == ["car"]
    assert complete(["remove", "--model"], "u2netp") == ["u2netp"]
    assert complete(["models", "fetch"], "silu") == ["silueta"]


def test_words_within_values_are_completed():
    assert complete(["remove", "--bg-color"], "Gold") == ["gold", "goldenrod"]
    assert complete(["remove", "--bg-color"], "transp") == ["transparent"]
    assert complete(["batch", "a", "b", "--shadow-type"], "3d") == ["3D"]
    assert complete(["remove", "--subjects"], "lar") == ["largest"]
    assert complete(["remove", "--position"], "") == ["original", "center"]


@pytest.mark.slow
def test_files_are_left_to_the_shell():
    for words in (
        ["mattekit", "remove"],
        ["mattekit", "remove", "-o"],
        ["mattekit", "remove", "--bg-image"],
        ["mattekit", "remove", "--model"],
        ["mattekit", "zip2png"],
    ):
        assert typed(words, "holiday/") == ["file,holiday/"]
    assert typed(["mattekit", "remove", "--output-directory"], "cut") == ["dir,cut"]


def test_fish_shows_descriptions_with_commas(mattekit):
    script = mattekit("completion", "fish").stdout
    assert "split --max 1" in script
    shown = typed(["mattekit"], "doc", shell="fish")
    assert shown == [
        "plain,doctor\tExamine the installation: versions, devices, models, plug-ins, editors."
    ]
