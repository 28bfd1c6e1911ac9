"""The page's own files, and how browsers may use them."""

from __future__ import annotations

import re

import pytest

from mattekit_server.page.files import page_files
from support.server.pictures import Make, TestClient

HTML = {"Accept": "text/html"}
LIMIT = 300_000  # bytes of the page as they are sent


def test_a_browser_gets_the_page_and_a_program_what_it_always_got(client: TestClient) -> None:
    page = client.get("/", headers=HTML)
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in page.headers["vary"]
    several = [("Accept", "image/png"), ("Accept", "text/html")]
    assert client.get("/", headers=several).content == page.content
    for accept in ("*/*", "application/json", "text/html;q=0"):
        answer = client.get("/", headers={"Accept": accept})
        assert answer.json() == {"errors": [{"title": "Not Found", "code": "not_found"}]}
        assert answer.headers["access-control-allow-origin"] == "*"


def test_nothing_from_elsewhere_in_no_frame(client: TestClient) -> None:
    headers = client.get("/", headers=HTML).headers
    policy = dict(
        each.strip().split(" ", 1) for each in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert {policy["script-src"], policy["style-src"], policy["connect-src"]} == {"'self'"}
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_addresses_name_the_content_and_are_kept_for_good(client: TestClient) -> None:
    page = client.get("/", headers=HTML)
    assert page.headers["cache-control"] == "no-cache"
    found = re.findall(r'<(?:img|link|script)[^>]* (?:src|href)="([^"]+)"', page.text)
    assert found
    for path in found:
        assert path.startswith(f"/page/files/{page_files().version}/")
        answer = client.get(path)
        assert answer.status_code == 200, path
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-security-policy"]
        tag = answer.headers["etag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    stale = found[0].replace(page_files().version, "0" * 16)
    assert client.get(stale).status_code == 404


def test_nothing_but_this_server_is_allowed(client: TestClient) -> None:
    """The page, its files, what it asks for, and errors: all say what may be loaded."""
    script = f"/page/files/{page_files().version}/main.js"
    for path in ("/", script, "/page/session", "/page/pictures/nosuch/original", "/page/nothing"):
        policy = client.get(path, headers=HTML).headers["content-security-policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'none'", path
        assert rules["frame-ancestors"] == rules["base-uri"] == rules["form-action"] == "'none'"
        assert rules["require-trusted-types-for"] == "'script'"
        sources = {each for rule in rules.values() for each in rule.split()}
        assert sources <= {"'none'", "'self'", "blob:", "'script'"}, path


def test_files_are_sent_small(client: TestClient) -> None:
    assert page_files().transfer_size < LIMIT
    packed = client.get("/", headers={**HTML, "Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.text == client.get("/", headers={**HTML, "Accept-Encoding": "identity"}).text


@pytest.mark.parametrize(
    "name", ["../guard.py", "..%2fguard.py", "%2e%2e/guard.py", "", "nosuch.js"]
)
def test_nothing_else_is_given(client: TestClient, name: str) -> None:
    assert client.get(f"/page/files/{page_files().version}/{name}").status_code == 404


@pytest.mark.parametrize("settings", [{"page": False}, {"workers": 2}, {"local": True}])
def test_where_there_is_no_page(make: Make, settings: dict[str, object]) -> None:
    client = make(**settings)
    for path in ("/", "/page/session"):
        assert client.get(path, headers=HTML).status_code == 404
