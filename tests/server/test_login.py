"""Logging in by page: the way through the issuer, and everything that must not pass for it."""

from __future__ import annotations

import base64
import hashlib
import re

import httpx
import pytest

from mattekit_server.login import Attempt
from support.server.issuer import ISSUER, PAGE, FakeIssuer
from support.server.logins import answering, begin, come_back, logged_in
from support.server.pictures import Make, TestClient


def cookie_of(answer: httpx.Response, name: str) -> str:
    found = [each for each in answer.headers.get_list("set-cookie") if each.startswith(name)]
    assert len(found) == 1
    return found[0]


def test_the_whole_way(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    asked = begin(client, "/login?next=/account/use")
    assert asked["response_type"] == "code"
    assert asked["redirect_uri"] == f"{PAGE}/login/callback"
    assert asked["scope"] == "openid"
    answering(fake_issuer, asked["nonce"], name="Alice")
    answer = come_back(client, asked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/use")
    cookie = cookie_of(answer, "mattekit-session=").lower()
    assert "; httponly" in cookie
    assert "; samesite=lax" in cookie
    assert "max-age" not in cookie  # ends with the browser
    (form,) = fake_issuer.forms
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == asked["code_challenge"]
    assert (form["client_id"], form["redirect_uri"]) == ("page", asked["redirect_uri"])
    session = client.get("/account/session").json()["data"]
    assert session["name"] == "Alice"
    assert session["subject"] == "alice"
    assert session["account"] == {"credits": 10, "free_calls": 2}


def test_cookies_behind_https(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc(public_url="https://matte.example")
    client.base_url = "https://matte.example"
    asked = begin(client)
    answering(fake_issuer, asked["nonce"])
    cookie = cookie_of(come_back(client, asked), "__Host-mattekit-session=").lower()
    assert "; secure" in cookie
    assert "; path=/" in cookie
    assert "domain" not in cookie


def test_the_same_account_as_with_tokens(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    headers = {"Authorization": f"Bearer {fake_issuer.token()}"}
    assert client.get("/v1.0/account", headers=headers).status_code == 200
    logged_in(client, fake_issuer)
    assert len(client.app.state.service.keys.records()) == 1


def test_a_client_with_a_secret(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc(client_id="a page", client_secret="s:%")
    asked = begin(client)
    fake_issuer.answer = lambda form: httpx.Response(
        200,
        json={
            "id_token": fake_issuer.sign(
                fake_issuer.claims(aud="a page", nonce=asked["nonce"]), typ="JWT"
            )
        },
    )
    assert come_back(client, asked).status_code == 303
    expected = base64.b64encode(b"a+page:s%3A%25").decode()
    assert fake_issuer.headers[0]["authorization"] == f"Basic {expected}"
    assert "client_secret" not in fake_issuer.forms[0]


def test_a_secret_in_the_body(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    fake_issuer.said = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    client = make_oidc(client_secret="secret")
    logged_in(client, fake_issuer)
    assert fake_issuer.forms[0]["client_secret"] == "secret"
    assert "authorization" not in fake_issuer.headers[0]


def test_answers_that_are_not_the_issuer_s(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    for query in (
        {"state": "another"},
        {"state": ""},
        {"state": "\xed\xa0\x80"},
        {"iss": "https://other.example"},
        {"code": ""},
        {"code": "c" * 5000},
        {"error": "access_denied", "code": ""},
        {"error": "<script>alert(1)</script>"},
    ):
        asked = begin(client)
        answering(fake_issuer, asked["nonce"])
        answer = come_back(client, asked, **query)
        assert answer.status_code == 400, query
        assert answer.headers["content-type"].startswith("text/html")
        assert "<script" not in answer.text
        assert fake_issuer.forms == []
        assert client.get("/account/session").status_code == 401
        # And the attempt is over.
        assert come_back(client, asked).status_code == 400


def test_an_issuer_that_says_that_it_names_itself(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    fake_issuer.said = {"authorization_response_iss_parameter_supported": True}
    client = make_oidc()
    asked = begin(client)
    answering(fake_issuer, asked["nonce"])
    assert come_back(client, asked, iss="").status_code == 400
    fake_issuer.said = {}


def test_a_login_that_another_browser_began(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    asked = begin(client)
    answering(fake_issuer, asked["nonce"])
    client.cookies.clear()
    assert come_back(client, asked).status_code == 400


def test_id_tokens_that_are_refused(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    for claims in ({"nonce": "another"}, {"aud": "other"}, {"exp": 1}, {"iss": "x"}):
        asked = begin(client)
        said = fake_issuer.claims(**{"aud": "page", "nonce": asked["nonce"], **claims})
        token = fake_issuer.sign(said, typ="JWT")
        fake_issuer.answer = lambda form, token=token: httpx.Response(200, json={"id_token": token})
        assert come_back(client, asked).status_code == 401
        assert client.get("/account/session").status_code == 401


def test_answers_of_the_token_endpoint(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    for answer, status in (
        (httpx.Response(400, json={"error": "invalid_grant"}), 400),
        (httpx.Response(200, json={"access_token": "x"}), 400),
        (httpx.Response(200, json={"id_token": 7}), 400),
        (httpx.Response(200, json=[]), 503),
        (httpx.Response(500, json={}), 503),
        (httpx.Response(302, headers={"Location": "http://127.0.0.1/"}), 503),
    ):
        asked = begin(client)
        fake_issuer.answer = lambda form, answer=answer: answer
        assert come_back(client, asked).status_code == status


def test_an_issuer_that_is_away(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    fake_issuer.away = True
    answer = client.get("/login", headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert "not reachable" in answer.text
    fake_issuer.away = False


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/%2Fevil.example",
        "javascript:alert(1)",
        "/a\r\nSet-Cookie: x=y",
        "/a?b",
        "account",
        "",
        "/" + "a" * 300,
    ],
)
def test_a_login_never_leads_to_another_host(path: str) -> None:
    assert Attempt.begin(path).path == "/account"


def test_an_attempt_comes_back_from_its_cookie() -> None:
    attempt = Attempt.begin("/account/keys")
    assert Attempt.from_cookie(attempt.cookie) == attempt
    for text in ("", "a:b:c:/", attempt.cookie + "?", attempt.cookie.replace("/", "//")):
        assert Attempt.from_cookie(text) is None


def test_only_under_its_own_name(make_oidc: Make) -> None:
    client = make_oidc()
    for path in ("/login", "/account", "/account/session", "/login/callback"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "wrong_host")


def test_no_other_origin_reads_it(make_oidc: Make) -> None:
    client = make_oidc()
    for path in ("/account", "/account/session", "/login/callback", "/account/"):
        closed(client, path)


def closed(client: TestClient, path: str) -> None:
    answer = client.get(path, headers={"Origin": "https://evil.example"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    policy = answer.headers["Content-Security-Policy"]
    assert re.match(r"default-src 'none';.*frame-ancestors 'none'", policy)
    assert "unsafe" not in policy
    preflight = client.options(path, headers={"Origin": "https://evil.example"})
    assert preflight.status_code == 405
    assert "Access-Control-Allow-Origin" not in preflight.headers


def test_logging_out(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    session = logged_in(client, fake_issuer)
    kept = dict(client.cookies)
    assert client.post("/logout").status_code == 403  # not from a page
    answer = client.post("/logout", headers={"X-CSRF-Token": session["csrf_token"]})
    assert answer.json() == {"data": {"issuer_logout_url": f"{ISSUER}/end"}}
    assert client.get("/account/session").status_code == 401
    client.cookies.update(kept)  # nor does the old name work
    assert client.get("/account/session").status_code == 401


def test_each_login_is_a_new_session(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    first = logged_in(client, fake_issuer)
    name = client.cookies["mattekit-session"]
    second = logged_in(client, fake_issuer)
    assert client.cookies["mattekit-session"] != name
    assert first["csrf_token"] != second["csrf_token"]
