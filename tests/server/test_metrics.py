"""What a server counts."""

from __future__ import annotations

from support.server.pictures import TestClient, picture


def test_counters(client: TestClient) -> None:
    client.post("/v1.0/removebg", files={"image_file": picture()})
    client.get("/../../etc/passwd")
    response = client.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    lines = response.text.splitlines()
    assert 'mattekit_requests_total{path="/v1.0/removebg",status="200"} 1.0' in lines
    assert "mattekit_picture_seconds_count 1.0" in lines
    assert "mattekit_credits_total 0.25" in lines
    assert "passwd" not in response.text  # paths are no labels: anyone could make up a million
