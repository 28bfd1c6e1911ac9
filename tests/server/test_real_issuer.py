"""Logins and access tokens with an issuer that nobody here wrote: npm's oidc-provider."""

from __future__ import annotations

import base64
import hmac
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytest.importorskip("joserfc", reason="the extra `oidc` is not installed")

from joserfc.jwk import import_key

from mattekit_server.identity import OidcSettings
from support.server.pictures import opened, picture
from support.server.program import Program, free_port, running
from support.server.real_issuer import Person, RealIssuer

pytestmark = [
    pytest.mark.install,
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not here"),
    pytest.mark.skipif(sys.platform == "win32", reason="POSIX programs"),
]

CLIENTS = Path(os.environ.get("MATTEKIT_CLIENTS", "/nowhere"))


@pytest.fixture(scope="module")
def page() -> str:
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory, page: str) -> RealIssuer:
    modules = CLIENTS / "oidc" / "node_modules"
    if not modules.exists():
        pytest.skip(f"no oidc/node_modules under MATTEKIT_CLIENTS ({CLIENTS})")
    return RealIssuer(modules, tmp_path_factory.mktemp("issuer"), free_port(), page)


@pytest.fixture(scope="module")
def server(
    issuer: RealIssuer, page: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    folder = tmp_path_factory.mktemp("server")
    with running(auth=True, database=folder / "keys.sqlite3", **settings(issuer, page)) as program:
        yield program


def settings(issuer: RealIssuer, page: str) -> dict[str, Any]:
    oidc = OidcSettings(
        issuer=issuer.url,
        public_url=page,
        scope="cut",
        client_id="page",
        client_secret="a secret: %&",
        device_client_id="command",
        create_accounts=True,
        credits=10,
    )
    return {"port": int(page.rpartition(":")[2]), "oidc": oidc}


def call(page: str, token: str) -> httpx.Response:
    return httpx.post(
        f"{page}/v1.0/removebg",
        files={"image_file": picture()},
        data={"size": "full"},
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
        timeout=30,
    )


def reason(answer: httpx.Response) -> str:
    assert answer.status_code == 401, answer.text
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    detail: str = answer.json()["errors"][0]["detail"]
    return detail


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_tokens(issuer: RealIssuer, server: Program, page: str) -> None:
    with issuer.running():
        token = issuer.token()
        answer = call(page, token)
        assert answer.status_code == 200, answer.text
        assert opened(answer.content).mode == "RGBA"
        assert answer.headers["X-Credits-Charged"] == "1"

        assert "aud" in reason(call(page, issuer.token("https://other.example")))
        answer = call(page, issuer.token(scope=""))
        assert answer.status_code == 403
        assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]

        head, claims, signature = token.split(".")
        header = json.loads(base64.urlsafe_b64decode(head + "=="))
        for alg in ("none", "HS256", "RS256", "ES384"):
            forged = part({**header, "alg": alg})
            assert reason(call(page, f"{forged}.{claims}.{signature}"))
            assert reason(call(page, f"{forged}.{claims}."))
        for entry in issuer.public_keys():
            public = import_key(entry).as_pem(private=False)  # type: ignore[union-attr]
            signed = f"{part({**header, 'alg': 'HS256', 'kid': entry['kid']})}.{claims}"
            mac = base64.urlsafe_b64encode(hmac.digest(public, signed.encode(), "sha256"))
            assert "public key" in reason(call(page, f"{signed}.{mac.decode().rstrip('=')}"))
        assert "signature" in reason(call(page, f"{head}.{claims[:-4]}AAAA.{signature}"))
        assert "malformed" in reason(call(page, f"{head}.{claims + 'A' * 20_000}.{signature}"))
        answer = call(page, f"{head}.{claims + 'A' * 200_000}.{signature}")
        assert answer.status_code in {400, 431}  # no head of a request is that long


def test_expired(issuer: RealIssuer, server: Program, page: str) -> None:
    with issuer.running(ago=3600):
        token = issuer.token()
    with issuer.running():
        assert "expired" in reason(call(page, token))
    with issuer.running(ago=-3600):
        token = issuer.token()
        assert "iat" in reason(call(page, token))


def test_new_keys_and_an_issuer_that_is_away(issuer: RealIssuer, tmp_path: Path) -> None:
    # A server of its own, which knows nothing of the issuer yet.
    page = f"http://127.0.0.1:{free_port()}"
    issuer = RealIssuer(issuer.modules, tmp_path, free_port(), page)
    with running(auth=True, database=tmp_path / "keys", **settings(issuer, page)):
        new_keys(issuer, page)


def new_keys(issuer: RealIssuer, page: str) -> None:
    with issuer.running("first.json"):
        first = issuer.token()
    answer = call(page, first)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "login_unavailable")
    wait = int(answer.headers["Retry-After"])
    with issuer.running("first.json"):
        ask_again(page, first, wait)
    assert call(page, first).status_code == 200  # away, but its keys are known
    with issuer.running("second.json"):
        second = issuer.token()
        ask_again(page, second, 61)
        assert "signature" in reason(call(page, first))


def ask_again(page: str, token: str, seconds: int) -> None:
    """Call until it works, which it must within so many seconds."""
    import time

    end = time.monotonic() + seconds + 5
    while (answer := call(page, token)).status_code != 200:
        assert time.monotonic() < end, answer.text
        time.sleep(1)


def test_login_by_page(issuer: RealIssuer, server: Program, page: str) -> None:
    person = Person("alice")
    with issuer.running():
        answer = person.log_in(f"{page}/login?next=/account")
        assert (str(answer.url), answer.status_code) == (f"{page}/account", 200)
        said = person.client.get(f"{page}/account/session").json()["data"]
        assert (said["subject"], said["account"]["credits"]) == ("alice", 10)
        headers = {"X-CSRF-Token": said["csrf_token"]}
        keys = f"{page}/account/keys"
        made = person.client.post(keys, json={"name": "laptop"}, headers=headers).json()["data"]
        assert cut_with(page, made["key"]) == 200
        (use,) = person.client.get(f"{page}/account/use").json()["data"]
        assert (use["calls"], use["credits"]) == (1, 1)
        assert person.client.delete(f"{keys}/{made['id']}", headers=headers).status_code == 200
        assert cut_with(page, made["key"]) == 403
        answer = person.client.post(f"{page}/logout", headers=headers)
        assert answer.json()["data"]["issuer_logout_url"] == f"{issuer.url}/session/end"
        assert person.client.get(f"{page}/account/session").status_code == 401
        # Who comes back without having begun here is not let in.
        stranger = Person("mallory")
        stranger.client.get(f"{page}/login")
        url = f"{page}/login/callback?code=made-up&state=made-up&iss={issuer.url}"
        assert stranger.client.get(url).status_code == 400
        stranger.close()
    person.close()


def cut_with(page: str, key: str) -> int:
    answer = httpx.post(
        f"{page}/v1.0/removebg",
        files={"image_file": picture()},
        data={"size": "full"},
        headers={"X-API-Key": key},
        trust_env=False,
        timeout=30,
    )
    return answer.status_code


def mattekit(folder: Path, *arguments: str) -> tuple[list[str], dict[str, Any]]:
    environment = {
        **os.environ,
        "MATTEKIT_LOGINS": str(folder / "logins.json"),
        "MATTEKIT_API_KEY": "",
        "REMOVE_BG_API_KEY": "",
    }
    command = [sys.executable, "-m", "mattekit_cli", *arguments]
    return command, {"cwd": folder, "env": environment, "text": True}


def run(folder: Path, *arguments: str, ok: bool = True) -> str:
    command, options = mattekit(folder, *arguments)
    done = subprocess.run(command, **options, capture_output=True, timeout=120, check=False)
    said: str = done.stdout + done.stderr
    assert (done.returncode == 0) == ok, said
    return said


def test_login_by_device_code(
    issuer: RealIssuer, server: Program, page: str, tmp_path: Path
) -> None:
    (tmp_path / "photo.png").write_bytes(picture())
    with issuer.running():
        assert "mattekit login" in run(tmp_path, "remove", "photo.png", "--server", page, ok=False)
        command, options = mattekit(tmp_path, "login", page)
        with subprocess.Popen(
            command, **options, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as process:
            assert process.stdout is not None
            url = ""
            while not url:
                line = process.stdout.readline()
                assert line, "it ended"
                found = re.search(r"or open (\S+)", line)
                url = found[1] if found else ""
            person = Person("bob")
            assert "Sign-in Success" in person.log_in(url).text
            person.close()
            assert f"logged in to {page}" in process.communicate(timeout=60)[0]
        run(tmp_path, "remove", "photo.png", "--server", page)
        assert opened((tmp_path / "photo-removebg.png").read_bytes()).mode == "RGBA"
        # A token that the server refuses is renewed by itself.
        kept = json.loads((tmp_path / "logins.json").read_text())
        before = kept[page]["tokens"]["refresh"]
        head, claims, _ = kept[page]["tokens"]["access"].split(".")
        kept[page]["tokens"]["access"] = f"{head}.{claims}.{'A' * 86}"
        (tmp_path / "logins.json").write_text(json.dumps(kept))
        run(tmp_path, "remove", "photo.png", "--server", page, "--reprocess-existing")
        renewed = json.loads((tmp_path / "logins.json").read_text())[page]["tokens"]
        assert renewed["refresh"] != before
        said = run(tmp_path, "logout")
        assert said == f"logged out of {page}\n"  # and the issuer was told
        assert not (tmp_path / "logins.json").exists()
        form = {"grant_type": "refresh_token", "refresh_token": renewed["refresh"]}
        form["client_id"] = "command"
        answer = httpx.post(f"{issuer.url}/token", data=form, trust_env=False)
        assert answer.json()["error"] == "invalid_grant"


def test_the_page_in_a_browser(
    issuer: RealIssuer, server: Program, page: str, tmp_path: Path
) -> None:
    chromium = Path(os.environ.get("MATTEKIT_CHROMIUM", "/usr/bin/chromium"))
    modules = CLIENTS / "node" / "node_modules"
    if not chromium.exists() or not (modules / "playwright-core").exists():
        pytest.skip(f"no {chromium}, or no playwright-core under MATTEKIT_CLIENTS ({CLIENTS})")
    script = Path(__file__).parents[1] / "support" / "server" / "account.mjs"
    with issuer.running():
        done = subprocess.run(
            ["node", str(script), page, str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert (seen["name"], seen["credits"]) == ("carol", "10")
    assert seen["row"][0] == "<b>laptop</b>"  # text, never markup
    assert seen["row"][1] == f"{seen['key'][:6]}…"
    assert seen["left"].startswith(f"{issuer.url}/session/end")
    assert seen["faults"] == []
    assert seen["violations"] == []
    assert cut_with(page, seen["key"]) == 403  # it was revoked
