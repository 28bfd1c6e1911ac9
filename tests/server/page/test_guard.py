"""Who may call the page's endpoints: the page, and nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mattekit_server.page.guard import APP_COOKIE
from support.server.pictures import Make, TestClient, picture

HTML = {"Accept": "text/html"}
PAGE = {"X-Mattekit-Page": "1"}


def code(answer: object) -> str:
    return answer.json()["errors"][0]["code"]  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example"],
)
def test_a_name_that_was_made_to_point_here_is_refused(client: TestClient, host: str) -> None:
    headers = {"Host": host, **PAGE}
    assert client.get("/", headers={**HTML, **headers}).status_code == 403
    answer = client.get("/page/session", headers=headers)
    assert (answer.status_code, code(answer)) == (403, "unknown_host")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost", "[::1]:9"])
def test_the_names_of_this_machine_are_served(client: TestClient, host: str) -> None:
    assert client.get("/page/session", headers={"Host": host}).status_code == 200


def test_an_operator_may_name_another(make: Make) -> None:
    client = make(page_hosts=("cut.example",))
    assert client.get("/page/session", headers={"Host": "cut.example:8443"}).status_code == 200
    assert client.get("/page/session", headers={"Host": "other.example"}).status_code == 403


@pytest.mark.parametrize("name", ["2001:db8::1", "[2001:DB8::1]"])
def test_an_address_has_brackets_where_it_is_asked_for(make: Make, name: str) -> None:
    client = make(page_hosts=(name,))
    found = {
        host: client.get("/page/session", headers={"Host": host}).status_code
        for host in ("[2001:db8::1]", "[2001:db8::1]:8443", "[2001:db8::2]", "2001:db8::1", "[]")
    }
    assert list(found.values()) == [200, 200, 403, 403, 403]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", **PAGE},
        {"Origin": "null", **PAGE},
        {"Origin": "http://127.0.0.1:9999", **PAGE},
        {"Sec-Fetch-Site": "cross-site", **PAGE},
        {"Sec-Fetch-Site": "same-site", **PAGE},
        {"Origin": "http://127.0.0.1"},  # a form needs no script, and sends no header of ours
    ],
)
def test_another_site_cannot_use_it(window: TestClient, headers: dict[str, str]) -> None:
    for name in ("X-Mattekit-Page", "Origin"):
        del window.headers[name]
    files = {"image_file": ("a.png", picture())}
    answer = window.post("/page/pictures", files=files, headers=headers)
    assert (answer.status_code, code(answer)) == (403, "foreign_page")
    assert "access-control-allow-origin" not in answer.headers


def test_nobody_may_ask_beforehand_and_the_api_is_as_it_was(client: TestClient) -> None:
    asking = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    answer = client.options("/page/pictures", headers=asking)
    assert answer.status_code == 405
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert client.options("/v1.0/removebg", headers=asking).status_code == 204
    assert client.get("/v1.0/account").headers["access-control-allow-origin"] == "*"


def test_the_cookie_is_out_of_reach(client: TestClient) -> None:
    cookie = client.get("/page/session").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Path=/" in cookie


def test_pictures_of_one_visitor_are_closed_to_another(
    window: TestClient, drop: Callable[..., dict[str, str]]
) -> None:
    number = drop(window, picture())["id"]
    path = f"/page/pictures/{number}/original"
    assert window.get(path).status_code == 200
    mine = dict(window.cookies)
    window.cookies.clear()
    assert code(window.get(path)) == "visitor_unknown"
    window.get("/page/session")
    assert dict(window.cookies) != mine
    for method, each in (
        ("GET", path),
        ("POST", path.replace("original", "preview")),
        ("POST", path.replace("original", "result")),
        ("GET", path.replace("original", "tiles/0/0/0/0")),
        ("GET", path.replace("original", "state")),
        ("DELETE", f"/page/pictures/{number}"),
    ):
        assert code(window.request(method, each)) == "picture_unknown"
    assert window.get("/page/session").json()["pictures"] == []


def test_the_app_opens_with_its_ticket_alone_and_once(make: Make) -> None:
    client = make(auth=True, token="secret", app=True)
    assert client.get("/", headers=HTML).status_code == 403
    assert code(client.get("/page/session")) == "app_ended"
    ticket = client.app.state.page.issue_ticket()  # type: ignore[attr-defined]
    assert client.get("/?ticket=guess", headers=HTML).status_code == 403
    opened = client.get(f"/?ticket={ticket}", headers=HTML, follow_redirects=False)
    assert (opened.status_code, opened.headers["location"]) == (303, "/")
    assert APP_COOKIE in client.cookies
    assert client.get("/", headers=HTML).status_code == 200
    assert client.get("/page/session").status_code == 200
    client.cookies.clear()
    assert client.get(f"/?ticket={ticket}", headers=HTML).status_code == 403
