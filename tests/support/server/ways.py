"""The three ways of a picture to its paid result: the API, an editor, the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from httpx import Response

from support.server.pictures import TestClient

#: Sends a picture, as the keywords of `TestClient.post` hold it.
Send = Callable[..., Response]


def to_the_api(client: TestClient, **body: Any) -> Response:
    return client.post("/v1.0/removebg", **body)


def to_an_editor(client: TestClient, **body: Any) -> Response:
    return client.post("/editors", **body)


def to_the_page(client: TestClient, **body: Any) -> Response:
    client.headers["X-Mattekit-Page"] = "1"
    client.get("/page/session")
    return client.post("/page/pictures", **body)


#: How a picture is sent, by the path that it is sent to.
WAYS: dict[str, Send] = {
    "/v1.0/removebg": to_the_api,
    "/editors": to_an_editor,
    "/page": to_the_page,
}


def result_of_the_api(client: TestClient, data: bytes) -> Response:
    return to_the_api(client, files={"image_file": data}, data={"size": "full"})


def result_of_an_editor(client: TestClient, data: bytes) -> Response:
    opened = to_an_editor(client, files={"image_file": data}, data={"size": "full"})
    return client.get(f"/editors/{opened.json()['id']}/result")


def result_of_the_page(client: TestClient, data: bytes) -> Response:
    opened = to_the_page(client, files={"image_file": data})
    return client.post(f"/page/pictures/{opened.json()['id']}/result", json={})


#: How a picture is sent and its result at full size fetched.
RESULTS: dict[str, Callable[[TestClient, bytes], Response]] = {
    "/v1.0/removebg": result_of_the_api,
    "/editors": result_of_an_editor,
    "/page": result_of_the_page,
}
