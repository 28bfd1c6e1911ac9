"""The API with access tokens: the same answers, an account for each subject, RFC 6750."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit_server.keys import KeyStore
from support.server.issuer import PAGE, FakeIssuer
from support.server.pictures import Make, TestClient, opened, picture

URL = "/v1.0/removebg"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def balance(client: TestClient, token: str) -> tuple[float, int]:
    answer = client.get("/v1.0/account", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    attributes = answer.json()["data"]["attributes"]
    return attributes["credits"]["total"], attributes["api"]["free_calls"]


def cut(client: TestClient, headers: dict[str, str], **data: str):  # type: ignore[no-untyped-def]
    data = {"size": "full", **data}
    return client.post(URL, files={"image_file": picture()}, data=data, headers=headers)


def test_a_picture_for_a_token(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    answer = cut(client, bearer(fake_issuer.token()))
    assert answer.status_code == 200
    assert opened(answer.content).mode == "RGBA"
    assert answer.headers["X-Credits-Charged"] == "1"
    assert balance(client, fake_issuer.token()) == (9, 2)


@pytest.mark.slow
def test_each_subject_has_its_own_account_and_rate(
    make_oidc: Make, fake_issuer: FakeIssuer
) -> None:
    client = make_oidc()
    for _ in range(10):
        assert cut(client, bearer(fake_issuer.token())).status_code == 200
    answer = cut(client, bearer(fake_issuer.token()))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (402, "insufficient_credits")
    answer = cut(client, bearer(fake_issuer.token(sub="bob")))
    assert answer.status_code == 200
    assert answer.headers["X-RateLimit-Remaining"] == "499"


def test_keys_go_on(make_oidc: Make, fake_issuer: FakeIssuer, keys: KeyStore) -> None:
    client, key = make_oidc(), keys.create("team", credits=5)
    for headers in ({"X-API-Key": key}, bearer(key)):
        assert cut(client, headers).status_code == 200
    assert keys.records()[0].credits == 3
    assert fake_issuer.asked == []


def test_without_anything_the_answer_is_the_api_s(make_oidc: Make) -> None:
    client = make_oidc()
    answer = cut(client, {})
    assert answer.status_code == 403
    assert answer.json() == {"errors": [{"title": "Missing API Key", "code": "auth_failed"}]}
    assert answer.headers["WWW-Authenticate"] == (
        f'Bearer realm="mattekit", resource_metadata="{PAGE}/.well-known/oauth-protected-resource"'
    )
    answer = cut(client, {"X-API-Key": "a.b.c"})
    assert (answer.status_code, answer.json()["errors"][0]["title"]) == (403, "API Key invalid")


def test_what_is_neither_is_told_as_a_token(make_oidc: Make) -> None:
    client = make_oidc()
    for text in ("a.b.c", "k" * 24, ".", "\xff", "a b"):
        headers = {"Authorization": b"Bearer " + text.encode("latin-1")}
        answer = client.post(URL, data={"size": "full"}, headers=headers)  # type: ignore[arg-type]
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "WWW-Authenticate" in answer.headers["Access-Control-Expose-Headers"]


def test_a_huge_token(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    answer = cut(make_oidc(), bearer(fake_issuer.token(groups=["g" * 40] * 500)))
    assert answer.status_code == 401
    assert fake_issuer.asked == []


def test_an_issuer_that_is_away(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc()
    fake_issuer.away = True
    answer = cut(client, bearer(fake_issuer.token()))
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert answer.json()["errors"][0]["code"] == "login_unavailable"


def test_accounts_that_only_the_operator_makes(
    make_oidc: Make, fake_issuer: FakeIssuer, keys: KeyStore
) -> None:
    client = make_oidc(create_accounts=False)
    answer = cut(client, bearer(fake_issuer.token()))
    assert answer.status_code == 403
    assert "Ask the operator" in answer.json()["errors"][0]["detail"]
    users = client.app.state.service.authenticator.users
    users.create(
        client.app.state.service.settings.oidc.issuer, "alice", "Alice", credits=3, free_calls=0
    )
    assert balance(client, fake_issuer.token()) == (3, 0)


def test_the_operator_sees_tops_up_and_revokes(
    make_oidc: Make, fake_issuer: FakeIssuer, keys: KeyStore
) -> None:
    client = make_oidc()
    assert balance(client, fake_issuer.token()) == (10, 2)
    assert [record.name for record in keys.records()] == ["user alice"]
    keys.top_up("user alice", 5)
    assert balance(client, fake_issuer.token()) == (15, 2)
    keys.revoke("user alice")
    assert cut(client, bearer(fake_issuer.token())).status_code == 403


def test_what_the_server_says_of_itself(make_oidc: Make) -> None:
    client = make_oidc(scope="cut", device_client_id="command")
    answer = client.get("/.well-known/oauth-protected-resource")
    assert answer.json() == {
        "resource": PAGE,
        "authorization_servers": ["https://issuer.example/realm"],
        "bearer_methods_supported": ["header"],
        "scopes_supported": ["cut"],
        "mattekit_device_client_id": "command",
    }


def test_without_an_issuer_nothing_is_there(make: Make, database: Path) -> None:
    client = make(auth=True, database=database)
    for path in ("/.well-known/oauth-protected-resource", "/login", "/account", "/account/keys"):
        assert client.get(path).status_code == 404
    answer = cut(client, {"Authorization": "Bearer a.b.c"})
    assert answer.status_code == 403
    assert "WWW-Authenticate" not in answer.headers


def test_without_a_client_there_are_no_pages(make_oidc: Make, fake_issuer: FakeIssuer) -> None:
    client = make_oidc(client_id="")
    assert client.get("/login").status_code == 404
    assert client.get("/account").status_code == 404
    assert balance(client, fake_issuer.token()) == (10, 2)
