"""Fields become parameters, or a refusal that names the field."""

from __future__ import annotations

import base64
import io
import json
import urllib.parse

import httpx
import numpy as np
import pytest
from httpx import Response
from PIL import Image

from support.server.pictures import TestClient, opened, picture
from support.server.sending import URL, errors, send
from support.tiers import spread


def spoilt(text: str) -> dict[str, str]:
    wrapped = "\r\n".join(text[i : i + 76] for i in range(0, len(text), 76))
    return {
        "data prefix": "data:image/png;base64," + text,
        "lost plus": text.replace("+", " "),
        "line breaks": wrapped,
        "no padding": text.rstrip("="),
        "url alphabet": text.replace("+", "-").replace("/", "_"),
    }


@pytest.mark.parametrize("how", list(spoilt("")))
def test_base64_as_it_arrives(client: TestClient, how: str) -> None:
    text = base64.b64encode(picture(99, 97)).decode()
    response = client.post(URL, data={"image_file_b64": spoilt(text)[how]})
    assert response.status_code == 200, response.text


def test_base64_that_is_none(client: TestClient) -> None:
    response = client.post(URL, data={"image_file_b64": "!!!"})
    assert errors(response)["code"] == "failed_to_read_image"


def test_plus_signs_of_an_unescaped_body(client: TestClient) -> None:
    text = base64.b64encode(picture()).decode()
    assert "+" in text
    response = client.post(
        URL,
        content=f"image_file_b64={text}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    "fields",
    [{}, {"image_url": ""}, {"image_file_b64": "  "}, {"size": "auto", "api_key": "x"}],
)
def test_missing_source(client: TestClient, fields: dict[str, str]) -> None:
    response = client.post(URL, data=fields)
    assert response.status_code == 400
    assert errors(response) == {
        "title": "No image given",
        "code": "missing_source",
        "detail": "Please provide the source image in the image_url, image_file or "
        "image_file_b64 parameter.",
    }


def test_no_body_at_all(client: TestClient) -> None:
    assert errors(client.post(URL))["code"] == "missing_source"


def test_multiple_sources(client: TestClient) -> None:
    response = send(client, image_url="http://example.com/x.jpg")
    assert response.status_code == 400
    assert errors(response) == {
        "title": "Multiple image sources given: Please provide either the image_url, image_file "
        "or image_file_b64 parameter.",
        "code": "multiple_sources",
    }


def test_empty_fields_count_as_not_given(client: TestClient) -> None:
    empty = [
        *("type_level", "roi", "crop", "crop_margin", "scale", "position", "add_shadow"),
        *("semitransparency", "bg_color", "image_url", "image_file_b64", "bg_image_url"),
    ]
    response = send(client, **dict.fromkeys(empty, ""), size="auto", api_key="secret")
    assert response.status_code == 200, response.text


def test_an_empty_file_with_another_source(client: TestClient) -> None:
    text = base64.b64encode(picture()).decode()
    response = client.post(URL, data={"image_file_b64": text}, files={"image_file": ("", b"")})
    assert response.status_code == 200, response.text


@pytest.mark.parametrize("body", [b"{", b"[1]", b"[" * 100_000, b'"x"', b"\xff\xfe"])
def test_broken_json(client: TestClient, body: bytes) -> None:
    response = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert errors(response)["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"size": "huge"}, "invalid_size"),
        ({"size": "original"}, "invalid_size"),
        ({"channels": "cmyk"}, "invalid_channels"),
        ({"format": "tiff"}, "invalid_format"),
        ({"format": "gif"}, "invalid_format"),
        ({"roi": "1 2 3"}, "invalid_roi"),
        ({"crop_margin": "10"}, "invalid_crop_margin"),
        ({"crop_margin": "51%"}, "invalid_crop_margin"),
        ({"scale": "5%"}, "invalid_scale"),
        ({"position": "left"}, "invalid_position"),
        ({"bg_color": "nocolour"}, "invalid_bg_color"),
        ({"semitransparency": "maybe"}, "invalid_semitransparency"),
        ({"type": "house"}, "invalid_type"),
        ({"type_level": "9"}, "invalid_type_level"),
        ({"crop": "2"}, "invalid_crop"),
        ({"add_shadow": "x"}, "invalid_add_shadow"),
        ({"shadow_type": "x"}, "invalid_shadow_type"),
        ({"shadow_type[boat]": "drop"}, "invalid_shadow_type"),
        ({"shadow_opacity": "101"}, "invalid_shadow_opacity"),
        ({"model": "/etc/passwd"}, "invalid_model"),
        ({"model": "x.onnx"}, "invalid_model"),
        ({"model": "nosuchmodel"}, "invalid_model"),
        ({"roi": "0px 0px 200px 50px"}, "roi_exceeds_bounds"),
        ({"roi": "10px 10px 10px 50px"}, "roi_region_empty"),
    ],
)
def test_bad_options(client: TestClient, fields: dict[str, str], code: str) -> None:
    response = send(client, **fields)
    assert response.status_code == 400
    error = errors(response)
    assert error["code"] == code
    (name,) = fields
    name = name.partition("[")[0]
    if code in {"invalid_size", "invalid_channels"}:
        assert error["title"] == f"Invalid value for parameter '{name}'"
    elif code.startswith("invalid_"):
        assert error["title"] == f"Invalid {name} parameter given"
    else:
        assert error["title"].startswith("ROI ")


def test_bare_zeros_in_a_region(client: TestClient) -> None:
    assert send(client, roi="0 0 100% 100%").status_code == 200


def test_php_booleans_and_upper_case(client: TestClient) -> None:
    response = send(client, crop="1", size="Auto", format="PNG", shadow_type="3d")
    assert response.status_code == 200, response.text


def test_device_is_the_operators(client: TestClient) -> None:
    assert send(client, device="cuda").status_code == 200


@pytest.mark.parametrize(
    "fields",
    [
        {"bg_color": "fff", "bg_image_url": "http://example.com/"},
        {"bg_color": "00000000", "bg_image_url": "http://example.com/"},
    ],
)
def test_multiple_backgrounds(client: TestClient, fields: dict[str, str]) -> None:
    assert errors(send(client, **fields)) == {
        "title": "Multiple background sources given: Please provide either the bg_color, the "
        "bg_image_url or the bg_image_file parameter.",
        "code": "multiple_bg_sources",
    }


@pytest.mark.parametrize("name", ["size", "bg_color", "roi"])
def test_long_and_strange_values(client: TestClient, name: str) -> None:
    assert send(client, **{name: "9" * 10_000}).status_code == 400
    assert send(client, **{name: "x" * 100_000}).status_code == 400
    assert send(client, **{name: "\0\x01é\ud7ff"}).status_code == 400


def test_options_of_a_wrong_json_type(client: TestClient) -> None:
    text = base64.b64encode(picture()).decode()
    for value in ([1, 2], {"a": 1}, 1e400, [[]], {"": {}}):
        for name in ("size", "scale", "roi", "bg_color", "crop_margin", "shadow_type", "model"):
            body = json.dumps({"image_file_b64": text, name: value})
            response = client.post(URL, content=body, headers={"Content-Type": "application/json"})
            assert response.status_code == 400, (name, value, response.text)
    for name in ("image_url", "image_file_b64"):
        assert client.post(URL, json={name: [1]}).status_code == 400


def test_urls_in_urlencoded_bodies(client: TestClient) -> None:
    body = urllib.parse.urlencode({"image_url": "http://127.0.0.1/x.png"})
    response = client.post(
        URL, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert errors(response)["code"] == "failed_image_download"


@pytest.mark.parametrize(
    "name", ["image_url", "image_file_b64", *spread(["size", "model", "bg_color"], 3)]
)
@pytest.mark.parametrize("text", ["\\ud800", "http://\\ud800/", "http://a\\u0000b/", "\\uffff"])
def test_text_that_is_no_text(client: TestClient, name: str, text: str) -> None:
    source = base64.b64encode(picture()).decode()
    other = "" if name.startswith("image") else f', "image_file_b64": "{source}"'
    body = f'{{"{name}": "{text}"{other}}}'
    response = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400, response.text


# -- hints ---------------------------------------------------------------------------------------


def drawn(box: tuple[int, int, int, int], size: tuple[int, int] = (128, 96)) -> bytes:
    image = Image.new("L", size)
    image.paste(255, box)
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def alpha_of(response: Response) -> np.ndarray:
    assert response.status_code == 200, response.text
    return np.asarray(opened(response.content))[..., 3]


def test_a_mask_is_a_file(client: TestClient) -> None:
    files = {"image_file": picture(), "mask": drawn((0, 0, 40, 96))}
    alpha = alpha_of(client.post(URL, files=files, data={"size": "auto"}))
    assert alpha[48, 10] == 255
    assert alpha[48, 100] == 0


def test_hints_are_texts_and_files_together(client: TestClient) -> None:
    files = [
        ("image_file", ("a", picture())),
        ("remove", ("strokes", drawn((60, 40, 70, 50)))),
        ("keep", ("one", drawn((0, 0, 4, 4)))),
        ("keep", ("two", drawn((120, 0, 124, 4)))),
    ]
    data = {"size": "auto", "remove": "0px 90px 128px 96px", "keep": "2px 60px, 100% 60%"}
    alpha = alpha_of(client.post(URL, files=files, data=data))
    assert (alpha[40:50, 60:70] == 0).all()
    assert (alpha[90:] == 0).all()
    assert (alpha[:4, :4] == 255).all()
    assert (alpha[:4, 120:124] == 255).all()
    assert alpha[60, 2] == alpha[57, 127] == 255


@pytest.mark.parametrize("keep", spread([["2px 3px", [9, 9]], "2px 3px", [2, 3], [[2, 3]]], 4))
def test_points_as_json(client: TestClient, keep: object) -> None:
    body = {"image_file_b64": base64.b64encode(picture()).decode(), "size": "auto", "keep": keep}
    assert alpha_of(client.post(URL, json=body))[3, 2] == 255


@pytest.mark.parametrize("name", ["mask", "keep", "remove"])
@pytest.mark.parametrize("text", ["/etc/passwd", "sample.png", '"1px 2px"', "1px 1px, a.png"])
def test_no_file_that_a_client_names_is_opened(
    client: TestClient, name: str, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened_file(*_: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr("mattekit.codecs.source.Path.open", opened_file)
    body = {"image_file_b64": base64.b64encode(picture()).decode(), name: text}
    for response in (
        client.post(URL, data=body),
        client.post(URL, json=body),
        client.post(URL, files={"image_file": picture()}, data={name: text}),
    ):
        assert response.status_code == 400
        assert errors(response)["code"] == f"invalid_{name}"


def test_hints_are_checked(client: TestClient) -> None:
    files = {"image_file": picture(), "mask": drawn((0, 0, 4, 4), (96, 128))}
    assert "128 × 96 pixels" in errors(client.post(URL, files=files))["detail"]
    no_picture = client.post(URL, files={"image_file": picture(), "keep": b"no picture"})
    assert errors(no_picture)["code"] == "invalid_keep"
    assert "received text" in errors(no_picture)["detail"]
    many = [("keep", (str(n), drawn((0, 0, 4, 4)))) for n in range(9)]
    refused = client.post(URL, files=[("image_file", ("a", picture())), *many])
    assert errors(refused)["code"] == "invalid_keep"
    two = [("mask", (str(n), drawn((0, 0, 4, 4)))) for n in range(2)]
    refused = client.post(URL, files=[("image_file", ("a", picture())), *two])
    assert errors(refused)["code"] == "invalid_mask"
    broken = client.post(URL, files={"image_file": picture(), "mask": ("m.png", b"")})
    assert errors(broken)["code"] == "invalid_mask"


def test_files_that_a_form_did_not_choose_are_not_given(client: TestClient) -> None:
    """A browser sends a name for every field, an empty one for what was not chosen."""
    request = httpx.Request("POST", URL, files={"image_file": picture(), "mask": ("nothing", b"")})
    body = request.read().replace(b'filename="nothing"', b'filename=""')
    kind = {"Content-Type": request.headers["content-type"]}
    assert client.post(URL, content=body, headers=kind).status_code == 200


@pytest.mark.parametrize("value", ["1" + 400 * "0", "-1" + 400 * "0", "1e400", "NaN"])
@pytest.mark.parametrize(
    "field",
    [
        *('"scale": {}', '"crop_margin": {}', '"edge_shift": {}', '"quality": {}', '"specks": {}'),
        *('"position": [{0}, {0}]', '"aspect": [{0}, 1]', '"keep": [[{0}, 1]]'),
    ],
)
def test_numbers_in_json_that_are_none(client: TestClient, field: str, value: str) -> None:
    content = base64.b64encode(picture()).decode()
    body = f'{{"image_file_b64": "{content}", {field.format(value)}}}'
    response = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400, response.text
    assert errors(response)["code"].startswith("invalid")


@pytest.mark.parametrize(
    ("value", "status"), [("50", 200), ('{"car": 3}', 200), ("[50]", 400), ("true", 400)]
)
def test_a_value_for_all_kinds_and_one_for_some(
    client: TestClient, value: str, status: int
) -> None:
    content = base64.b64encode(picture()).decode()
    body = (
        f'{{"image_file_b64": "{content}", "shadow_opacity": {value}, "shadow_opacity[car]": 90}}'
    )
    response = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == status, response.text
    assert status == 200 or errors(response)["code"] == "invalid_shadow_opacity"


def test_json_that_is_too_deep_to_be_said_again(client: TestClient) -> None:
    body = '{"bg_color": ' + "[" * 960 + "]" * 960 + "}"
    response = client.post(URL, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert errors(response)["code"] == "invalid_request"
