"""What every answer has in common, and which form a picture takes."""

from __future__ import annotations

import pytest

from mattekit.geometry import Size
from mattekit_server.engine import Result
from mattekit_server.responses import picture_headers, wants_html, wants_json
from support.server.pictures import Make, TestClient, picture

REMOVE = "/v1.0/removebg"


@pytest.mark.parametrize(
    ("accept", "media_type", "json"),
    [
        ("", "image/png", False),
        ("*/*", "image/png", False),
        ("application/*", "image/png", False),
        ("text/html", "image/png", False),
        ("application/json", "image/png", True),
        ("APPLICATION/Json", "image/png", True),
        ("application/json;charset=utf-8", "image/png", True),
        ("application/json, text/plain, */*", "image/png", True),
        ("text/plain,\tapplication/json ; Q=0.1", "image/png", True),
        ("application/json;q=0", "image/png", False),
        ("application/json; q=0.000, */*", "image/png", False),
        ("*/*, application/json;q=0", "image/png", False),
        ("image/png, application/json;q=0.5", "image/png", False),
        ("image/*, application/json;q=0.5", "image/webp", False),
        ("image/png, application/json;q=0.5", "image/jpeg", True),
        ("image/png;q=0.5, application/json", "image/png", True),
        ("image/*;q=0.1, image/png;q=1, application/json;q=0.5", "image/png", False),
        ("image/png, application/json", "image/png", True),
        ("application/zip, application/json;q=0.5", "application/zip", False),
        ("application/json-seq", "image/png", False),
        ("application/json;q=often", "image/png", True),
        ("application/json;q=nan", "image/png", True),
        (",;,=;q", "image/png", False),
    ],
)
def test_when_a_picture_is_sent_within_json(accept: str, media_type: str, json: bool) -> None:
    assert wants_json(accept, media_type) is json


@pytest.mark.parametrize(
    ("accept", "html"),
    [
        ("", False),
        ("*/*", False),
        ("text/*", False),
        ("text/html", True),
        ("TEXT/Html;level=1, */*;q=0.8", True),
        ("text/html;q=0, application/json", False),
        ("text/htmlx", False),
    ],
)
def test_who_wants_a_page(accept: str, html: bool) -> None:
    assert wants_html(accept) is html


def test_several_headers_are_one(client: TestClient) -> None:
    headers = [("Accept", "text/plain"), ("Accept", "application/json")]
    response = client.post(REMOVE, files={"image_file": picture()}, headers=headers)
    assert response.headers["content-type"] == "application/json; charset=utf-8"


def test_both_spellings_of_a_path(make: Make) -> None:
    client = make()
    client.follow_redirects = False
    response = client.post(f"{REMOVE}/", files={"image_file": picture()})
    assert (response.status_code, response.headers["content-type"]) == (200, "image/png")
    for path in ("/v1.0/account/", "/health/", "/metrics/", "/openapi.json/", "/docs/"):
        assert client.get(path).status_code == 200, path
    assert client.post("/v1.0/improve/").json()["errors"][0]["code"] == "improvement_disabled"
    for path in ("/", "//", "/v1.0/", "/v1.0/removebg//", "/v1.0/nothing/"):
        response = client.get(path)
        assert response.status_code == 404, path
        assert response.headers["access-control-allow-origin"] == "*"
        assert response.json()["errors"][0]["code"] == "not_found"
    assert 'path="/v1.0/removebg",status="200"' in client.get("/metrics").text


def test_both_spellings_for_the_worker(make: Make) -> None:
    client = make(local=True, auth=True, token="secret")
    client.follow_redirects = False
    response = client.post("/worker/stop/", headers={"X-API-Key": "secret"})
    assert response.json() == {"status": "stopping"}


@pytest.mark.parametrize(("confidence", "expected"), [(0.73, "0.730"), (None, None)])
def test_how_sure_the_model_is(confidence: float | None, expected: str | None) -> None:
    result = Result(b"", "image/png", Size(3, 2), Size(3, 2), None, "car", confidence)
    assert picture_headers(result, 1, {}).get("X-Confidence") == expected
