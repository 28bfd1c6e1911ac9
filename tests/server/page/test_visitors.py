"""What visitors have in memory: bounded, and forgotten."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from mattekit.geometry import Size
from mattekit_server.page.visitors import PICTURES, Cache, StoredPicture, Visitors
from mattekit_server.problems import Problem
from support.server.pictures import Make, TestClient, picture


def test_whoever_does_not_come_back_is_forgotten() -> None:
    now = 0.0
    visitors = Visitors(1000, 60.0, clock=lambda: now)
    token, visitor = visitors.add()
    now = 59.0
    assert visitors.find(token) is visitor
    now = 118.0
    assert visitors.find(token) is visitor  # came back in between
    now = 179.0
    assert visitors.find(token) is None
    assert len(visitors) == 0


def test_tokens_are_not_what_is_kept() -> None:
    visitors = Visitors(1000, 60.0)
    token, visitor = visitors.add()
    assert len(token) >= 43
    assert token.encode() not in visitor.digest
    assert visitors.find(token[:-1] + "A" * 2) is None
    assert visitors.find("") is None


def test_pictures_are_gone_after_the_time(make: Make, drop: Callable[..., dict[str, str]]) -> None:
    client = make()
    client.headers["X-Mattekit-Page"] = "1"
    client.get("/page/session")
    number = drop(client, picture())["id"]
    client.app.state.page.visitors.seconds = -1.0  # type: ignore[attr-defined]
    gone = client.get(f"/page/pictures/{number}/original")
    assert gone.json()["errors"][0]["code"] == "visitor_unknown"


def test_memory_is_bounded(make: Make, drop: Callable[..., dict[str, str]]) -> None:
    # One visitor may send an eighth of it.
    client = make(page_memory=20 * len(picture()))
    client.headers["X-Mattekit-Page"] = "1"
    client.get("/page/session")
    drop(client, picture())
    drop(client, picture())
    answer = client.post("/page/pictures", files={"image_file": ("c.png", picture())})
    assert answer.json()["errors"][0]["code"] == "too_many_pictures"


def test_what_arrives_has_its_room_already(
    make: Make, drop: Callable[..., dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make(page_memory=20 * len(picture()))
    client.headers["X-Mattekit-Page"] = "1"
    client.get("/page/session")
    drop(client, picture())
    page = client.app.state.page  # type: ignore[attr-defined]
    at_work, further, find = threading.Event(), threading.Event(), page.renderer.open

    def slow(data: bytes, name: str) -> StoredPicture:
        at_work.set()
        assert further.wait(30)
        found: StoredPicture = find(data, name)
        return found

    monkeypatch.setattr(page.renderer, "open", slow)
    files = {"image_file": ("b.png", picture())}
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(client.post, "/page/pictures", files=files)
        assert at_work.wait(30)
        try:
            monkeypatch.setattr(page.renderer, "open", find)
            second = client.post("/page/pictures", files=files)
        finally:
            further.set()
        assert first.result(30).status_code == 201
    assert second.json()["errors"][0]["code"] == "too_many_pictures"
    assert len(client.get("/page/session").json()["pictures"]) == 2


def test_what_does_not_arrive_gives_its_room_back() -> None:
    visitors = Visitors(1000, 60.0)
    _, visitor = visitors.add()

    def broken_off() -> None:
        with visitors.reserved(visitor, 400, pictures=PICTURES):
            for count, pictures in ((101, 0), (0, 1)):
                with pytest.raises(Problem):
                    visitors.require_room(visitor, count, pictures=pictures)
            raise EOFError

    with pytest.raises(EOFError):
        broken_off()
    with visitors.reserved(visitor, 400, pictures=1) as room:
        room.resize(500)
        with pytest.raises(Problem):
            room.resize(501)
        assert visitor.memory == 500
    assert visitor.memory == 0


def test_what_was_only_announced_keeps_nobody_else_out() -> None:
    visitors = Visitors(1000, 60.0)
    (_, first), (_, second), (_, third) = (visitors.add() for _ in range(3))
    with visitors.reserved(first, 500) as one, visitors.reserved(second, 500) as other:
        visitors.require_room(third, 500)
        one.resize(500)
        other.resize(400)
        with pytest.raises(Problem) as full:
            visitors.require_room(third, 101)
        assert full.value.status == 503
        visitors.require_room(third, 100)


def test_whoever_is_sending_makes_no_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mattekit_server.page.visitors.VISITORS", 2)
    visitors = Visitors(1000, 60.0)
    token, first = visitors.add()
    visitors.add()
    with visitors.reserved(first, 1, pictures=1):
        visitors.add()
        assert visitors.find(token) is first


def test_a_file_that_is_too_large_is_told_so(window: TestClient) -> None:
    for length, path in itertools.product(
        (str(1 << 30), 5000 * "9"), ("/page/pictures", "/page/backgrounds")
    ):
        headers = {"Content-Length": length, "Content-Type": "multipart/form-data; boundary=a"}
        answer = window.post(path, content=b"", headers=headers)
        assert answer.json()["errors"][0]["code"] == "file_too_large"


def test_a_body_of_unknown_length_needs_room_once_it_is_there(make: Make) -> None:
    client = make(page_memory=20 * len(picture()))
    client.headers["X-Mattekit-Page"] = "1"
    client.get("/page/session")
    whole = client.build_request("POST", "/page/pictures", files={"image_file": picture()})
    headers = {"Content-Type": whole.headers["Content-Type"]}
    answer = client.post("/page/pictures", content=iter([whole.read()]), headers=headers)
    assert answer.status_code == 201


def test_the_whole_server_is_bounded_too() -> None:
    visitors = Visitors(1000, 60.0)
    _, first = visitors.add()
    with pytest.raises(Problem) as caught:
        visitors.require_room(first, 501)
    assert caught.value.code == "too_many_pictures"


def test_whoever_has_left_nothing_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mattekit_server.page.visitors.VISITORS", 2)
    visitors = Visitors(1000, 60.0)
    first, keeper = visitors.add()
    keeper.pictures["x"] = None  # type: ignore[assignment]
    second, _ = visitors.add()
    third, other = visitors.add()
    assert visitors.find(first) is keeper
    assert visitors.find(second) is None
    assert visitors.find(third) is other
    other.pictures["x"] = None  # type: ignore[assignment]
    with pytest.raises(Problem) as caught:
        visitors.add()
    assert (caught.value.status, caught.value.code) == (503, "server_full")


def test_states_count_too(make: Make, drop: Callable[..., dict[str, str]]) -> None:
    client = make(page_memory=1_200_000)
    client.headers["X-Mattekit-Page"] = "1"
    client.get("/page/session")
    path = f"/page/pictures/{drop(client, picture())['id']}/state"
    assert client.put(path, json={"version": 0, "state": "x" * 1000}).status_code == 200
    assert client.put(path, json={"version": 1, "state": "x" * 90_000}).status_code == 200
    for state in ("x" * 400_000, "😀" * 90_000):  # as UTF-8 they are as long, nearly
        answer = client.put(path, json={"version": 2, "state": state})
        assert answer.json()["errors"][0]["code"] == "too_many_pictures"


class TestCache:
    def test_is_asked_once(self) -> None:
        cache = Cache(100)
        made: list[str] = []

        def make() -> str:
            made.append("x")
            return "value"

        assert cache.get("a", make, len) == cache.get("a", make, len) == "value"
        assert made == ["x"]

    def test_the_least_recently_used_goes_first(self) -> None:
        cache = Cache(10)
        for key in "abc":
            cache.get(key, lambda: "xxx", len)
        cache.get("a", lambda: "new", len)
        cache.get("d", lambda: "xxx", len)
        assert cache.used == 9
        assert cache.get("a", lambda: "again", len) == "xxx"
        assert cache.get("b", lambda: "again", len) == "again"

    def test_what_is_too_large_is_given_and_not_kept(self) -> None:
        cache = Cache(2)
        assert cache.get("a", lambda: "xxx", len) == "xxx"
        assert cache.used == 0

    def test_forgets(self) -> None:
        cache = Cache(10)
        for key in (("a", 1), ("a", 2), ("b", 1)):
            cache.get(key, lambda: "x", len)
        cache.forget(lambda key: key[0] == "a")
        assert cache.used == 1


def test_pictures_of_the_forgotten_are_told() -> None:
    now, told = 0.0, []
    visitors = Visitors(1000, 60.0, clock=lambda: now, forgotten=told.append)
    _, visitor = visitors.add()
    visitor.pictures["a"] = stored = StoredPicture("a", "a.png", b"", Size(1, 1))
    now = 61.0
    visitors.sweep()
    assert told == [stored]
