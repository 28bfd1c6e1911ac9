"""Nothing that a client writes is a 500: 8,000 mutated requests, the same on every machine."""

from __future__ import annotations

import json
import random
import socket
import string
from collections.abc import Callable, Iterator

import pytest

from mattekit.options import OPTIONS
from support.server.pictures import Make, picture

pytestmark = pytest.mark.slow

URL = "/v1.0/removebg"
_COUNT = 2000
_URLS = (
    "http://example.org/a.jpg",
    "https://user:word@example.org:8443/a?b=c#d",
    "http://xn--ls8h.la/",
    "http://xn--a/",
    "http://[::1]/",
    "http://[fe80::1%25eth0]/",
    "http://127.1/",
    "http://0x7f000001/",
    "http://bücher.example/ü",
    "data:image/png;base64,iVBORw0KGgo=",
    "file:///etc/passwd",
    "//example.org/",
)
_COLORS = ("fff", "#81d4fa", "81d4faff", "rgb(1,2,3)", "rebeccapurple", "transparent", "")
_NUMBERS = ("0", "1", "50%", "100px", "1e400", "-1", "nan", "inf", "1_0", "٣", "0x10", "9" * 400)
_BOXES = ("0% 0% 100% 100%", "10px 10px 1px 1px", "0 0 0 0", "1e9px 0px 1px 1px", "50% 50%")
_ODD = "\0\t\r\n %&=+#/\\:@[]{}\"'<>;,.-_~\x7f\x80\xa0ıſ\u200b\u202e\ud7ff\uffff😀"


def mutated(chance: random.Random, text: str) -> str:
    """Characters changed, left out, doubled, put in; parts of the text repeated."""
    for _ in range(chance.randint(0, 3)):
        at, length = chance.randrange(len(text) + 1), chance.randint(1, 6)
        odd = chance.choice(_ODD + string.printable)
        text = chance.choice(
            (
                text[:at] + odd + text[at:],
                text[:at] + odd + text[at + 1 :],
                text[:at] + text[at + length :],
                text[:at] + text[at : at + length] * chance.randint(2, 40) + text[at + length :],
                text[at:] + text[:at],
            )
        )
    return text[:2000]


def of_urls(chance: random.Random) -> dict[str, object]:
    field = chance.choice(("image_url", "bg_image_url"))
    return {field: mutated(chance, chance.choice(_URLS))}


def of_colors(chance: random.Random) -> dict[str, object]:
    fields = ("bg_color", "bg_color", "shadow_color")
    return {chance.choice(fields): mutated(chance, chance.choice(_COLORS))}


def of_options(chance: random.Random) -> dict[str, object]:
    name, option = chance.choice(list(OPTIONS.items()))
    words = option.grammar.schema().get("enum") or [option.default_text]
    text = chance.choice((*words, *_NUMBERS, *_BOXES))
    kind = chance.choice(("", "", "", "[car]", "[]", "[x"))
    return {name + kind: mutated(chance, str(text))}


def of_json(chance: random.Random) -> dict[str, object]:
    def value(depth: int) -> object:
        return chance.choice(
            (
                lambda: mutated(chance, chance.choice((*_NUMBERS, *_BOXES, *_COLORS))),
                lambda: chance.choice((0, -1, 1e308, 10**400, True, None, 0.1)),
                lambda: [value(depth + 1) for _ in range(chance.randrange(4))] if depth < 3 else [],
                lambda: {chance.choice(("", "car", "x")): value(depth + 1)} if depth < 3 else {},
            )
        )()

    names = [*OPTIONS, "image_url", "image_file_b64", "bg_image_url", "image_file", "\0"]
    return {chance.choice(names): value(0) for _ in range(chance.randint(1, 3))}


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """No name is known, so that no URL leads anywhere."""

    def unknown(*_: object, **__: object) -> Iterator[object]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)


@pytest.mark.parametrize("write", [of_urls, of_colors, of_options, of_json])
def test_nothing_that_a_client_writes_is_the_server_s_fault(
    make: Make, write: Callable[[random.Random], dict[str, object]]
) -> None:
    client = make(rate_limit=10**9)
    chance = random.Random(write.__name__)
    source = picture(16, 12)
    for number in range(_COUNT):
        fields = write(chance)
        has_source = any(name.startswith("image_") for name in fields)
        if write is of_json:
            body = json.dumps(fields)
            if chance.random() < 0.3:
                body = mutated(chance, body)
            response = client.post(
                URL,
                content=body.encode("utf-8", "surrogatepass"),
                headers={"Content-Type": "application/json"},
            )
        elif number % 3 and not has_source:
            response = client.post(URL, data=fields, files={"image_file": source})
        else:
            response = client.post(URL, data=fields)
        assert response.status_code < 500, (number, fields, response.text[:300])
        if response.status_code != 200:
            (error,) = response.json()["errors"]
            assert error["title"]
