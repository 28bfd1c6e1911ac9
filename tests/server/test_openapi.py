"""The document and the page of the API."""

from __future__ import annotations

from mattekit.options import OPTIONS
from support.server.pictures import TestClient


def test_document_is_made_from_the_options(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    post = document["paths"]["/v1.0/removebg"]["post"]
    content = post["requestBody"]["content"]
    assert len(content) == 3
    form = content["multipart/form-data"]["schema"]["properties"]
    for name, option in OPTIONS.items():
        if name in {"device", "bg_image"}:
            assert name not in form
        else:
            assert option.help in form[name]["description"]
    assert form["image_file"]["format"] == "binary"
    assert "image_file" not in content["application/json"]["schema"]["properties"]
    assert form["size"]["default"] == "preview"
    assert "original" not in form["size"]["enum"]
    assert "tiff" not in form["format"]["enum"]
    assert set(post["responses"]) == {"200", "400", "401", "402", "403", "408", "429", "500", "503"}


def test_page_needs_nothing_from_elsewhere(client: TestClient) -> None:
    response = client.get("/docs")
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "crop_margin" in response.text
    assert "http" not in response.text.replace("http or https URL", "").replace("HTTP", "")


def test_ready_answers_what_the_document_says(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"]["/ready"]["get"]
    assert set(operation["responses"]) == {"200", "503"}
    assert "Retry-After" in operation["responses"]["503"]["headers"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    answer = client.get("/ready").json()
    assert set(answer) == set(schema["required"])
    assert answer["status"] in schema["properties"]["status"]["enum"]
