"""`POST /v1.0/removebg` as clients see it."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import numpy as np
import png as pypng
import pytest

from mattekit.codecs.segments import webp_size
from mattekit_server.keys import KeyStore
from support.helpers import assert_images_close, disc
from support.server.pictures import Make, TestClient, blank, opened, picture
from support.server.sending import URL, errors, send


def sixteen_bits(color: np.ndarray) -> bytes:
    out = io.BytesIO()
    height, width, _ = color.shape
    writer = pypng.Writer(width, height, bitdepth=16, greyscale=False)
    writer.write(out, (color.astype(np.uint16) * 257).reshape(height, -1).tolist())
    return out.getvalue()


def test_multipart_file(client: TestClient) -> None:
    response = send(client)
    assert response.status_code == 200
    assert response.headers["content-type"] == "image/png"
    image = opened(response.content)
    assert image.mode == "RGBA"
    assert image.size == (128, 96)
    assert image.getpixel((64, 48))[3] == 255
    assert image.getpixel((2, 2)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [("in.png", "image/png"), ("", ""), ("x", "application/octet-stream"), ("é.bin", "text/html")],
)
def test_what_a_part_says_about_itself_is_not_trusted(
    client: TestClient, name: str, content_type: str
) -> None:
    kind = f"\r\nContent-Type: {content_type}" if content_type else ""
    body = (
        f'--b\r\nContent-Disposition: form-data; name="image_file"; filename="{name}"{kind}\r\n\r\n'
    ).encode() + picture(kind="JPEG")
    response = client.post(
        URL,
        content=body + b"\r\n--b--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert response.status_code == 200, response.text


def test_urlencoded(client: TestClient) -> None:
    fields = {"image_file_b64": base64.b64encode(picture()).decode(), "format": "jpg"}
    response = client.post(URL, data=fields)
    assert response.headers["content-type"] == "image/jpeg"


def test_json(client: TestClient) -> None:
    body = {
        "image_file_b64": base64.b64encode(picture()).decode(),
        "crop": True,
        "scale": None,
        "type_level": 2,
        "image_url": "",
        "shadow_type": {"car": "car"},
        "shadow_type[person]": "3D",
    }
    response = client.post(URL, json=body)
    assert response.status_code == 200, response.text
    assert response.headers["x-type"] == "graphics"
    assert int(response.headers["x-width"]) < 96


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=" + "b" * 500])
def test_broken_boundary(client: TestClient, boundary: str) -> None:
    headers = {"Content-Type": f"multipart/form-data{boundary}"}
    response = client.post(URL, content=b"--b\r\n", headers=headers)
    assert response.status_code == 400


def test_half_a_multipart_body(client: TestClient) -> None:
    body = b'--b\r\nContent-Disposition: form-data; name="image_file"; filename="x"\r\n\r\nabc'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    response = client.post(URL, content=body, headers=headers)
    assert errors(response)["detail"] == "The multipart body is not complete."


@pytest.mark.parametrize(
    ("fields", "media_type", "mode"),
    [
        ({}, "image/png", "RGBA"),
        ({"bg_color": "ffff00ff"}, "image/jpeg", "RGB"),
        ({"bg_color": "81d4fa77"}, "image/png", "RGBA"),
        ({"bg_color": "00000000"}, "image/png", "RGBA"),
        ({"bg_color": "#fff"}, "image/jpeg", "RGB"),
        ({"channels": "alpha"}, "image/jpeg", "L"),
        ({"channels": "alpha", "format": "png", "bg_color": "00000000"}, "image/png", "L"),
        ({"format": "jpg"}, "image/jpeg", "RGB"),
        ({"format": "webp"}, "image/webp", "RGBA"),
    ],
)
def test_formats(client: TestClient, fields: dict[str, str], media_type: str, mode: str) -> None:
    response = send(client, **fields)
    assert response.headers["content-type"] == media_type
    image = opened(response.content)
    assert (image.mode, image.size) == (mode, (128, 96))


@pytest.mark.parametrize(
    ("fields", "depth"),
    [
        ({}, 8),
        ({"channels": "alpha", "format": "png"}, 8),
        ({"bg_color": "red", "format": "png"}, 8),
        ({"depth": "8"}, 8),
        ({"depth": "16"}, 16),
        ({"depth": "16", "channels": "alpha", "format": "png"}, 16),
    ],
)
def test_sixteen_bits_are_sent_only_where_they_are_asked_for(
    client: TestClient, fields: dict[str, str], depth: int
) -> None:
    deep = sixteen_bits(disc(96, 128).image)
    answer = send(client, deep, **fields)
    assert answer.headers["content-type"] == "image/png"
    assert answer.content[24] == depth  # of IHDR
    assert send(client, picture(), **fields).content[24] == 8
    if depth == 8:  # the pixels are those of the same picture with 8 bits
        one, other = (
            opened(data) for data in (answer.content, send(client, picture(), **fields).content)
        )
        if one.mode == "RGBA":  # colours count as far as they are seen
            one, other = one.convert("RGBa"), other.convert("RGBa")
        assert_images_close(np.asarray(one), np.asarray(other), 4, mean=0.1)


@pytest.mark.parametrize("fields", [{}, {"channels": "alpha"}, {"channels": "rgba"}])
def test_zip(client: TestClient, fields: dict[str, str]) -> None:
    response = send(client, format="zip", **fields)
    assert response.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        assert archive.namelist() == ["color.jpg", "alpha.png"]
        assert opened(archive.read("alpha.png")).mode == "L"


def test_background_file(client: TestClient) -> None:
    files = {
        "image_file": ("x", picture()),
        "bg_image_file": ("b", blank(40, 40)),
    }
    response = client.post(URL, files=files, data={"format": "png"})
    assert response.status_code == 200, response.text
    assert opened(response.content).convert("RGB").getpixel((1, 1)) == (20, 40, 200)


def test_not_a_picture(client: TestClient) -> None:
    error = errors(send(client, b"\0\0\0\x18ftypmp42" + bytes(100)))
    assert error == {
        "title": "Invalid file type",
        "code": "invalid_file_type",
        "detail": "Expected jpg/png, received mp4",
    }


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP"])
def test_pictures_that_the_api_does_not_take(client: TestClient, kind: str) -> None:
    error = errors(send(client, picture(kind=kind)))
    assert error["code"] == "invalid_file_type"
    assert error["detail"] == f"Expected jpg/png, received {kind.lower()}"


def test_webp_in(client: TestClient) -> None:
    assert send(client, picture(kind="WEBP")).status_code == 200


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_truncated(client: TestClient, kind: str) -> None:
    data = picture(400, 400, kind=kind)
    response = send(client, data[: len(data) // 2])
    assert response.status_code == 400
    assert errors(response) == {
        "title": "There was an error reading the image.",
        "code": "failed_to_read_image",
    }


def png_header(width: int, height: int) -> bytes:
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        crc = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_too_many_pixels(client: TestClient) -> None:
    error = errors(send(client, png_header(10_000, 6_000)))
    assert error == {
        "title": "Image resolution too high",
        "code": "resolution_too_high",
        "detail": "Input image has 60 megapixels, maximum supported input resolution is 50 "
        "megapixels",
    }


def test_decompression_bomb(client: TestClient) -> None:
    assert errors(send(client, png_header(60_000, 60_000)))["code"] in {
        "resolution_too_high",
        "failed_to_read_image",
    }


@pytest.mark.slow
def test_too_many_bytes(make: Make) -> None:
    client = make(file_limit=2**20)
    data = picture() + bytes(2**20)
    expected = {
        "title": "File too large",
        "code": "file_too_large",
        "detail": "File exceeds limit of 1MB",
    }
    assert errors(send(client, data)) == expected
    text = base64.b64encode(data).decode()
    assert errors(client.post(URL, data={"image_file_b64": text})) == expected
    assert errors(client.post(URL, json={"image_file_b64": text})) == expected
    assert errors(client.post(URL, content=b"x" * 5 * 2**20)) == expected


def test_nothing_found(client: TestClient) -> None:
    response = send(client, blank())
    assert response.status_code == 400
    assert errors(response) == {
        "title": "Could not identify foreground in image. For details and recommendations see "
        "https://www.remove.bg/supported-images.",
        "code": "unknown_foreground",
    }


def test_headers_of_a_success(client: TestClient) -> None:
    headers = send(client, picture(1000, 800), size="preview").headers
    assert (headers["x-width"], headers["x-height"]) == ("559", "447")
    assert (headers["x-max-width"], headers["x-max-height"]) == ("1000", "800")
    assert headers["x-type"] == "other"  # graphic has no word at level 1
    assert headers["x-credits-charged"] == "0.25"
    assert headers["x-ratelimit-limit"] == "500"
    assert headers["x-ratelimit-remaining"] == "499"
    assert headers["access-control-allow-origin"] == "*"
    box = [int(headers[f"x-foreground-{name}"]) for name in ("left", "top", "width", "height")]
    # A disc of radius 0.35 × 800 around the centre, at 0.559 of its size.
    assert box == pytest.approx([123, 67, 313, 313], abs=8)


@pytest.mark.parametrize(
    ("level", "kind"), [("none", None), ("1", "other"), ("2", "graphics"), ("latest", "graphics")]
)
def test_type_level(client: TestClient, level: str, kind: str | None) -> None:
    assert send(client, type_level=level).headers.get("x-type") == kind


@pytest.mark.parametrize(
    "accept", ["application/json", "application/json;q=0.9, */*", "Application/JSON"]
)
def test_json_answer(client: TestClient, accept: str) -> None:
    binary = send(client, crop="true")
    response = client.post(
        URL,
        data={"crop": "true"},
        files={"image_file": picture()},
        headers={"Accept": accept},
    )
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    data = response.json()["data"]
    assert base64.b64decode(data["result_b64"]) == binary.content
    for name in ("top", "left", "width", "height"):
        assert data[f"foreground_{name}"] == int(binary.headers[f"x-foreground-{name}"])
    assert response.headers["x-width"] == binary.headers["x-width"]


def test_errors_have_no_rate_or_credit_headers(client: TestClient) -> None:
    headers = send(client, b"nonsense").headers
    assert headers["access-control-allow-origin"] == "*"
    assert not [name for name in headers if name.startswith(("x-ratelimit", "x-credits"))]


def test_preflight(client: TestClient) -> None:
    response = client.options(
        URL,
        headers={
            "Origin": "https://shop.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "x-api-key,accept",
        },
    )
    assert response.status_code == 204
    assert response.headers["access-control-allow-origin"] == "*"
    assert response.headers["access-control-allow-headers"] == "x-api-key,accept"
    assert "POST" in response.headers["access-control-allow-methods"]


def test_unknown_paths_and_methods(client: TestClient) -> None:
    assert errors(client.get("/v1.0/nothing"))["title"] == "Not Found"
    response = client.get(URL)
    assert response.status_code == 405
    assert errors(response)["title"] == "Method Not Allowed"
    assert response.headers["allow"] == "POST"


def test_ten_thousand_fields(client: TestClient) -> None:
    response = client.post(URL, data={f"f{i}": "x" for i in range(10_000)})
    assert response.status_code == 400
    body = b"".join(
        b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % i for i in range(10_000)
    )
    response = client.post(
        URL,
        content=body + b"--b--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=b"},
    )
    assert errors(response)["detail"] == "More than 1000 fields."


def test_an_archive_with_names_that_climb(client: TestClient) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    assert errors(send(client, out.getvalue()))["detail"] == "Expected jpg/png, received zip"


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"exif": b"Exif\0\0x"}])
@pytest.mark.parametrize(("width", "height"), [(1, 1), (128, 96), (300, 7)])
def test_sizes_of_webp_are_read_from_any_header(
    options: dict[str, object], width: int, height: int
) -> None:
    data = picture(width, height, "WEBP", **options)
    assert webp_size(data) == (width, height)
    assert webp_size(data[:29]) is None


@pytest.mark.slow
def test_the_size_of_clients_that_choose_none(make: Make) -> None:
    client = make(size="full")
    files = {"image_file": picture(1000, 800)}
    answer = client.post(URL, files=files)
    assert (answer.headers["x-width"], answer.headers["x-credits-charged"]) == ("1000", "1")
    answer = client.post(URL, files=files, data={"size": "preview"})
    assert (answer.headers["x-width"], answer.headers["x-credits-charged"]) == ("559", "0.25")
    assert client.post(URL, files=files, data={"size": ""}).headers["x-width"] == "1000"


@pytest.mark.slow
def test_the_size_of_a_key_that_chooses_none(make: Make, database: Path, keys: KeyStore) -> None:
    large, usual = (keys.create(name, credits=9, free_calls=0) for name in ("large", "usual"))
    keys.change("large", size="full")
    client = make(auth=True, database=database)
    data = picture(1000, 800)

    def width(key: str, **fields: str) -> str:
        files, headers = {"image_file": data}, {"X-API-Key": key}
        width: str = client.post(URL, files=files, data=fields, headers=headers).headers["x-width"]
        return width

    assert (width(large), width(usual)) == ("1000", "559")
    assert width(large, size="preview") == "559"
