"""Settings of an issuer: what would not be safe is refused before anything listens."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from mattekit.errors import OptionError
from mattekit_cli.console import Console
from mattekit_server import serving
from mattekit_server.commands import keys, serve
from mattekit_server.identity import OidcSettings
from mattekit_server.keys import KeyStore
from mattekit_server.settings import Settings
from support.server.issuer import oidc


@pytest.mark.parametrize(
    "values",
    [
        {"issuer": "http://issuer.example"},
        {"issuer": "issuer.example"},
        {"issuer": "https://user:word@issuer.example"},
        {"issuer": "https://issuer.example\n"},
        {"public_url": "http://matte.example"},
        {"public_url": "https://matte.example/path"},
        {"public_url": "https://Matte.example"},
        {"public_url": ""},
        {"scope": 'a"b'},
        {"scope": "a  b"},
        {"login_scope": "email"},
        {"token_types": ("at+jwt", "jwt"), "audience": "page"},
    ],
    ids=str,
)
def test_what_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(OptionError):
        oidc(**values)


def test_the_secret_is_not_shown() -> None:
    assert "geheim" not in repr(oidc(client_secret="geheim"))


def test_settings_reach_other_processes(tmp_path: Path) -> None:
    settings = Settings(database=tmp_path / "keys", oidc=oidc(scope="cut", client_secret="s"))
    assert Settings.from_json(settings.to_json()) == settings


def test_no_issuer_without_keys() -> None:
    with pytest.raises(OptionError, match="oidc_issuer"):
        Settings(auth=False, oidc=oidc())


# -- the command -----------------------------------------------------------------------------------


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Settings]:
    found: list[Settings] = []
    monkeypatch.setattr(serving, "serve", lambda settings, **_: found.append(settings))
    monkeypatch.setenv("MATTEKIT_KEYS", str(tmp_path / "keys.sqlite3"))
    return found


def invoke(*arguments: str, **environment: str) -> str:
    result = CliRunner().invoke(serve, arguments, env=environment)
    assert result.exit_code == 0, result.output
    return result.output


def test_flags(served: list[Settings], tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("geheim\n")
    invoke(
        *("--oidc-issuer", "https://issuer.example", "--public-url", "https://matte.example/"),
        *("--oidc-client-id", "page", "--oidc-secret-file", str(tmp_path / "secret")),
        *("--oidc-create-accounts", "--oidc-credits", "5", "--oidc-any-jwt"),
    )
    assert served[0].oidc == OidcSettings(
        issuer="https://issuer.example",
        public_url="https://matte.example",
        client_id="page",
        client_secret="geheim",
        token_types=("at+jwt", "jwt"),
        create_accounts=True,
        credits=5,
    )


def test_the_environment(served: list[Settings]) -> None:
    invoke(
        "--port=9000",
        MATTEKIT_OIDC_ISSUER="https://issuer.example",
        MATTEKIT_OIDC_SECRET="geheim",
        MATTEKIT_OIDC_SCOPE="cut",
    )
    assert served[0].oidc is not None
    assert served[0].oidc.client_secret == "geheim"
    assert served[0].oidc.expected_audience == "http://127.0.0.1:9000"


def test_without_an_issuer(served: list[Settings]) -> None:
    invoke()
    assert served[0].oidc is None


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--oidc-client-id", "page"], "--oidc-issuer"),
        (["--oidc-issuer", "https://i.example", "--host", "10.0.0.1"], "--public-url"),
    ],
)
def test_what_is_missing(served: list[Settings], arguments: list[str], word: str) -> None:
    result = CliRunner().invoke(serve, arguments)
    assert result.exit_code == 2
    assert word in result.output


def test_an_account_by_hand(tmp_path: Path) -> None:
    file = tmp_path / "keys.sqlite3"
    arguments = ["user", "alice", "--issuer", "https://i.example", "--credits", "3"]
    result = CliRunner().invoke(keys, [*arguments, "--database", str(file)], obj=Console())
    assert result.output == "key 1 (user alice)\n"
    store = KeyStore(file)
    assert store.records()[0].credits == 3
    store.close()
