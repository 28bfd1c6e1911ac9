"""Training pictures: kept only with consent, privately, and few a day."""

from __future__ import annotations

import base64
import json
import os
import stat
import uuid
from pathlib import Path

import pytest

from support.server.pictures import Make, picture

URL = "/v1.0/improve"


def test_pictures_are_kept_only_with_consent(make: Make, tmp_path: Path) -> None:
    response = make().post(URL, files={"image_file": picture()})
    assert response.status_code == 403
    assert response.json()["errors"][0]["code"] == "improvement_disabled"


def test_improve(make: Make, tmp_path: Path) -> None:
    client = make(improve_folder=tmp_path / "given")
    data = picture()
    fields = {"tag": "shoes", "image_filename": "../../etc/passwd"}
    response = client.post(URL, data=fields, files={"image_file": ("x.php", data)})
    assert response.status_code == 200
    assert set(response.json()) == {"id"}
    number = str(uuid.UUID(response.json()["id"]))
    assert sorted(path.name for path in (tmp_path / "given").iterdir()) == [
        f"{number}.json",
        f"{number}.png",
    ]
    assert (tmp_path / "given" / f"{number}.png").read_bytes() == data
    facts = json.loads((tmp_path / "given" / f"{number}.json").read_text())
    assert (facts["tag"], facts["image_filename"]) == ("shoes", "../../etc/passwd")
    for path in (f"/given/{number}.png", f"/{number}.png", f"{URL}/{number}.png", URL):
        assert client.get(path).status_code in {404, 405}


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_only_the_owner_can_see_what_was_given(make: Make, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    before = os.umask(0o022)
    try:
        client = make(improve_folder=folder)
        assert client.post(URL, files={"image_file": picture()}).status_code == 200
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()] == [0o600] * 2


def test_improve_takes_pictures_only(make: Make, tmp_path: Path) -> None:
    client = make(improve_folder=tmp_path / "given")
    for data in (b"#!/bin/sh\n", b"<?php ?>", b""):
        assert client.post(URL, files={"image_file": data}).status_code == 400
    text = base64.b64encode(picture()).decode()
    assert client.post(URL, json={"image_file_b64": text}).status_code == 200
    assert client.post(URL, data={"image_url": "http://10.0.0.1/"}).status_code == 400
    assert len(list((tmp_path / "given").glob("*.png"))) == 1


def test_improve_has_a_daily_limit(make: Make, tmp_path: Path) -> None:
    client = make(improve_folder=tmp_path / "given", improve_per_day=2)
    codes = [client.post(URL, files={"image_file": picture()}).status_code for _ in range(3)]
    assert codes == [200, 200, 429]
    response = client.post(URL, files={"image_file": picture()})
    assert int(response.headers["retry-after"]) > 60
    assert len(list((tmp_path / "given").glob("*.json"))) == 2


def test_the_daily_limit_outlasts_a_process(make: Make, tmp_path: Path) -> None:
    settings = {
        "improve_folder": tmp_path / "given",
        "improve_per_day": 2,
        "database": tmp_path / "k",
    }
    for expected in (200, 200, 429):
        client = make(**settings)
        assert client.post(URL, files={"image_file": picture()}).status_code == expected
