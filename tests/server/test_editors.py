"""Pictures that stay on the server while somebody corrects them."""

from __future__ import annotations

import functools
import io
import json
import threading
import time
import types
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import anyio
import numpy as np
import pytest
from PIL import Image

import mattekit
from mattekit.errors import UnreadableImage
from mattekit.options import Options
from mattekit.runtime import Runtime
from mattekit_server import application, charging
from mattekit_server.engine import Engine, OpenEditor
from mattekit_server.keys import KeyStore
from mattekit_server.pool import WorkerPool
from support.server.pictures import Make, TestClient, blank, opened, picture

#: The disc's middle, and a corner of the ground.
MIDDLE, CORNER = [64, 48], [6, 6]


@pytest.fixture
def worker(make: Make) -> TestClient:
    client = make(local=True, token="secret")
    client.headers["X-Api-Key"] = "secret"
    return client


def upload(data: bytes, **fields: str) -> dict[str, Any]:
    return {"files": {"image_file": ("picture.png", data)}, "data": fields}


def begin(client: TestClient, data: bytes, **fields: str) -> dict[str, Any]:
    answer = client.post("/editors", **upload(data, **fields))
    assert answer.status_code == 201, answer.text
    state: dict[str, Any] = answer.json()
    return state


def point(place: list[int], *, keep: bool) -> dict[str, Any]:
    return {"keep": keep, "shape": "point", "points": place}


def file_of(mask: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(mask.astype(np.uint8) * 255).save(out, "PNG")
    return out.getvalue()


def alpha(data: bytes) -> np.ndarray:
    return np.asarray(opened(data).getchannel("A"))


def test_the_whole_way(worker: TestClient) -> None:
    state = begin(worker, picture(600, 900), size="full")
    assert (state["width"], state["height"]) == (600, 900)
    assert state["preview"]["width"] * state["preview"]["height"] <= 251_000
    assert (state["marks"], state["undo"], state["redo"]) == (0, False, False)
    place = f"/editors/{state['id']}"
    before = worker.get(f"{place}/preview").content
    stroke = {"keep": False, "shape": "stroke", "points": [200, 450, 400, 450], "size": 40}
    marked = worker.post(f"{place}/marks", json={"marks": [stroke]}).json()
    assert (marked["marks"], marked["undo"]) == (1, True)
    after = worker.get(f"{place}/preview")
    assert after.headers["content-type"] == "image/png"
    assert json.loads(after.headers["x-editor"]) == marked
    width, height = opened(after.content).size
    assert alpha(before)[height // 2, width // 2] == 255
    assert alpha(after.content)[height // 2, width // 2] == 0
    assert worker.post(f"{place}/undo").json()["redo"]
    assert worker.get(f"{place}/preview").content == before
    assert worker.post(f"{place}/redo").json() == marked
    result = worker.get(f"{place}/result")
    assert opened(result.content).size == (600, 900)
    assert alpha(result.content)[450, 300] == 0
    assert worker.get(place).json() == marked
    assert worker.delete(place).status_code == 204
    gone = worker.get(place)
    assert gone.status_code == 404
    assert gone.json()["errors"][0]["code"] == "editor_unknown"


@pytest.mark.slow
@pytest.mark.parametrize("format", ["pgm", "pam"])
def test_the_result_is_that_of_one_call(worker: TestClient, runtime: Runtime, format: str) -> None:
    data = picture(300, 200)
    place = f"/editors/{begin(worker, data, crop='true', bg_color='yellow')['id']}"
    stroke = np.zeros((200, 300), bool)
    stroke[90:100, 120:160] = True
    part = stroke[80:110, 110:170]
    answers = [
        worker.post(
            f"{place}/marks",
            files={"remove": ("strokes.png", file_of(part))},
            data={"left": "110", "top": "80"},
        ),
        worker.post(f"{place}/marks", data={"keep": "20px 20px, 150px 130px"}),
        worker.post(f"{place}/marks", files={"keep": ("stroke.png", file_of(stroke[::-1]))}),
    ]
    assert [answer.status_code for answer in answers] == [200] * 3
    options = Options(crop=True, bg_color="yellow")
    editor = mattekit.Editor(data, options, runtime=runtime, overpaint=True)
    editor.remove([stroke])
    editor.keep([(20, 20), (150, 130)])
    editor.keep([stroke[::-1]])
    once = mattekit.remove_background(data, editor.options, runtime=runtime)
    found = worker.get(f"{place}/result", params={"format": format})
    expected = once.full_alpha() if format == "pgm" else once.rgba()
    samples = np.frombuffer(found.content[-expected.size :], np.uint8)
    np.testing.assert_array_equal(samples.reshape(expected.shape), expected)
    assert found.headers["x-width"] == str(once.size.width)


def test_previews_come_with_what_changes_them(worker: TestClient) -> None:
    answer = worker.post("/editors?preview=pgm", **upload(picture()))
    assert answer.status_code == 201
    state = json.loads(answer.headers["x-editor"])
    assert answer.content.startswith(b"P5")
    assert len(answer.content) >= 128 * 96
    place = f"/editors/{state['id']}"
    body = {"marks": [point(MIDDLE, keep=False), point(CORNER, keep=True)]}
    marked = worker.post(f"{place}/marks?preview=pam", json=body)
    samples = np.frombuffer(marked.content[-128 * 96 * 4 :], np.uint8).reshape(96, 128, 4)
    assert samples[48, 64, 3] == 0
    assert samples[6, 6, 3] == 255
    undone = worker.post(f"{place}/undo?preview=pgm")  # both, as they were made at once
    assert undone.content == answer.content


def test_its_state_comes_with_a_preview_too(worker: TestClient) -> None:
    place = f"/editors/{begin(worker, picture())['id']}"
    answer = worker.get(f"{place}?preview=png")
    assert answer.content == worker.get(f"{place}/preview").content
    assert json.loads(answer.headers["x-editor"]) == worker.get(place).json()


@pytest.mark.parametrize("what", ["marks", "undo", "redo"])
def test_what_is_answered_by_an_error_changes_nothing(worker: TestClient, what: str) -> None:
    place = f"/editors/{begin(worker, picture())['id']}"
    body = {"marks": [point(MIDDLE, keep=True)]}
    for _ in range(2):
        worker.post(f"{place}/marks", json=body)
    before = worker.post(f"{place}/undo").json()
    answer = worker.post(f"{place}/{what}?preview=gif", json=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid_format")
    assert worker.get(place).json() == before


def test_a_later_mark_counts(worker: TestClient) -> None:
    place = f"/editors/{begin(worker, picture())['id']}"
    for keep in (False, True):
        worker.post(f"{place}/marks", json={"marks": [point(MIDDLE, keep=keep)]})
    assert alpha(worker.get(f"{place}/preview").content)[48, 64] == 255


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"json": {}}, "invalid_request"),
        ({"json": {"marks": 3}}, "invalid_request"),
        ({"json": {"marks": []}}, "invalid_request"),
        ({"json": {"marks": [{"shape": "star", "points": [1, 2]}]}}, "invalid_request"),
        ({"data": {"marks": "[["}}, "invalid_request"),
        ({"data": {"keep": "/etc/passwd"}}, "invalid_keep"),
        ({"data": {"keep": "900px 3px"}}, "invalid_keep"),
        ({"files": {"keep": ("a.png", file_of(np.ones((4, 4))))}}, "invalid_keep"),
        ({"files": {"keep": ("a.png", file_of(np.zeros((96, 128))))}}, "invalid_keep"),
        ({"files": {"keep": ("a.png", b"nothing")}}, "invalid_keep"),
        (
            {"files": {"keep": ("a.png", file_of(np.ones((4, 4))))}, "data": {"left": "126"}},
            "invalid_keep",
        ),
        (
            {"files": {"keep": ("a.png", file_of(np.ones((4, 4))))}, "data": {"left": "-1"}},
            "invalid_left",
        ),
    ],
)
def test_what_is_no_mark_changes_nothing(
    worker: TestClient, body: dict[str, Any], code: str
) -> None:
    place = f"/editors/{begin(worker, picture())['id']}"
    answer = worker.post(f"{place}/marks", **body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)
    assert worker.get(place).json()["marks"] == 0


def test_marks_beyond_the_picture_are_none(worker: TestClient) -> None:
    place = f"/editors/{begin(worker, picture())['id']}"
    outside = {"keep": True, "shape": "stroke", "points": [900, 900], "size": 5}
    assert worker.post(f"{place}/marks", json={"marks": [outside]}).json()["marks"] == 0


def test_without_a_subject_one_can_be_marked(worker: TestClient) -> None:
    place = f"/editors/{begin(worker, blank())['id']}"
    nothing = worker.get(f"{place}/result")
    assert nothing.json()["errors"][0]["code"] == "unknown_foreground"
    assert not alpha(worker.get(f"{place}/preview").content).any()
    stroke = {"keep": True, "shape": "stroke", "points": [30, 50, 90, 50], "size": 30}
    worker.post(f"{place}/marks", json={"marks": [stroke]})
    assert alpha(worker.get(f"{place}/result").content)[50, 60] == 255


def test_what_is_wrong_with_the_picture_is_said_at_once(worker: TestClient) -> None:
    assert worker.post("/editors", data={"crop": "true"}).status_code == 400
    assert worker.post("/editors", **upload(b"no picture")).status_code == 400
    wrong = worker.post("/editors", **upload(picture(), keep="5px 5px", roi="20px 20px 90px 90px"))
    assert wrong.json()["errors"][0]["code"] == "invalid_keep"
    assert len(worker.app.state.service.editors) == 0  # type: ignore[attr-defined]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_editors_are_closed_to_others(
    make: Make, keys: KeyStore, database: Path, method: str
) -> None:
    ann, bob = ({"X-Api-Key": keys.create(name, credits=5)} for name in ("ann", "bob"))
    client = make(auth=True, database=database)
    opened = client.post("/editors", **upload(picture()), headers=ann)
    place = f"/editors/{opened.json()['id']}"
    assert client.request(method, place).status_code == 403
    assert client.request(method, place, headers=bob).status_code == 404
    assert client.get(place, headers=ann).status_code == 200


def test_they_are_forgotten_after_a_time(make: Make) -> None:
    client = make()
    state = begin(client, picture())
    clock = client.app.state.service.editors  # type: ignore[attr-defined]
    now = clock.clock()
    clock.clock = lambda: now + 1801
    assert client.get(f"/editors/{state['id']}").status_code == 404


def test_they_are_let_go_though_nobody_asks(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_SWEEP", 0.01)
    client = make()
    begin(client, picture())
    client.headers["X-Mattekit-Page"] = "1"
    client.get("/page/session")
    client.post("/page/pictures", **upload(picture()))
    service, page = client.app.state.service, client.app.state.page  # type: ignore[attr-defined]
    kept = [service.editors._kept, page.visitors._visitors, page.renderer.opened._kept]
    assert [len(each) for each in kept] == [1, 1, 1]
    now = time.monotonic()
    for store in (service.editors, page.visitors, page.renderer.opened):
        store.clock = lambda: now + 3601
    for _ in range(1000):
        if not any(kept):
            return
        time.sleep(0.01)
    raise AssertionError(kept)


def test_their_number_is_bounded(make: Make) -> None:
    client = make(editors=2)
    names = [begin(client, picture())["id"] for _ in range(3)]
    found = [client.get(f"/editors/{name}").status_code for name in names]
    assert found == [404, 200, 200]


@pytest.mark.parametrize("settings", [{"editors": 0}, {"workers": 2}])
def test_there_are_none_where_they_would_not_be_found_again(
    make: Make, settings: dict[str, int]
) -> None:
    assert make(**settings).post("/editors", **upload(picture())).status_code == 404


def test_strangers_get_files_only(client: TestClient) -> None:
    place = f"/editors/{begin(client, picture())['id']}"
    for path in (f"{place}/preview?format=pam", f"{place}/result?format=pgm"):
        (error,) = client.get(path).json()["errors"]
        assert error["code"] == "invalid_format"
        assert "bgra" not in str(error)  # nothing is offered that is refused
    assert client.post(f"{place}/undo?preview=pgm").status_code == 400


def test_full_size_is_paid_for_once(make: Make, keys: KeyStore, database: Path) -> None:
    key = keys.create("ann", credits=5, free_calls=0)
    client = make(auth=True, database=database)
    client.headers["X-Api-Key"] = key

    def left() -> float:
        return float(client.get("/v1.0/account").json()["data"]["attributes"]["credits"]["total"])

    place = f"/editors/{begin(client, picture(700, 600), size='full')['id']}"
    assert left() == 4.75
    client.post(f"{place}/marks", json={"marks": [point(MIDDLE, keep=True)]})
    assert client.get(f"{place}/result").headers["x-credits-charged"] == "1"
    assert client.get(f"{place}/result").headers["x-credits-charged"] == "0"
    assert left() == 3.75
    free = f"/editors/{begin(client, picture(700, 600), size='preview')['id']}"
    assert client.get(f"{free}/result").headers["x-credits-charged"] == "0"
    assert left() == 3.5


def test_a_preview_at_once_costs_what_the_opening_does(
    make: Make, keys: KeyStore, database: Path
) -> None:
    client = make(auth=True, database=database)
    client.headers["X-Api-Key"] = keys.create("ann", credits=5, free_calls=0)
    for query in ("", "?preview=png"):
        answer = client.post(f"/editors{query}", **upload(picture()))
        assert (answer.status_code, answer.headers["x-credits-charged"]) == (201, "0.25")
    assert answer.headers["x-ratelimit-remaining"] == "498"
    assert [record.credits for record in keys.records()] == [4.5]


def test_a_preview_that_there_is_not_is_refused_before_the_work(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Engine, "open_editor", pytest.fail)
    answer = client.post("/editors?preview=gif", **upload(picture()))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid_format")


def test_the_time_of_a_preview_that_fails_counts(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = types.SimpleNamespace(thread_time=lambda: 0.0)

    def fail(*_: object) -> None:
        clock.thread_time = lambda: 60.0
        raise UnreadableImage("image", "it is a test")

    monkeypatch.setattr(charging, "time", clock)
    monkeypatch.setattr(OpenEditor, "preview", fail)
    client = make(rate_limit=100)
    send = functools.partial(client.post, "/editors?preview=png")
    assert [send(**upload(picture())).status_code for _ in range(2)] == [400, 429]


def test_an_editor_that_nobody_is_told_of_is_free_and_forgotten(
    make: Make, keys: KeyStore, database: Path, late: Callable[..., None]
) -> None:
    client = make(auth=True, database=database)
    client.headers["X-Api-Key"] = keys.create("ann", credits=5, free_calls=0)
    late(OpenEditor, "preview")
    answer = client.post("/editors?preview=png", **upload(picture()))
    assert answer.status_code == 503, answer.text
    assert not [name for name in answer.headers if name.startswith(("x-ratelimit", "x-credits"))]
    assert [record.credits for record in keys.records()] == [5]
    assert len(client.app.state.service.editors) == 0  # type: ignore[attr-defined]


def test_a_preview_at_once_has_no_more_time(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlines, run = [], WorkerPool.run

    async def noted(*args: Any, **named: Any) -> object:
        deadlines.append(named["deadline"])
        return await run(*args, **named)

    monkeypatch.setattr(WorkerPool, "run", noted)
    answer = client.post("/editors?preview=png", **upload(picture()))
    place = f"/editors/{json.loads(answer.headers['x-editor'])['id']}"
    client.post(f"{place}/marks?preview=png", json={"marks": [point(MIDDLE, keep=True)]})
    opening, shown, marking, corrected = deadlines
    assert opening == shown < marking == corrected


@pytest.mark.parametrize(("method", "what"), [("POST", "/undo"), ("POST", "/redo"), ("GET", "")])
def test_who_waits_for_an_editor_keeps_nobody_else_waiting(
    make: Make,
    keys: KeyStore,
    database: Path,
    monkeypatch: pytest.MonkeyPatch,
    method: str,
    what: str,
) -> None:
    came, over = threading.Event(), threading.Event()

    class Busy:
        def __enter__(self) -> None:
            came.set()
            assert over.wait(60)

        def __exit__(self, *_: object) -> None:
            pass

    client = make(auth=True, database=database)
    client.headers["X-Api-Key"] = keys.create("ann", credits=5)
    name = begin(client, picture())["id"]
    account = client.app.state.service.keys.account(client.headers["X-Api-Key"])  # type: ignore[attr-defined]
    found = client.app.state.service.editors.find(name, f"key-{account.id}")  # type: ignore[attr-defined]
    monkeypatch.setattr(found.editor, "_lock", Busy())
    assert client.portal is not None
    limiter = client.portal.call(anyio.to_thread.current_default_thread_limiter)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(client.request, method, f"/editors/{name}{what}")
        assert came.wait(60)
        borrowed = client.portal.call(lambda: limiter.borrowed_tokens)
        over.set()
        assert waiting.result(60).status_code == 200
    assert borrowed == 0
