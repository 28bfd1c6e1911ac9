"""The smaller commands, and the command group itself."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

import mattekit as package
from mattekit import threads
from mattekit.runtime import Runtime
from mattekit_cli import app
from support.fake_plugin import Plugin, commands


def test_version(mattekit):
    assert mattekit("--version").stdout == f"mattekit {package.__version__}\n"


COMMANDS = ["remove", "models", "zip2png", "options", "doctor", "plugins", "completion"]


def test_help_names_every_command(mattekit):
    text = mattekit("--help").stdout
    assert all(f"\n  {name}" in text for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_teaches(mattekit, name):
    result = mattekit(name, "-h", terminal_width=100)
    assert result.exit_code == 0
    if name != "models":
        assert f"Examples:\n  mattekit {name}" in result.stdout


def test_a_group_alone_shows_its_help(mattekit):
    for arguments in ([], ["models"]):
        result = mattekit(*arguments)
        assert "Commands:" in result.output
        assert result.exit_code in {0, 2}  # click 8.1, 8.2


def test_unknown_commands_come_with_advice(mattekit):
    result = mattekit("remvoe", "a.jpg")
    assert result.exit_code == 2
    assert "Did you mean 'remove'?" in result.stderr
    assert "mattekit remove photo.jpg" in mattekit("photo.jpg").stderr
    assert len(result.stderr.splitlines()) == 1
    assert mattekit("models", "fecth").exit_code == 2


def test_an_interrupt_is_one_line(mattekit, monkeypatch):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr(Runtime, "shared", interrupt)
    result = mattekit("models", "list")
    assert result.exit_code == 130
    assert result.stderr.strip() == "mattekit: interrupted."


def broken(cli):
    raise ZeroDivisionError("a bug")


def test_a_plugin_adds_commands_but_replaces_none(mattekit, plugins, photo):
    plugins.register(Plugin(mattekit_commands=commands), "polite")
    assert "Say hello." in mattekit("--help").stdout
    assert mattekit("hello").stdout == "hello\n"
    assert mattekit("remove", photo("a.png")).exit_code == 0


def test_a_broken_plugin_breaks_nothing(mattekit, plugins, photo):
    plugins.register(Plugin(mattekit_commands=broken), "broken")
    plugins.register(Plugin(mattekit_commands=commands), "polite")
    result = mattekit("--help")
    assert result.exit_code == 0
    assert "hello" in result.stdout
    assert "broken" in result.stderr
    assert mattekit("hello").stdout == "hello\n"
    assert mattekit("remove", photo("a.png")).exit_code == 0
    assert "ZeroDivisionError" in mattekit("plugins").stdout


@pytest.mark.parametrize("command", [[], ["models"], ["hosts"], ["keys"], ["worker"]])
def test_without_arguments_there_is_the_help(mattekit, command):
    help_page = mattekit(*command, "--help").stdout
    result = mattekit(*command)
    assert result.exit_code in {0, 2}
    assert (result.stdout or result.stderr).strip() == help_page.strip()


def test_python_m_mattekit_is_the_command():
    result = subprocess.run(
        [sys.executable, "-m", "mattekit", "--version"], capture_output=True, text=True, check=True
    )
    assert result.stdout == f"mattekit {package.__version__}\n"


def test_of_options_that_are_alike_the_closest_is_named(mattekit):
    result = mattekit("remove", "a.png", "--bg-colour", "white")
    assert result.exit_code == 2
    assert result.stderr == (
        "mattekit: No such option '--bg-colour'. Did you mean '--bg-color'? "
        "Try 'mattekit remove --help'.\n"
    )
    assert "Did you mean" not in mattekit("remove", "--xyzzy").stderr


def test_a_picture_without_a_command_is_told_which(mattekit):
    said = mattekit("photo.jpg").stderr
    assert "To cut out a picture: `mattekit remove photo.jpg`. Try 'mattekit --help'." in said
    assert mattekit("help").stderr == "mattekit: No such command 'help'. Try 'mattekit --help'.\n"


def test_what_click_says_is_a_sentence(mattekit):
    assert mattekit("options", "nonsense").stderr == (
        "mattekit: Got unexpected extra argument (nonsense). Try 'mattekit options --help'.\n"
    )


def test_threads_that_wait_for_work_do_not_hold_up_the_end(monkeypatch) -> None:
    monkeypatch.setattr(threads, "cores", lambda: 2)
    begun = threading.Event()
    with threads.beside(begun.set):
        assert begun.wait(30)
    helpers = [each for each in threading.enumerate() if each.name.startswith(threads.HELPER)]
    assert helpers
    assert not set(helpers).intersection(app._others())
