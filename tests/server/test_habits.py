"""Requests as clients of the API write them, byte for byte where that matters.

The clients themselves are programs in Go, Ruby, PHP, C# and JavaScript that cannot be installed
everywhere; what they send and what they expect is known.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence

import numpy as np
import pytest

from mattekit_server.keys import KeyStore
from support.server.pictures import Make, TestClient, blank, opened, picture

URL = "/v1.0/removebg"
KEY_NAMES = ("X-Api-Key", "X-API-Key", "x-api-key")


def part(name: str, value: bytes | str, *lines: str, filename: str | None = None) -> bytes:
    file = "" if filename is None else f'; filename="{filename}"'
    head = [f'Content-Disposition: form-data; name="{name}"{file}', *lines]
    data = value.encode() if isinstance(value, str) else value
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


def post(client: TestClient, parts: Sequence[bytes], boundary: str, **headers: str):  # type: ignore[no-untyped-def]
    edge = f"--{boundary}".encode()
    body = b"".join(edge + b"\r\n" + each + b"\r\n" for each in parts) + edge + b"--\r\n"
    kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(URL, content=body, headers=kind | named)


# -- Go `removebg` 1.3.1 -----------------------------------------------------------------------


def test_the_go_command(client: TestClient) -> None:
    """It asks for a ZIP and puts the PNG together itself; alpha.png must be plain grey."""
    boundary = "5f1b8c9e" * 7 + "0a3d"
    answer = post(
        client,
        [
            part("size", "auto"),
            part("format", "zip"),
            part("image_file", picture(600, 500, "JPEG"), "Content-Type: application/octet-stream",
                 filename="photo.jpg"),
        ],
        boundary,
        X_Api_Key="k",
        User_Agent="remove-bg-go-1.3.1",
        Accept_Encoding="gzip",
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert "application/zip" in answer.headers["content-type"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]
        assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}
        color, alpha = archive.read("color.jpg"), archive.read("alpha.png")
    assert alpha[16:29] == (600).to_bytes(4, "big") + (500).to_bytes(4, "big") + bytes(
        [8, 0, 0, 0, 0]
    )
    assert (opened(color).mode, opened(color).size) == ("RGB", (600, 500))


def test_the_go_command_shows_titles(client: TestClient) -> None:
    parts = [part("image_file", blank(), "Content-Type: application/octet-stream", filename="x")]
    answer = post(client, parts, "b" * 60, X_Api_Key="k")
    titles = ", ".join(error["title"] for error in answer.json()["errors"])
    assert f"{answer.status_code}: {titles}".startswith("400: Could not identify foreground")


# -- Node `removebg` 2.0.3 -----------------------------------------------------------------------

EMPTY = (
    *("type_level", "roi", "crop", "crop_margin", "scale", "position", "add_shadow"),
    *("semitransparency", "bg_color", "bg_image_file"),
)


def test_the_node_command(client: TestClient) -> None:
    """It sends every field that it knows, most of them empty."""
    boundary = "--------------------------048762939401289102371653"
    parts = [
        part("image_file", picture(), "Content-Type: image/png", filename="in.png"),
        *(part(name, value) for name, value in
          {"size": "auto", "type": "auto", "channels": "rgba", "format": "png"}.items()),
        *(part(name, "") for name in EMPTY),
    ]  # fmt: skip
    answer = post(client, parts, boundary, X_Api_Key="k", User_Agent="remove-bg-node-cli-2.0.3")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"


def test_the_node_command_waits_and_shows_code_title_and_detail(make: Make) -> None:
    limited = make(rate_limit=1)
    parts = [part("image_file", picture(), filename="x")]
    assert post(limited, parts, "b").status_code == 200
    answer = post(limited, parts, "b")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    error = post(make(), [part("image_file", b"%PDF-1.7 x", filename="x")], "b").json()["errors"][0]
    shown = f"'{error['code']}': \"{error['title']} - {error['detail']}\""
    assert shown == "'invalid_file_type': \"Invalid file type - Expected jpg/png, received pdf\""


# -- Ruby gem ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_ruby_gem(make: Make, keys: KeyStore, database) -> None:  # type: ignore[no-untyped-def]
    """Its parts have lengths and encodings; it reads numbers out of headers by their names."""
    key = keys.create("gem", credits=10, free_calls=0)
    client = make(auth=True, database=database)
    boundary = "-----------RubyMultipartPost-3f2c0b8e71d94a5c"
    data = picture(800, 500, "JPEG")
    parts = [
        part("image_file", data, f"Content-Length: {len(data)}", "Content-Type: image/jpeg",
             "Content-Transfer-Encoding: binary", filename="person.jpg"),
        part("size", "regular"),
        part("bg_color", "00000000"),
    ]  # fmt: skip
    answer = post(client, parts, boundary, X_Api_Key=key, Accept="*/*", Expect="")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "image/png"
    numbers = ("X-Width", "X-Height", "X-RateLimit-Limit", "X-RateLimit-Remaining")
    assert [int(answer.headers[name]) for name in numbers] == [632, 395, 500, 499]
    assert float(answer.headers["X-Credits-Charged"]) == 0.25
    assert int(answer.headers["X-RateLimit-Reset"]) > 1_600_000_000
    assert answer.headers["X-Type"]
    assert "Retry-After" not in answer.headers
    account = client.get("/v1.0/account", headers={"X-Api-Key": key}).json()
    # Its constructors take these keywords and no others.
    assert set(account["data"]["attributes"]["credits"]) == {
        *("total", "subscription", "payg", "enterprise"),
    }
    assert set(account["data"]["attributes"]["api"]) == {"free_calls", "sizes"}
    assert account["data"]["attributes"]["credits"]["total"] == 9.75


# -- PHP library ---------------------------------------------------------------------------------


def test_the_php_library(client: TestClient) -> None:
    """Booleans become 1 and nothing; a JPEG is called in.png; errors are joined by dashes."""
    parts = [
        part("image_file", picture(kind="JPEG"), "Content-Length: 1", filename="in.png"),
        part("size", "regular", "Content-Length: 7"),
        part("crop", "1", "Content-Length: 1"),
        part("add_shadow", "", "Content-Length: 0"),
        part("bg_color", "#81d4fa77"),
    ]
    answer = post(client, parts, "c0ffee" * 6 + "1234", X_API_Key="k")
    assert answer.status_code == 200, answer.text
    image = np.asarray(opened(answer.content))
    assert image.shape[1] < 96
    assert image[0, 0].tolist() == [129, 212, 250, 119]
    wanted = {"Accept": "application/json"}
    answer = client.post(URL, data={"size": "regular"}, headers=wanted)
    error = answer.json()["errors"][0]
    assert " - ".join(error.values()) == (
        "No image given - missing_source - Please provide the source image in the image_url, "
        "image_file or image_file_b64 parameter."
    )


# -- .NET ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("filename", ["file.jpg", '"a file.jpg"'])
def test_the_sample_in_c_sharp(client: TestClient, filename: str) -> None:
    """Names have no quotes, but the boundary has; a text says its type before its name."""
    boundary = "5c5b3e2a-0d1f-4f2e-9a57-6f1d2f3b4c5d"
    file = f"form-data; name=image_file; filename={filename}; filename*=utf-8''file.jpg"
    body = b"\r\n".join(
        [
            f"--{boundary}".encode(),
            f"Content-Disposition: {file}".encode(),
            b"",
            picture(800, 500, "JPEG"),
            f"--{boundary}".encode(),
            b"Content-Type: text/plain; charset=utf-8",
            b"Content-Disposition: form-data; name=size",
            b"",
            b"auto",
            f"--{boundary}--".encode(),
            b"",
        ]
    )
    answer = client.post(
        URL,
        content=body,
        headers={
            "X-Api-Key": "k",
            "Content-Type": f'multipart/form-data; boundary="{boundary}"',
        },
    )
    assert answer.status_code == 200, answer.text
    assert (answer.headers["X-Width"], answer.headers["X-Height"]) == ("800", "500")


# -- browsers ------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["file", "url"])
def test_the_form_of_a_page(make: Make, source: str) -> None:
    """The key goes into the form as well, and the source that is not used is sent empty."""
    client = make()
    boundary = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
    empty = part("image_file", b"", "Content-Type: application/octet-stream", filename="")
    file = part("image_file", picture(), "Content-Type: image/png", filename="é “x”.png")
    parts = [
        part("api_key", "k"),
        part("image_url", "" if source == "file" else "http://127.0.0.1/x.png"),
        file if source == "file" else empty,
        part("size", "auto"),
    ]
    answer = post(
        client, parts, boundary, X_API_Key="k", Accept="application/json",
        Origin="https://shop.example",
    )  # fmt: skip
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "X-Credits-Charged" in answer.headers["access-control-expose-headers"]
    body = answer.json()
    if source == "file":
        assert set(body["data"]) >= {"result_b64", "foreground_top", "foreground_left"}
    else:
        assert body["errors"][0]["code"] == "failed_image_download"  # read, and refused


@pytest.mark.parametrize("name", KEY_NAMES)
def test_spellings_of_the_key(make: Make, keys: KeyStore, database, name: str) -> None:  # type: ignore[no-untyped-def]
    key = keys.create("a", credits=1)
    client = make(auth=True, database=database)
    assert client.get("/v1.0/account", headers={name: key}).status_code == 200
    answer = client.get("/v1.0/account", headers={name: key[:-1]})
    assert (answer.status_code, answer.content) == (
        403,
        json.dumps(
            {"errors": [{"title": "API Key invalid", "code": "auth_failed"}]},
            separators=(",", ":"),
        ).encode(),
    )
    assert client.get("/v1.0/account").json()["errors"][0]["title"] == "Missing API Key"
