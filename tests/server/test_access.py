"""The access log says what an operator wants to know, and nothing that a client would hide."""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from mattekit_server.access import FORMATS, line
from mattekit_server.keys import KeyStore
from support.server.pictures import Make, blank, picture

URL = "/v1.0/removebg"
NOW = datetime.datetime(2026, 12, 1, 9, 30, tzinfo=datetime.timezone.utc)


def test_lines() -> None:
    entry = {
        "method": "POST",
        "path": URL,
        "status": 200,
        "seconds": 0.25,
        "client": "192.0.2.1",
        "key": 7,
        "stages": {"decode": 0.1},
    }
    assert line("text", entry, NOW) == (
        "2026-12-01T09:30:00.000+00:00 192.0.2.1 POST /v1.0/removebg 200 seconds=0.25 key=7"
    )
    assert json.loads(line("json", entry, NOW)) == {"time": "2026-12-01T09:30:00.000+00:00"} | entry


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """What is logged, instead of standard output."""
    log = logging.getLogger("mattekit_server.access")
    log.addHandler(caplog.handler)
    log.setLevel(logging.INFO)
    log.propagate = False
    yield caplog
    log.removeHandler(caplog.handler)


@pytest.mark.parametrize("format", FORMATS)
def test_every_answer_is_logged_without_secrets(
    make: Make,
    database: Path,
    keys: KeyStore,
    logged: pytest.LogCaptureFixture,
    format: str,
) -> None:
    key = keys.create("shop", credits=5, free_calls=0)
    client = make(auth=True, database=database, access_log=format)
    headers = {"X-API-Key": key}
    for data in (picture(), blank()):
        client.post(
            f"{URL}?secret=query", files={"image_file": ("secret.png", data)}, headers=headers
        )
    client.post(URL, data={"image_url": "http://secret.example/"}, headers={"X-API-Key": "secret"})
    client.get("/secret")
    lines = [record.getMessage() for record in logged.records if "access" in record.name]
    assert len(lines) == 4
    text = "\n".join(lines)
    assert "secret" not in text
    assert key[:6] not in text
    if format == "json":
        first, second, third, fourth = map(json.loads, lines)
        assert first["key"] == 1
        assert (first["path"], first["status"], first["credits"]) == (URL, 200, 0.25)
        assert (first["width"], first["height"]) == (128, 96)
        assert list(first["stages"]) == ["decode", "segment", "matting", "compose", "encode"]
        assert (second["status"], second["error"]) == (400, "unknown_foreground")
        assert (third["status"], third["error"]) == (403, "auth_failed")
        assert (fourth["path"], fourth["status"]) == ("other", 404)
    else:
        assert "POST /v1.0/removebg 200" in lines[0]
        assert "error=unknown_foreground" in lines[1]


def test_nothing_is_logged_unless_asked_for(make: Make, logged: pytest.LogCaptureFixture) -> None:
    make().get("/health")
    assert [record for record in logged.records if "access" in record.name] == []
