"""`mattekit keys`, `serve` and `worker` as commands."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import unittest.mock
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from mattekit.errors import MattekitError, OptionError
from mattekit_cli.console import Console
from mattekit_server import plugin, serving
from mattekit_server.keys import KeyStore


@pytest.fixture
def cli() -> click.Group:
    group = click.Group("mattekit")
    plugin.mattekit_commands(group)
    return group


def call(cli: click.Group, *arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments, obj=Console())


def test_keys(cli: click.Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEKIT_KEYS", str(tmp_path / "k" / "keys.sqlite3"))
    assert "keys create" in call(cli, "keys", "list").output
    key = call(cli, "keys", "create", "team", "--credits", "2.5").output.strip()
    assert len(key) == 24
    listed = call(cli, "keys", "list").output
    assert key[:6] in listed
    assert key not in listed
    assert listed.splitlines()[0].split() == (
        ["NUMBER", "KEY", "CREDITS", "FREE", "CALLS", "RATE", "MADE", "STATE", "NAME"]
    )
    assert listed.split()[-1] == "team"
    (summary,) = json.loads(call(cli, "keys", "list", "--json").output)
    assert (summary["credits"], summary["name"], summary["revoked"]) == (2.5, "team", False)
    assert call(cli, "keys", "top-up", "team", "10").output == "key 1 (team): 12.5 credits\n"
    assert call(cli, "keys", "revoke", key).output == "key 1 (team): revoked\n"
    store = KeyStore(tmp_path / "k" / "keys.sqlite3")
    assert store.account(key) is None
    store.close()
    assert isinstance(call(cli, "keys", "revoke", "nobody").exception, MattekitError)


def test_what_a_key_may_do(cli: click.Group, tmp_path: Path) -> None:
    place = ("--database", str(tmp_path / "keys.sqlite3"))
    call(cli, "keys", "create", "team", "--rate", "50", *place)
    assert "50/min" in call(cli, "keys", "list", *place).output
    call(cli, "keys", "change", "team", "--rate", "0", "--free-calls", "7", *place)
    listed = call(cli, "keys", "list", *place).output
    assert "no limit" in listed
    assert "7 of 7" in listed
    call(cli, "keys", "change", "1", "--rate", "default", "--name", "crew", *place)
    listed = call(cli, "keys", "list", *place).output
    assert "default" in listed
    assert "crew" in listed
    for wrong in ("-1", "much"):
        assert call(cli, "keys", "change", "crew", "--rate", wrong, *place).exit_code == 2

    def limits() -> tuple[object, object]:
        (summary,) = json.loads(call(cli, "keys", "list", "--json", *place).output)
        return summary["size"], summary["deadline"]

    assert limits() == (None, None)
    call(cli, "keys", "change", "crew", "--size", "full", "--deadline", "9.5", *place)
    assert limits() == ("full", 9.5)
    call(cli, "keys", "change", "crew", "--size", "default", "--deadline", "default", *place)
    assert limits() == (None, None)
    for flags in (("--size", "huge"), ("--deadline", "soon"), ("--deadline", "-1")):
        assert call(cli, "keys", "change", "crew", *flags, *place).exit_code != 0


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--port", "99999"),
        ("--port", "-1"),
        ("--workers", "0"),
        ("--rate-limit", "-5"),
        ("--concurrency", "-1"),
        ("--batch", "-1"),
        ("--queue", "-1"),
        ("--deadline", "0"),
        ("--max-file-mb", "0"),
        ("--size", "original"),
        ("--access-log", "xml"),
    ],
)
def test_numbers_that_cannot_be_are_refused(cli: click.Group, flag: str, value: str) -> None:
    result = call(cli, "serve", "--no-auth", flag, value)
    assert result.exit_code == 2
    assert f"Invalid value for '{flag}'" in result.output


def test_serve_without_keys_only_on_loopback(cli: click.Group) -> None:
    result = call(cli, "serve", "--no-auth", "--host", "0.0.0.0")
    assert isinstance(result.exception, MattekitError)
    assert "loopback" in str(result.exception)


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("flag", "value"),
    [("--model", "nosuch"), ("--device", "nosuch"), ("--rate-storage", "nosuch://x")],
)
def test_what_cannot_be_served_is_said_before_anything_listens(
    cli: click.Group, monkeypatch: pytest.MonkeyPatch, flag: str, value: str, workers: str
) -> None:
    monkeypatch.setenv("MATTEKIT_SERVER_SETTINGS", "")
    monkeypatch.setattr("uvicorn.run", lambda *_, **__: pytest.fail("it listens"))
    result = call(cli, "serve", "--no-auth", flag, value, "--workers", workers)
    assert isinstance(result.exception, MattekitError), result.output
    assert value in str(result.exception)


def test_the_plugin_costs_nothing() -> None:
    code = (
        "import sys; import mattekit_server.plugin\n"
        "print([n for n in ('starlette', 'uvicorn', 'httpx', 'sqlite3', 'PIL', 'onnxruntime') "
        "if n in sys.modules])"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        ).stdout.strip()
        == "[]"
    )


def test_what_is_missing_is_named(cli: click.Group, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = call(cli, "serve")
    assert result.exit_code == 1
    assert "pip install 'mattekit[server]'" in result.output


@pytest.mark.parametrize(
    ("families", "expected"),
    [
        ([socket.AF_INET6, socket.AF_INET], socket.AF_INET),
        ([socket.AF_INET6], socket.AF_INET6),
    ],
)
def test_a_name_may_lead_to_ipv6_alone(
    monkeypatch: pytest.MonkeyPatch, families: list[int], expected: int
) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *a, **k: [(each,) for each in families])
    made = unittest.mock.Mock()
    monkeypatch.setattr("socket.create_server", made)
    serving._refuse_taken("six", 8000)
    made.assert_called_once_with(("six", 8000), family=expected)


def test_a_port_that_is_taken_is_told_before_a_network_is_loaded(cli: click.Group) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        error = call(cli, "serve", "--no-auth", "--port", str(port), "--model", "none").exception
    assert isinstance(error, OptionError)
    assert error.name == "port"
    assert f"--port {port + 1}" in str(error)
