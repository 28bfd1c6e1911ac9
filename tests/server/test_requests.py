"""What a request means does not depend on the way that it takes."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from mattekit_server.keys import KeyStore
from support.server.pictures import Make, TestClient, picture
from support.server.ways import WAYS, Send, to_an_editor, to_the_api

HOUR = 3600


@pytest.fixture
def stalled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every server of pictures lets its clients wait."""

    async def fetch(self: object, url: str, field: str) -> bytes:
        await anyio.sleep(5)
        raise AssertionError("fetched beyond the deadline")

    monkeypatch.setattr("mattekit_server.fetching.Fetcher.fetch", fetch)


def improve(client: TestClient, **body: object):  # type: ignore[no-untyped-def]
    return client.post("/v1.0/improve", **body)


@pytest.mark.usefixtures("stalled")
@pytest.mark.parametrize("send", [*WAYS.values(), improve], ids=[*WAYS, "/v1.0/improve"])
def test_a_picture_is_fetched_within_the_deadline(make: Make, tmp_path: Path, send: Send) -> None:
    client = make(deadline=0.2, improve_folder=tmp_path)
    answer = send(client, data={"image_url": "http://pictures.example/a.png"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "server_busy")


@pytest.mark.usefixtures("stalled")
@pytest.mark.parametrize("send", [to_the_api, to_an_editor])
def test_so_is_a_background(make: Make, send: Send) -> None:
    client = make(deadline=0.2)
    body = {"bg_image_url": "http://pictures.example/a.png"}
    answer = send(client, files={"image_file": picture()}, data=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "server_busy")


@pytest.mark.usefixtures("stalled")
@pytest.mark.parametrize("send", WAYS.values(), ids=WAYS)
def test_the_deadline_is_that_of_the_key(
    make: Make, keys: KeyStore, database: Path, send: Send
) -> None:
    key = keys.create("hasty", credits=1, free_calls=0)
    keys.change("hasty", deadline=0.2)
    client = make(auth=True, database=database, deadline=HOUR)
    client.headers["X-API-Key"] = key
    answer = send(client, data={"image_url": "http://pictures.example/a.png"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "server_busy")
    assert [record.credits for record in keys.records()] == [1]


@pytest.mark.parametrize("chosen", [{}, {"size": ""}, {"size": "preview"}])
def test_the_size_of_a_key_that_chooses_none_is_that_of_its_editor(
    make: Make, keys: KeyStore, database: Path, chosen: dict[str, str]
) -> None:
    key = keys.create("large", credits=9, free_calls=0)
    keys.change("large", size="full")
    client = make(auth=True, database=database)
    client.headers["X-API-Key"] = key
    opened = to_an_editor(client, files={"image_file": picture(1000, 800)}, data=chosen)
    result = client.get(f"/editors/{opened.json()['id']}/result")
    width, charged = (result.headers[name] for name in ("x-width", "x-credits-charged"))
    assert (width, charged) == (("559", "0") if chosen.get("size") else ("1000", "1"))
