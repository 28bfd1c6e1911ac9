"""A runtime whose networks are in the worker."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import pytest

import mattekit
import mattekit_bridge
from mattekit.errors import OptionError, ServerError
from mattekit.geometry import Size
from mattekit.models import InputSpec, ModelCard, OutputSpec
from mattekit.runtime import FakeSession, Runtime
from mattekit_bridge import Worker
from mattekit_client.remote import RemoteRuntime, card_from_json, card_to_json
from support.helpers import disc

pytestmark = pytest.mark.slow


@pytest.fixture
def worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path / "worker"))
    monkeypatch.setenv("MATTEKIT_PLUGINS_OFF", "*")
    yield mattekit_bridge.start(sys.executable, clean=False)
    mattekit_bridge.stop()


def test_cards_travel() -> None:
    for card in (
        *Runtime().store.cards,
        ModelCard(
            "x",
            urls=("a",),
            input=InputSpec(size=Size(3, 4), divide=127.5, mean=(1.0, 2.0, 3.0)),
            output=OutputSpec(alpha="a", kinds=1, kind_names=("person",)),
        ),
    ):
        back = card_from_json(json.loads(json.dumps(card_to_json(card))))
        assert back == card
        assert repr(back) == repr(card)
        assert hash(dataclasses.replace(back)) == hash(card)


def test_the_same_result_as_here(worker: Worker) -> None:
    image = disc(200, 300).image
    with RemoteRuntime(worker.url, worker.token) as remote, Runtime() as local:
        there = mattekit.remove_background(image, runtime=remote, refine="fast")
        here = mattekit.remove_background(image, runtime=local, refine="fast")
        assert np.abs(there.alpha.astype(int) - here.alpha.astype(int)).max() <= 1
        assert there.kind == here.kind
        session = remote.session()
        assert session.card == local.session().card
        assert remote.session() is session
        assert (session.device, session.providers) == ("cpu", local.session().providers)
        assert local.loaded()[0].model == remote.loaded()[0].model


def test_a_stand_in_is_not_remote() -> None:
    with RemoteRuntime("http://127.0.0.1:1") as remote:
        session = FakeSession(lambda batch: batch[:, :1])
        remote.use("auto", session)
        assert remote.session() is session


def test_what_the_worker_refuses(worker: Worker) -> None:
    with RemoteRuntime(worker.url, worker.token) as remote:
        with pytest.raises(ServerError, match="Invalid model parameter"):
            remote.session("nosuchmodel")
        session = remote.session()
        with pytest.raises(ServerError, match="no shape of a batch"):
            session.run(np.zeros((3, 4), np.float32))
    with RemoteRuntime(worker.url, "wrong") as remote, pytest.raises(ServerError, match="403"):
        remote.session()
    bad = httpx.post(
        f"{worker.url}/worker/run",
        headers={"X-API-Key": worker.token, "X-Shape": "1,3,9999999,9"},
        content=b"",
        trust_env=False,
    )
    assert bad.status_code == 400


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json=[]),
        httpx.Response(200, text="[" * 100_000),
        httpx.Response(200, json={"card": {"input": {}, "output": {}, "new": 1}}),
    ],
)
def test_what_is_no_worker_of_ours(answer: httpx.Response) -> None:
    transport = httpx.MockTransport(lambda request: answer)
    with (
        RemoteRuntime("http://127.0.0.1:1", transport=transport) as remote,
        pytest.raises(ServerError, match="mattekit worker stop"),
    ):
        remote.session()


def test_no_worker_there() -> None:
    with (
        RemoteRuntime("http://127.0.0.1:port", "t") as remote,
        pytest.raises(ServerError, match="Invalid port"),
    ):
        remote.session()
    with (
        RemoteRuntime("http://127.0.0.1:1", "t") as remote,
        pytest.raises(ServerError, match="mattekit worker status"),
    ):
        remote.session()
    with pytest.raises(OptionError, match="MATTEKIT_SERVER"):
        RemoteRuntime("nonsense")


def test_the_environment_chooses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    def shared() -> Runtime:
        monkeypatch.setattr(Runtime, "_shared", None)
        return Runtime.shared()

    monkeypatch.setenv("MATTEKIT_WORKER_DIR", str(tmp_path / "worker"))
    monkeypatch.setenv("MATTEKIT_SERVER", "")
    assert not isinstance(shared(), RemoteRuntime)
    monkeypatch.setenv("MATTEKIT_SERVER", "auto")
    assert not isinstance(shared(), RemoteRuntime)
    monkeypatch.setenv("MATTEKIT_SERVER", "worker")
    with pytest.raises(OptionError, match="mattekit worker start"):
        shared()
    worker = request.getfixturevalue("worker")
    for wish in ("worker", "auto", worker.url):
        monkeypatch.setenv("MATTEKIT_SERVER", wish)
        runtime = shared()
        assert isinstance(runtime, RemoteRuntime)
        assert runtime.url == worker.url
        runtime.close()
    monkeypatch.setattr(Runtime, "_shared", None)
