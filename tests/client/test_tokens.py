"""A client with access tokens: sent as they must be, renewed once, never where others read them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest

from mattekit.errors import OptionError, ServerError
from mattekit_client import Client, RemoteRuntime, TokenProvider


class Provider:
    def __init__(self) -> None:
        self.asked: list[bool] = []

    def token(self, *, refresh: bool = False) -> str:
        self.asked.append(refresh)
        return "new" if refresh else "old"


def client(*answers: int, token: object) -> tuple[Client, list[httpx.Request]]:
    left, seen = iter(answers), []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        status = next(left)
        error = {"errors": [{"title": "Access token invalid", "code": "auth_failed"}]}
        return httpx.Response(status, json=error) if status != 200 else httpx.Response(200)

    transport = httpx.MockTransport(answer)
    waits: list[float] = []
    made = Client("https://x", token=token, transport=transport, sleep=waits.append)  # type: ignore[arg-type]
    return made, seen


def sent(seen: list[httpx.Request]) -> list[str | None]:
    return [request.headers.get("authorization") for request in seen]


def test_a_provider_is_asked_for_another_once() -> None:
    provider = Provider()
    assert isinstance(provider, TokenProvider)
    asking, seen = client(401, 200, token=provider)
    asking.remove_background(b"x")
    assert sent(seen) == ["Bearer old", "Bearer new"]
    assert "x-api-key" not in seen[0].headers
    assert provider.asked == [False, True]


def test_and_then_no_more() -> None:
    provider = Provider()
    asking, seen = client(401, 401, token=provider)
    with pytest.raises(ServerError, match="401") as caught:
        asking.remove_background(b"x")
    assert caught.value.code == "auth_failed"
    assert len(seen) == 2


def test_a_function_is_called_again() -> None:
    tokens: Iterator[str] = iter(["a", "b", "c"])
    asking, seen = client(401, 503, 200, token=lambda: next(tokens))
    asking.remove_background(b"x")
    assert sent(seen) == ["Bearer a", "Bearer b", "Bearer c"]


def test_without_a_token_a_401_is_final() -> None:
    asking, seen = client(401, token=None)
    with pytest.raises(ServerError, match="401"):
        asking.remove_background(b"x")
    assert sent(seen) == [None]


def test_what_a_provider_raises_comes_out() -> None:
    def broken() -> str:
        raise ServerError("https://issuer", 503, "", "away")

    asking, seen = client(token=broken)
    with pytest.raises(ServerError, match="away"):
        asking.remove_background(b"x")
    assert seen == []


@pytest.mark.parametrize("url", ["http://matte.example", "http://10.0.0.1:8000"])
def test_a_token_is_not_sent_where_it_can_be_read(url: str) -> None:
    with pytest.raises(OptionError, match="access token"):
        Client(url, token=lambda: "secret")
    Client("http://127.0.0.1:8000", token=lambda: "secret").close()


def test_a_key_or_a_token() -> None:
    with pytest.raises(OptionError):
        Client("https://x", "key", token=lambda: "token")


@pytest.mark.parametrize("secret", ["s3cret\n", "s3cret ", "\r\ns3cret", "s3\0cret", "s3crét"])
def test_what_cannot_be_sent_is_not_shown(secret: str) -> None:
    asking, seen = client(token=lambda: secret)
    calls: list[Callable[[], object]] = [
        lambda: Client("https://x", secret),
        lambda: asking.remove_background(b"x"),
        lambda: RemoteRuntime("https://x", secret),
    ]
    for call in calls:
        with pytest.raises(OptionError, match="visible characters") as told:
            call()
        assert "s3" not in str(told.value)
    assert seen == []
