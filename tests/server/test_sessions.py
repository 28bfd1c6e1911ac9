"""The worker's networks for other programs of its user: loaded, run, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from mattekit_client.remote import WIRE, read_shape
from support.server.pictures import Make, TestClient

ASK = {"model": "auto", "device": "auto", "kind": "auto"}


@pytest.fixture
def worker(make: Make) -> TestClient:
    client = make(local=True, token="secret")
    client.headers["X-Api-Key"] = "secret"
    return client


def test_a_network_says_what_it_is(worker: TestClient) -> None:
    answer = worker.post("/worker/session", json=ASK).json()
    assert (answer["card"]["name"], answer["device"]) == ("fake", "cpu")
    assert answer["providers"] == ["FakeExecutionProvider"]


def test_a_batch_is_run(worker: TestClient) -> None:
    batch = np.zeros((2, 3, 64, 64), WIRE)
    batch[0, 0] = 1  # redder than blue
    response = worker.post("/worker/run", content=batch.tobytes(), headers={"X-Shape": "2,3,64,64"})
    shape = read_shape(response.headers["x-shape"])
    kinds = read_shape(response.headers["x-kinds-shape"])
    values = np.frombuffer(response.content, WIRE)
    assert len(values) == np.prod(shape) + np.prod(kinds)
    alpha = values[: np.prod(shape)].reshape(shape)
    assert alpha[0].min() > alpha[1].max()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", 50_000 * b"[", b'{"model": "auto"}', b"null"])
def test_what_asks_for_no_network(worker: TestClient, body: bytes) -> None:
    response = worker.post("/worker/session", content=body)
    assert response.status_code == 400
    assert "JSON" in response.text


@pytest.mark.parametrize(
    "shape", ["", "x", "1,3,4", "0,3,8,8", "1,3,-8,8", "1,3,100000,100000", "1,3,8,8,1"]
)
def test_a_shape_that_is_none(worker: TestClient, shape: str) -> None:
    response = worker.post("/worker/run", content=b"1234", headers={"X-Shape": shape})
    assert response.status_code == 400
    assert "X-Shape" in response.text


def test_a_body_of_another_length(worker: TestClient) -> None:
    response = worker.post("/worker/run", content=b"1234", headers={"X-Shape": "1,3,8,8"})
    assert response.status_code == 400
    assert "not as long" in response.text


def test_nobody_else_is_served(make: Make) -> None:
    local = make(local=True, token="secret", auth=True)
    assert local.post("/worker/session", json=ASK).status_code == 403
    assert make().post("/worker/session", json=ASK).status_code == 404
