"""The smaller commands, and the command group itself."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

import mattekit as package
from mattekit import hooks
from mattekit.options import OPTIONS, Options
from mattekit.runtime import ProviderFacts, Runtime
from mattekit_cli.console import colored


class Plugin:
    """A plug-in made of functions."""

    def __init__(self, **functions):
        for name, function in functions.items():
            setattr(self, name, hooks.hookimpl(function))


@pytest.fixture
def plugins(monkeypatch):
    plugins = hooks.Plugins(load=False)
    monkeypatch.setattr("mattekit.plugins._shared", [plugins])
    return plugins


# -- the group ---------------------------------------------------------------------------------


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


# -- commands of plug-ins ----------------------------------------------------------------------


def commands(cli):
    @cli.command("hello", help="Say hello.")
    def hello():
        click.echo("hello")

    @cli.command("remove")
    def remove():
        click.echo("not ours")


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


# -- options -----------------------------------------------------------------------------------


def test_the_table_of_options(mattekit):
    lines = mattekit("options").stdout.splitlines()
    assert lines[0].split()[:2] == ["OPTION", "VALUES"]
    assert [line.split()[0] for line in lines[1:]] == [
        f"--{name.replace('_', '-')}" for name in OPTIONS
    ]


def test_the_declarations_for_machines(mattekit):
    found = {each["name"]: each for each in json.loads(mattekit("options", "--json").stdout)}
    assert list(found) == list(OPTIONS)
    assert found["crop"]["negative_flag"] == "--no-crop"
    assert found["size"]["schema"]["enum"][0] == "original"
    assert found["size"]["api_default"] == "preview"
    written = {name: each["default"] for name, each in found.items() if each["default"]}
    assert Options.parse(written) == Options()


def test_the_table_for_documents(mattekit):
    text = mattekit("options", "--markdown").stdout
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == len(OPTIONS)
    assert {row.replace("\\|", "").count("|") for row in rows} == {5}


# -- zip2png -----------------------------------------------------------------------------------


def test_a_zip_becomes_a_png(mattekit, photo):
    from PIL import Image

    assert mattekit("remove", photo("a.png"), "--format", "zip").exit_code == 0
    result = mattekit("zip2png", "a-removebg.zip")
    assert result.exit_code == 0, result.output
    assert result.stdout == "a-removebg.zip -> a-removebg.png\n"
    with Image.open("a-removebg.png") as image:
        assert (image.mode, image.size) == ("RGBA", (64, 48))
    assert mattekit("zip2png", "a-removebg.zip", "other.png").exit_code == 0
    assert Path("other.png").read_bytes() == Path("a-removebg.png").read_bytes()


def test_what_is_no_zip(mattekit, photo):
    for name in ("nope.zip", photo("a.png")):
        result = mattekit("zip2png", name, "out.png")
        assert result.exit_code == 1
        assert len(result.stderr.splitlines()) == 1
        assert name in result.stderr
        assert not Path("out.png").exists()


def test_the_png_does_not_overwrite_the_zip(mattekit, photo):
    Path(photo("a.png")).rename("zip.png")
    before = Path("zip.png").read_bytes()
    assert mattekit("zip2png", "zip.png").exit_code != 0
    assert Path("zip.png").read_bytes() == before


# -- completion --------------------------------------------------------------------------------


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


# -- doctor ------------------------------------------------------------------------------------

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
    assert "cpu is really active: CPUExecutionProvider" in result.stdout
    assert "the built-in model loads in" in result.stdout
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


def test_no_color_is_obeyed(monkeypatch):
    assert colored("mattekit: ", "red") != "mattekit: "
    monkeypatch.setenv("NO_COLOR", "1")
    assert colored("mattekit: ", "red") == "mattekit: "
