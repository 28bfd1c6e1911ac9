"""Flags for logins become settings, or one sentence that says which flag is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import click.testing
import pytest

from mattekit_server.oidc_flags import add_oidc_flags, oidc_settings

pytest.importorskip("joserfc", reason="the extra `oidc` is not installed")


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ISSUER", "SECRET", "CLIENT_ID", "AUDIENCE"):
        monkeypatch.delenv(f"MATTEKIT_OIDC_{name}", raising=False)
    monkeypatch.delenv("MATTEKIT_PUBLIC_URL", raising=False)


def settings(*arguments: str, host: str = "127.0.0.1") -> tuple[Any, dict[str, Any], str]:
    """What a command makes of its flags, what is left of them, and what it says."""
    made: list[Any] = []

    @click.command()
    @click.option("--port", default=8000)
    @add_oidc_flags
    def serve(**values: Any) -> None:
        made.append(oidc_settings(values, host, values["port"]))
        made.append(values)

    result = click.testing.CliRunner().invoke(serve, arguments)
    return *(made or [None, {}]), result.output


def test_without_an_issuer_there_are_none() -> None:
    assert settings()[:2] == (None, {"port": 8000})


@pytest.mark.parametrize("flag", ["--oidc-client-id", "--oidc-audience"])
def test_flags_that_say_nothing_without_an_issuer(flag: str) -> None:
    assert "--oidc-issuer" in settings(flag, "x")[2]


def test_a_server_for_others_needs_an_address() -> None:
    issuer = ("--oidc-issuer", "https://issuer.example")
    assert "--public-url" in settings(*issuer, host="0.0.0.0")[2]
    found, left, _ = settings(*issuer)
    assert found.public_url == "http://127.0.0.1:8000"
    assert left == {"port": 8000}


def test_every_flag_arrives(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hush\n")
    found, _, said = settings(
        *("--oidc-issuer", "https://issuer.example", "--public-url", "https://m.example/"),
        *("--oidc-audience", "us", "--oidc-scope", "a b", "--oidc-any-jwt"),
        *("--oidc-client-id", "web", "--oidc-secret-file", str(tmp_path / "secret")),
        *("--oidc-device-client-id", "tv", "--oidc-create-accounts", "--oidc-credits", "2"),
        *("--oidc-free-calls", "3"),
    )
    assert said == ""
    assert (found.issuer, found.public_url) == ("https://issuer.example", "https://m.example")
    assert (found.audience, found.scope, found.client_id) == ("us", "a b", "web")
    assert (found.client_secret, found.device_client_id) == ("hush", "tv")
    assert (found.create_accounts, found.credits, found.free_calls) == (True, 2.0, 3)
    assert "jwt" in found.token_types


def test_the_secret_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATTEKIT_OIDC_SECRET", "quiet")
    found, _, _ = settings("--oidc-issuer", "https://issuer.example")
    assert found.client_secret == "quiet"
    assert "jwt" not in found.token_types
