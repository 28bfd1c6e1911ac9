"""What the page asks for, one call after the other."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import numpy as np
import pytest
from starlette.requests import Request

import mattekit
from mattekit import codecs
from mattekit.geometry import Size
from mattekit.options import Options
from mattekit.runtime import Runtime
from mattekit_server.keys import KeyStore
from mattekit_server.marks import Mark
from mattekit_server.page.edits import Edit
from mattekit_server.page.endpoints import _clean_name, _result_name
from support.server.marks import with_marks
from support.server.pictures import Make, TestClient, blank, opened, picture

Drop = Callable[..., dict[str, Any]]


def call(client: TestClient, number: str, what: str, **body: object) -> Any:
    return client.post(f"/page/pictures/{number}/{what}", json=body)


def test_from_drop_to_download(window: TestClient, drop: Drop, runtime: Runtime) -> None:
    data = picture(900, 700)
    dropped = drop(window, data, "my disc.png")
    assert (dropped["width"], dropped["height"], dropped["found"]) == (900, 700, True)
    number = dropped["id"]
    assert opened(window.get(f"/page/pictures/{number}/original").content).size == (900, 700)

    shown = call(window, number, "preview", options={"crop": True})
    facts = json.loads(shown.headers["x-view"])
    assert opened(shown.content).mode == "RGBA"
    assert opened(shown.content).size == (facts["width"], facts["height"])
    assert facts["found"]
    assert facts["edit"] == 1

    chosen = {"crop": True, "format": "png"}
    saved = call(window, number, "result", options=chosen)
    options = Options.parse(chosen)
    expected = mattekit.remove_background(data, options, runtime=runtime)
    assert saved.content == codecs.encode(expected, options).data
    assert saved.headers["content-type"] == "image/png"
    assert 'filename="my disc-removebg.png"' in saved.headers["content-disposition"]


@pytest.mark.parametrize("format", ["jpg", "webp", "zip", "psd", "tiff"])
def test_every_format_has_the_librarys_bytes(
    window: TestClient, drop: Drop, runtime: Runtime, format: str
) -> None:
    data = picture()
    number = drop(window, data)["id"]
    chosen = {"format": format, "bg_color": "ivory", "shadow_type": "drop"}
    saved = call(window, number, "result", options=chosen)
    options = Options.parse(chosen)
    expected = codecs.encode(mattekit.remove_background(data, options, runtime=runtime), options)
    assert saved.content == expected.data


@pytest.mark.slow
def test_large_pictures_are_shown_small_and_in_pieces(window: TestClient, drop: Drop) -> None:
    number = drop(window, picture(2000, 1200))["id"]
    shown = call(window, number, "preview")
    facts = json.loads(shown.headers["x-view"])
    assert 600_000 < facts["width"] * facts["height"] < 800_000
    assert facts["x_scale"] == pytest.approx(facts["width"] / 2000)
    corner = window.get(f"/page/pictures/{number}/tiles/0/0/3/2")
    assert opened(corner.content).size == (2000 - 3 * 512, 1200 - 2 * 512)
    assert opened(corner.content).mode == "RGB"
    half = window.get(f"/page/pictures/{number}/tiles/{facts['edit']}/1/0/0")
    assert opened(half.content).size == (512, 512)
    assert opened(half.content).mode == "RGBA"
    for nothing in ("0/0/4/0", "0/0/0/3", "9/0/0/0", "0/9/0/0"):
        assert window.get(f"/page/pictures/{number}/tiles/{nothing}").status_code == 404


def test_pieces_are_the_picture(window: TestClient, drop: Drop) -> None:
    data = picture(1100, 600)
    number = drop(window, data)["id"]
    piece = opened(window.get(f"/page/pictures/{number}/tiles/0/0/1/0").content)
    assert np.array_equal(np.asarray(piece), np.asarray(opened(data))[:512, 512:1024])


def test_a_picture_without_a_subject_can_be_shown_and_is_said(
    window: TestClient, drop: Drop
) -> None:
    dropped = drop(window, blank())
    assert not dropped["found"]
    shown = call(window, dropped["id"], "preview")
    assert shown.status_code == 200
    assert not json.loads(shown.headers["x-view"])["found"]
    saved = call(window, dropped["id"], "result")
    assert saved.json()["errors"][0]["code"] == "unknown_foreground"


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"no picture", "invalid_file_type"), (picture()[:200], "failed_to_read_image")],
)
def test_what_is_no_picture_is_said(window: TestClient, data: bytes, code: str) -> None:
    answer = window.post("/page/pictures", files={"image_file": ("a.png", data)})
    assert answer.json()["errors"][0]["code"] == code
    assert window.get("/page/session").json()["pictures"] == []


def test_own_backgrounds(window: TestClient, drop: Drop, runtime: Runtime) -> None:
    data, behind = picture(), picture(64, 64)
    number = drop(window, data)["id"]
    answer = window.post("/page/backgrounds", files={"image_file": ("b.png", behind)})
    saved = call(
        window, number, "result", options={"format": "png"}, background=answer.json()["id"]
    )
    expected = mattekit.remove_background(data, bg_image=behind, runtime=runtime)
    assert saved.content == codecs.encode(expected, Options(format="png")).data
    missing = call(window, number, "preview", background="7")
    assert missing.json()["errors"][0]["code"] == "background_unknown"


def test_marks_correct_what_is_shown_and_what_is_saved(
    window: TestClient, drop: Drop, runtime: Runtime
) -> None:
    data = picture(1400, 1000)
    number = drop(window, data)["id"]
    mark = {"keep": False, "shape": "stroke", "points": [690, 500, 720, 500], "size": 60}
    shown = opened(call(window, number, "preview", marks=[mark]).content)
    assert shown.getpixel((shown.width // 2, shown.height // 2))[3] == 0
    saved = call(window, number, "result", options={"format": "png"}, marks=[mark])
    edit = Edit(Options(format="png"), marks=(Mark(False, "stroke", (690, 500, 720, 500), 60),))
    options = with_marks(edit, Size(1400, 1000))
    expected = mattekit.remove_background(data, options, runtime=runtime)
    assert saved.content == codecs.encode(expected, options).data


def test_work_is_remembered_and_two_windows_do_not_overwrite_each_other(
    window: TestClient, drop: Drop
) -> None:
    number = drop(window, picture())["id"]
    path = f"/page/pictures/{number}/state"
    assert window.get(path).json() == {"version": 0, "state": ""}
    first = window.put(path, json={"version": 0, "state": "one"})
    assert first.json() == {"version": 1}
    second = window.put(path, json={"version": 0, "state": "two"})
    assert (second.status_code, second.json()["errors"][0]["code"]) == (409, "state_changed")
    assert window.get(path).json() == {"version": 1, "state": "one"}
    long = window.put(path, json={"version": 1, "state": "x" * (2**23 + 1)})
    assert long.status_code == 400


def test_removed_is_removed(window: TestClient, drop: Drop) -> None:
    number = drop(window, picture())["id"]
    assert window.delete(f"/page/pictures/{number}").status_code == 204
    assert window.get(f"/page/pictures/{number}/original").status_code == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"[" * 100_000, b" " * (5 * 2**20)])
def test_bodies_that_are_none(window: TestClient, drop: Drop, body: bytes) -> None:
    number = drop(window, picture())["id"]
    assert window.post(f"/page/pictures/{number}/preview", content=body).status_code == 400


class TestKeys:
    def test_nothing_without_one(self, make: Make, database: Any, keys: KeyStore) -> None:
        client = make(auth=True, database=database)
        client.headers["X-Mattekit-Page"] = "1"
        assert client.get("/page/session").json()["keys"]
        answer = client.post("/page/pictures", files={"image_file": ("a.png", picture())})
        assert answer.status_code == 403
        assert client.get("/page/account").status_code == 403

    def test_previews_are_the_apis_and_the_full_size_is_paid_once(
        self, make: Make, drop: Drop, database: Any, keys: KeyStore
    ) -> None:
        key = keys.create("page", credits=2, free_calls=1)
        client = make(auth=True, database=database)
        client.headers.update({"X-Mattekit-Page": "1", "X-API-Key": key})
        client.get("/page/session")
        assert client.get("/page/account").json() == {"credits": 2, "free": 1}
        number = drop(client, picture(900, 700))["id"]
        assert client.get("/page/account").json() == {"credits": 2, "free": 0}
        shown = json.loads(call(client, number, "preview").headers["x-view"])
        assert shown["width"] * shown["height"] <= 300_000
        piece = f"/page/pictures/{number}/tiles/{shown['edit']}/0/0/0"
        assert client.get(piece).status_code == 402
        for format in ("png", "webp"):
            assert call(client, number, "result", options={"format": format}).status_code == 200
        assert client.get("/page/account").json() == {"credits": 1, "free": 0}
        assert client.get(piece).status_code == 200

    def test_who_has_logged_in_needs_none(self, make_oidc: Make) -> None:
        client = make_oidc(client_id="page")
        client.base_url = client.app.state.service.settings.oidc.public_url  # type: ignore[attr-defined]
        client.headers["X-Mattekit-Page"] = "1"
        told = client.get("/page/session").json()
        assert (told["login"], told["user"]) == (True, None)
        authenticator = client.app.state.service.authenticator  # type: ignore[attr-defined]
        users = authenticator.users
        user = users.create("https://issuer", "someone", "Someone", credits=3, free_calls=0)
        client.cookies.set(authenticator.cookie, users.begin_session(user))
        told = client.get("/page/session").json()["user"]
        assert told["name"] == "Someone"
        assert client.get("/page/account").status_code == 403  # no proof that the page asks
        client.headers["X-CSRF-Token"] = told["csrf_token"]
        assert client.get("/page/account").json()["credits"] == 3

    def test_what_fails_costs_nothing(
        self, make: Make, drop: Drop, database: Any, keys: KeyStore
    ) -> None:
        key = keys.create("page", credits=5, free_calls=0)
        client = make(auth=True, database=database)
        client.headers.update({"X-Mattekit-Page": "1", "X-API-Key": key})
        client.get("/page/session")
        number = drop(client, blank(900, 700))["id"]
        assert client.get("/page/account").json()["credits"] == 4.75
        assert call(client, number, "result").status_code == 400
        client.post("/page/pictures", files={"image_file": ("a.png", b"none")})
        assert client.get("/page/account").json()["credits"] == 4.75


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("photo.jpg", "photo.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\a.png", "a.png"),
        ("<img src=x onerror=alert(1)>.png", "<img src=x onerror=alert(1)>.png"),
        ("a\r\nSet-Cookie: x=1.png", "aSet-Cookie: x=1.png"),
        ("\u202egnp.exe", "gnp.exe"),
        ("", "picture"),
        ("...", "picture"),
        ("x" * 500, "x" * 120),
    ],
)
def test_names_are_names(given: str, kept: str) -> None:
    assert _clean_name(given) == kept


def test_names_of_results() -> None:
    assert _result_name("a.b.jpeg", "png") == "a.b-removebg.png"
    assert _result_name("picture", "jpg") == "picture-removebg.jpg"


def test_names_reach_the_file_and_no_header(window: TestClient, drop: Drop) -> None:
    number = drop(window, picture(), "Ä; x=y.png")["id"]
    header = call(window, number, "result").headers["content-disposition"]
    assert header.startswith('attachment; filename="__ x=y-removebg.')
    assert "%C3%84%3B%20x" in header


#: What JSON can write, and no option, mark or text can be.
IMPOSSIBLE = [
    "1" + 400 * "0",
    "-1" + 400 * "0",
    "1e400",
    "NaN",
    r'"\ud800"',
    r'{"\ud800": 1}',
    "[[]]",
]


@pytest.mark.parametrize("value", IMPOSSIBLE)
def test_what_only_json_can_say_is_refused(window: TestClient, drop: Drop, value: str) -> None:
    here = f"/page/pictures/{drop(window, picture())['id']}"
    bodies = [
        *(f'{{"options": {{"{name}": {value}}}}}' for name in ("crop_margin", "scale", "aspect")),
        f'{{"options": {{"position": [{value}, {value}]}}}}',
        f'{{"options": {value}}}',
        f'{{"marks": [{{"shape": "point", "points": [{value}, 1]}}]}}',
        f'{{"marks": [{{"shape": {value}, "points": [1, 1]}}]}}',
    ]
    for body in bodies:
        answer = window.post(f"{here}/preview", content=body)
        assert answer.status_code == 400, (body, answer.text)
        assert answer.json()["errors"]
    answer = window.put(f"{here}/state", content=f'{{"state": {value}, "version": 0}}')
    assert answer.status_code == 400, answer.text
    assert window.get(f"{here}/state").json() == {"version": 0, "state": ""}


def test_numbers_in_addresses_have_an_end(window: TestClient, drop: Drop) -> None:
    here = f"/page/pictures/{drop(window, picture())['id']}"
    for path in ("results/" + 5000 * "9", f"tiles/0/0/0/{5000 * '9'}", f"results/{2**63}"):
        assert window.get(f"{here}/{path}").status_code == 404


def test_a_history_may_have_more_commas_than_a_body_values(window: TestClient, drop: Drop) -> None:
    here = f"/page/pictures/{drop(window, picture())['id']}"
    state = {"state": 700_000 * ",", "version": 0}
    assert window.put(f"{here}/state", json=state).json() == {"version": 1}
    listed = "[" + 700_000 * "0," + "0]"
    answer = window.post(f"{here}/preview", content=f'{{"marks": {listed}}}')
    assert answer.status_code == 400
    assert "values" in answer.text


def test_bodies_have_their_room(window: TestClient, drop: Drop) -> None:
    here = f"/page/pictures/{drop(window, picture())['id']}"
    memory = window.app.state.service.memory  # type: ignore[attr-defined]
    memory.limit = 100
    assert window.post(f"{here}/preview", content=b"{}" + 98 * b" ").status_code == 200
    assert window.post(f"{here}/preview", content=b"{}" + 99 * b" ").status_code == 503
    assert window.put(f"{here}/state", content=101 * b" ").status_code == 503
    assert memory.used == 0


def test_bodies_have_their_time(
    window: TestClient, drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = f"/page/pictures/{drop(window, picture())['id']}"
    over = threading.Event()

    async def never(request: Request) -> AsyncIterator[bytes]:
        yield b"{"
        while not over.is_set():
            await anyio.sleep(0.01)

    monkeypatch.setattr(Request, "stream", never)
    service = window.app.state.service  # type: ignore[attr-defined]
    service.limits = service.limits._replace(seconds=0.01)
    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(window.post, f"{here}/preview", content=b"{")
        try:
            assert answer.result(30).status_code == 408
        finally:
            over.set()
    assert service.memory.used == 0
