"""What a user who has logged in sees and does; closed to everybody else."""

from __future__ import annotations

import re
from typing import Any

import pytest

from support.server.issuer import PAGE, FakeIssuer
from support.server.logins import logged_in
from support.server.pictures import Make, TestClient, picture

URL = "/v1.0/removebg"


@pytest.fixture
def client(make_oidc: Make, fake_issuer: FakeIssuer) -> TestClient:
    client = make_oidc()
    session = logged_in(client, fake_issuer)
    client.headers["X-CSRF-Token"] = session["csrf_token"]
    return client


def create(client: TestClient, name: str = "laptop") -> dict[str, Any]:
    answer = client.post("/account/keys", json={"name": name})
    assert answer.status_code == 201, answer.text
    data: dict[str, Any] = answer.json()["data"]
    return data


def cut(client: TestClient, headers: dict[str, str]):  # type: ignore[no-untyped-def]
    return client.post(URL, files={"image_file": picture()}, data={"size": "full"}, headers=headers)


def listed(client: TestClient) -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = client.get("/account/keys").json()["data"]
    return keys


def test_a_key_from_making_to_revoking(client: TestClient) -> None:
    made = create(client, " laptop ")
    assert listed(client) == [{k: v for k, v in made.items() if k != "key"}]
    assert (made["name"], made["prefix"], made["used"]) == ("laptop", made["key"][:6], None)
    assert cut(client, {"X-API-Key": made["key"]}).status_code == 200
    assert listed(client)[0]["used"] is not None
    assert client.get("/account/session").json()["data"]["account"]["credits"] == 9
    answer = client.patch(f"/account/keys/{made['id']}", json={"name": "phone"})
    assert answer.json()["data"]["name"] == "phone"
    assert client.delete(f"/account/keys/{made['id']}").json()["data"]["revoked"]
    assert cut(client, {"X-API-Key": made["key"]}).status_code == 403


def test_use(client: TestClient) -> None:
    key = create(client)["key"]
    for size in ("full", "preview", "preview", "preview"):
        answer = client.post(
            URL, files={"image_file": picture()}, data={"size": size}, headers={"X-API-Key": key}
        )
        assert answer.status_code == 200
    (day,) = client.get("/account/use").json()["data"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", day.pop("day"))
    assert day == {"calls": 4, "free_calls": 2, "credits": 1.25}


def test_a_page_uses_the_api_in_its_session(client: TestClient) -> None:
    answer = cut(client, {})
    assert answer.status_code == 200
    assert answer.headers["X-Credits-Charged"] == "1"
    del client.headers["X-CSRF-Token"]
    assert cut(client, {}).status_code == 403
    assert cut(client, {"X-CSRF-Token": "another"}).json()["errors"][0]["code"] == "csrf"


_CHANGES = [
    ("POST", "/account/keys"),
    ("PATCH", "/account/keys/1"),
    ("DELETE", "/account/keys/1"),
    ("POST", "/logout"),
]


@pytest.mark.parametrize(("method", "path"), _CHANGES)
def test_no_other_page_changes_anything(client: TestClient, method: str, path: str) -> None:
    create(client)
    before = listed(client)
    for headers in (
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": "another"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = client.request(method, path, headers=headers, json={"name": "x"})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "csrf"), headers
        assert listed(client) == before


def test_its_own_page_does(client: TestClient) -> None:
    headers = {"Origin": PAGE, "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/account/keys", json={"name": "x"}, headers=headers)
    assert answer.status_code == 201


def test_nothing_without_a_session(client: TestClient) -> None:
    client.cookies.clear()
    for method, path in (*_CHANGES, ("GET", "/account/keys"), ("GET", "/account/use")):
        answer = client.request(method, path)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, "not_logged_in")


def test_one_user_s_keys_are_closed_to_another(client: TestClient, fake_issuer: FakeIssuer) -> None:
    made = create(client)
    other = logged_in(client, fake_issuer, sub="mallory")
    client.headers["X-CSRF-Token"] = other["csrf_token"]
    assert listed(client) == []
    path = f"/account/keys/{made['id']}"
    assert client.patch(path, json={"name": "mine"}).status_code == 404
    assert client.delete(path).status_code == 404
    assert cut(client, {"X-API-Key": made["key"]}).status_code == 200  # it is still valid


def test_names_that_are_none(client: TestClient) -> None:
    for body in (
        b"",
        b"{",
        b"[]",
        b'{"name": 7}',
        b'{"name": ""}',
        b'{"name": "  "}',
        b'{"name": "a\\u0000b"}',
        b'{"name": "a\\nb"}',
        b'{"name": "\\ud800"}',
        b'{"name": "%s"}' % (b"a" * 81),
        b"[" * 4000,
    ):
        assert client.post("/account/keys", content=body).status_code == 400, body
    assert listed(client) == []


def test_a_large_body(client: TestClient) -> None:
    answer = client.post("/account/keys", content=b'{"name": "' + b"a" * 5000)
    assert answer.status_code == 413


def test_keys_that_are_none(client: TestClient) -> None:
    for number in ("0", "99", str(2**80), "-1", "x"):
        assert client.delete(f"/account/keys/{number}").status_code == 404


def test_too_many_keys(client: TestClient) -> None:
    for _ in range(20):
        made = create(client)
    answer = client.post("/account/keys", json={"name": "one more"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (409, "too_many_keys")
    client.delete(f"/account/keys/{made['id']}")
    create(client)


def test_an_account_that_the_operator_revoked(client: TestClient) -> None:
    key = create(client)["key"]
    client.app.state.service.keys.revoke("user alice")
    assert client.get("/account/session").json()["data"]["account"] is None
    assert cut(client, {"X-API-Key": key}).status_code == 403
    assert cut(client, {}).status_code == 403


def test_the_page_asks_nobody_else(client: TestClient) -> None:
    page = client.get("/account", headers={"Accept": "text/html"})
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for path, kind in (("/account/page.js", "text/javascript"), ("/account/page.css", "text/css")):
        assert f'"{path}"' in page.text
        answer = client.get(path)
        assert answer.headers["content-type"].startswith(kind)
        assert "://" not in answer.text
        assert "innerHTML" not in answer.text
    assert "://" not in page.text
    assert "<style" not in page.text
    assert not re.search(r"\son\w+=|<script(?! type=\"module\" src=)", page.text)


def test_names_and_numbers_that_no_database_holds(client: TestClient) -> None:
    answer = client.post("/account/keys", content=r'{"name": "\ud800"}')
    assert answer.status_code == 400, answer.text
    for number in (2**63, 5000 * "9"):
        assert client.delete(f"/account/keys/{number}").status_code == 404
