"""Whatever the way: what succeeds is paid once, what fails costs nothing but its time."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import pytest
from httpx import Response
from starlette.requests import Request

from mattekit.cutout import Cutout
from mattekit.editable import EditablePhoto
from mattekit.errors import UnreadableImage
from mattekit.runtime import FakeSession
from mattekit_server import rates
from mattekit_server.keys import KeyStore
from mattekit_server.pool import WorkerPool
from support.server.pictures import Make, TestClient, blank, picture
from support.server.ways import RESULTS, WAYS, Send, to_an_editor, to_the_page

Result = Callable[[TestClient, bytes], Response]


@pytest.fixture
def client(make: Make, keys: KeyStore, database: Path) -> TestClient:
    """A client with nine credits."""
    client = make(auth=True, database=database, concurrency=2)
    client.headers["X-API-Key"] = keys.create("ann", credits=9, free_calls=0)
    return client


def credits(keys: KeyStore) -> float:
    (record,) = keys.records()
    return record.credits


@pytest.mark.parametrize("way", RESULTS)
def test_the_full_size_costs_a_credit(client: TestClient, keys: KeyStore, way: str) -> None:
    assert RESULTS[way](client, picture(1000, 800)).status_code == 200
    assert credits(keys) == (8 if way == "/v1.0/removebg" else 7.75)  # others began by a preview


@pytest.mark.parametrize("way", RESULTS)
def test_what_fails_costs_nothing(client: TestClient, keys: KeyStore, way: str) -> None:
    answer = RESULTS[way](client, blank(1000, 800))
    assert answer.json()["errors"][0]["code"] == "unknown_foreground"
    assert credits(keys) == (9 if way == "/v1.0/removebg" else 8.75)


@pytest.mark.parametrize("send", WAYS.values(), ids=WAYS)
def test_what_nobody_waits_for_costs_nothing(
    client: TestClient, keys: KeyStore, monkeypatch: pytest.MonkeyPatch, send: Send
) -> None:
    gone, run = threading.Event(), WorkerPool.run

    async def run_and_leave(*args: Any, **named: Any) -> object:
        done = await run(*args, **named)
        gone.set()
        return done

    async def is_disconnected(request: Request) -> bool:
        return gone.is_set()

    monkeypatch.setattr(WorkerPool, "run", run_and_leave)
    monkeypatch.setattr(Request, "is_disconnected", is_disconnected)
    assert send(client, files={"image_file": picture()}).status_code == 499
    assert credits(keys) == 9


@pytest.mark.parametrize("send", WAYS.values(), ids=WAYS)
def test_the_time_of_what_fails_counts(
    client: TestClient, session: FakeSession, monkeypatch: pytest.MonkeyPatch, send: Send
) -> None:
    def fail(batch: object) -> object:
        raise UnreadableImage("image", "it is a test")

    monkeypatch.setattr(rates, "_SECONDS_PER_UNIT", 1e-9)
    monkeypatch.setattr(session, "run", fail)
    statuses = [send(client, files={"image_file": picture()}).status_code for _ in range(2)]
    assert statuses == [400, 429]


def at_the_editor(client: TestClient) -> Callable[..., Response]:
    opened = to_an_editor(client, files={"image_file": picture(1000, 800)}, data={"size": "full"})
    return lambda **named: client.get(f"/editors/{opened.json()['id']}/result", **named)


def at_the_page(client: TestClient) -> Callable[..., Response]:
    opened = to_the_page(client, files={"image_file": picture(1000, 800)})
    path = f"/page/pictures/{opened.json()['id']}/result"
    return lambda **named: client.post(path, json={"options": {"format": "png"}}, **named)


@pytest.mark.parametrize("open_picture", [at_the_editor, at_the_page])
@pytest.mark.parametrize("fails", [False, True])
def test_who_asks_twice_at_once_pays_once(
    client: TestClient,
    keys: KeyStore,
    monkeypatch: pytest.MonkeyPatch,
    open_picture: Callable[[TestClient], Callable[..., Response]],
    fails: bool,
) -> None:
    first_works, second_came = threading.Event(), threading.Event()
    make = EditablePhoto.result

    class Lock(asyncio.Lock):
        async def acquire(self) -> Literal[True]:
            if self.locked():
                second_came.set()
            return await super().acquire()

    def result(*args: Any) -> Cutout:
        if first_works.is_set():
            second_came.set()
            return make(*args)
        first_works.set()
        assert second_came.wait(60)
        if fails:
            raise UnreadableImage("image", "it is a test")
        return make(*args)

    monkeypatch.setattr(asyncio, "Lock", Lock)
    monkeypatch.setattr(EditablePhoto, "result", result)
    ask = open_picture(client)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(ask)
        assert first_works.wait(60)
        second = threads.submit(ask)
        answers = [each.result(60).status_code for each in (first, second)]
    assert answers == [400 if fails else 200, 200]
    assert credits(keys) == 7.75


def test_who_waits_for_somebody_else_s_payment_waits_until_the_deadline(
    client: TestClient, keys: KeyStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = at_the_page(client)
    headers = {"X-API-Key": keys.create("hasty", credits=3, free_calls=0)}
    keys.change("hasty", deadline=0.2)
    begun, over, make = threading.Event(), threading.Event(), EditablePhoto.result

    def result(*args: Any) -> Cutout:
        begun.set()
        assert over.wait(60)
        return make(*args)

    monkeypatch.setattr(EditablePhoto, "result", result)
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(ask)
        assert begun.wait(60)
        second = ask(headers=headers)
        over.set()
        assert first.result(60).status_code == 200
    assert (second.status_code, second.json()["errors"][0]["code"]) == (503, "server_busy")
    assert [record.credits for record in keys.records()] == [7.75, 3]


def test_who_waits_for_somebody_else_s_payment_is_one_of_the_queue(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, waits, over = threading.Event(), threading.Event(), threading.Event()
    make_result = EditablePhoto.result

    class Lock(asyncio.Lock):
        async def acquire(self) -> Literal[True]:
            if waits.is_set():
                over.set()  # a third one waits
            elif self.locked():
                waits.set()
            return await super().acquire()

    def result(*args: Any) -> Cutout:
        begun.set()
        assert over.wait(60)
        return make_result(*args)

    monkeypatch.setattr(asyncio, "Lock", Lock)
    monkeypatch.setattr(EditablePhoto, "result", result)
    client = make(concurrency=2, queue=1)
    ask = at_the_editor(client)
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(ask)
        assert begun.wait(60)
        second = threads.submit(ask)
        assert waits.wait(60)
        third = ask()
        over.set()
        assert [each.result(60).status_code for each in (first, second)] == [200, 200]
    assert (third.status_code, third.json()["errors"][0]["code"]) == (503, "server_busy")
