"""`mattekit_client`: patience, and what it makes of answers."""

from __future__ import annotations

import datetime
import email.utils
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from mattekit.errors import InputNotFound, OptionError, ServerError, status_of
from mattekit.geometry import Box, Size
from mattekit.hints import Hints, Marked
from mattekit_client import Client
from support.server.pictures import blank, opened, picture
from support.server.program import running

BUSY = httpx.Response(503, json={"errors": [{"title": "Server busy", "code": "server_busy"}]})


def client(*answers: httpx.Response | Exception, **settings: object) -> tuple[Client, list[float]]:
    """A client whose server gives these answers, and how long it waits between them."""
    left: Iterator[httpx.Response | Exception] = iter(answers)
    waits: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        item = next(left)
        if isinstance(item, Exception):
            raise item
        return item

    transport = httpx.MockTransport(answer)
    made = Client("http://x", "k", transport=transport, sleep=waits.append, **settings)  # type: ignore[arg-type]
    return made, waits


def ok() -> httpx.Response:
    return httpx.Response(200, content=b"data", headers={"Content-Type": "image/png"})


def test_it_waits_longer_and_longer() -> None:
    asked, waits = client(*[BUSY] * 5, ok())
    with asked:
        assert asked.remove_background(b"x").data == b"data"
    assert len(waits) == 5
    for number, wait in enumerate(waits):
        assert 0.5 * 2**number <= wait <= 2**number


def test_waits_are_spread() -> None:
    firsts = set()
    for _ in range(5):
        asked, waits = client(BUSY, ok())
        asked.remove_background(b"x")
        firsts.add(waits[0])
    assert len(firsts) == 5


def test_the_server_says_how_long() -> None:
    date = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=100)
    asked, waits = client(
        httpx.Response(429, headers={"Retry-After": "30"}),
        httpx.Response(429, headers={"Retry-After": email.utils.format_datetime(date)}),
        httpx.Response(500, headers={"Retry-After": "soon"}, text="<html>"),
        ok(),
    )
    asked.remove_background(b"x")
    assert 30.5 <= waits[0] <= 31
    assert 95 <= waits[1] <= 102
    assert 2 <= waits[2] <= 4


@pytest.mark.parametrize("later", ["2455010", "9" * 400, "Fri, 1 Jan 9999 00:00:00 GMT"])
def test_a_server_that_wants_to_be_asked_much_later_is_not_waited_for(later: str) -> None:
    asked, waits = client(httpx.Response(503, headers={"Retry-After": later}))
    with pytest.raises(ServerError, match="503"):
        asked.remove_background(b"x")
    assert not waits


@pytest.mark.parametrize(
    "nonsense", [b"\x1f3", b"2444444441 Oct 6 7:0", b"-1", "²".encode(), b"inf", b" "]
)
def test_nonsense_about_waiting_is_nothing(nonsense: bytes) -> None:
    asked, waits = client(httpx.Response(429, headers=[(b"retry-after", nonsense)]), ok())
    asked.remove_background(b"x")
    assert waits
    assert waits[0] <= 1


def test_numbers_that_are_none_are_not_believed() -> None:
    headers = [("x-width", "9" * 5000), ("x-height", "3"), ("x-credits-charged", "nan")]
    asked, _ = client(httpx.Response(200, content=b"data", headers=headers))
    answer = asked.remove_background(b"x")
    assert (answer.size, answer.credits) == (None, 0)


@pytest.mark.parametrize(
    ("header", "expected"),
    [({"X-Confidence": "0.730"}, 0.73), ({"X-Confidence": "inf"}, None), ({}, None)],
)
def test_how_sure_the_server_is(header: dict[str, str], expected: float | None) -> None:
    asked, _ = client(httpx.Response(200, content=b"data", headers=header))
    assert asked.remove_background(b"x").confidence == expected


def test_it_gives_up() -> None:
    asked, waits = client(BUSY, httpx.ConnectError("refused"), BUSY, tries=3)
    with pytest.raises(ServerError, match="503 Server busy") as caught:
        asked.remove_background(b"x")
    assert (caught.value.status, caught.value.code, len(waits)) == (503, "server_busy", 2)
    assert status_of(caught.value).exit_code == 1
    for said, shown in (("slow", "slow"), ("", "ReadTimeout")):
        asked, _ = client(httpx.ReadTimeout(said), tries=1)
        with pytest.raises(ServerError, match=rf"no answer \({shown}\)"):
            asked.account()


@pytest.mark.parametrize("status", [400, 402, 403, 404, 501, 505])
def test_refusals_are_not_repeated(status: int) -> None:
    asked, waits = client(httpx.Response(status, json={"errors": [{"title": "No"}]}))
    with pytest.raises(ServerError, match=f"{status} No"):
        asked.remove_background(b"x")
    assert waits == []


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_repeated(status: int) -> None:
    asked, waits = client(httpx.Response(status, text="<html>"), ok())
    assert asked.remove_background(b"x").data == b"data"
    assert len(waits) == 1


@pytest.mark.parametrize("code", ["internal_error", "model_unavailable", "device_unavailable"])
def test_a_defect_is_not_repeated(code: str) -> None:
    asked, waits = client(httpx.Response(500, json={"errors": [{"title": "No", "code": code}]}))
    with pytest.raises(ServerError, match="500 No"):
        asked.remove_background(b"x")
    assert waits == []


def test_what_no_second_try_can_reach_is_not_repeated() -> None:
    unbelieved = httpx.ConnectError("certificate verify failed")
    unbelieved.__cause__ = ssl.SSLCertVerificationError("self-signed certificate")
    for error in (unbelieved, httpx.LocalProtocolError("Illegal header value")):
        asked, waits = client(error)
        with pytest.raises(ServerError, match="no answer"):
            asked.remove_background(b"x")
        assert waits == []
    asked, waits = client(httpx.DecodingError("cut off"), ok())
    assert asked.remove_background(b"x").data == b"data"
    assert len(waits) == 1


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"errors": []}', b'{"errors": ["x"]}'])
def test_refusals_of_something_else(body: bytes) -> None:
    asked, _ = client(httpx.Response(404, content=body))
    with pytest.raises(ServerError, match="404 Not Found"):
        asked.remove_background(b"x")
    asked, _ = client(httpx.Response(200, content=body))
    with pytest.raises(ServerError, match="none of this API"):
        asked.account()


def test_wrong_calls(tmp_path: Path) -> None:
    calls: list[Callable[[], object]] = [
        lambda: Client("ftp://x"),
        lambda: Client("http://"),
        lambda: Client("http://[::1"),
        lambda: Client("http://x:99999"),
        lambda: Client("http://xn--a"),
        lambda: Client("http://x", tries=0),
        lambda: client()[0].remove_background(7),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(OptionError):
            call()
    with pytest.raises(InputNotFound):
        client()[0].remove_background(tmp_path / "nothing.jpg")


@pytest.mark.slow
def test_against_a_server(tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(picture(400, 300))
    with running() as program, Client(program.url + "/v1.0/") as asked:
        answer = asked.remove_background(
            tmp_path / "photo.png", size="auto", crop=True, bg_image_file=blank(), roi=None
        )
        answer.save(tmp_path / "out")
        image = opened((tmp_path / "out").read_bytes())
        assert answer.media_type == "image/jpeg"
        assert answer.size == Size(*image.size)
        assert isinstance(answer.box, Box)
        assert answer.kind == "other"
        assert answer.credits == 0.25
        assert answer.remaining == 499
        assert set(asked.account()) == {"credits", "api"}
        with pytest.raises(ServerError, match="Could not identify") as caught:
            asked.remove_background(blank())
        assert caught.value.code == "unknown_foreground"


def test_the_order_of_marks_is_not_dropped_in_silence() -> None:
    known = Hints(Size(9, 9), Marked(((3, 4),)), Marked())
    asked, _ = client(ok())
    with pytest.raises(OptionError, match=r"marks of an editor.*no field"):
        asked.remove_background(b"x", keep=known)
