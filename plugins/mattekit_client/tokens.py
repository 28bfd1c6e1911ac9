"""Access tokens for a `Client`: whoever has one may be asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

from mattekit.errors import OptionError

__all__ = ["TokenProvider", "TokenSource", "check_secret", "current_token"]


@runtime_checkable
class TokenProvider(Protocol):
    """Something that has access tokens, and can get new ones. Called from several threads."""

    def token(self, *, refresh: bool = False) -> str:
        """Return an access token.

        Parameters
        ----------
        refresh : bool
            Whether the last one was refused, so that another is needed.
        """


TokenSource: TypeAlias = "TokenProvider | Callable[[], str]"


def current_token(source: TokenSource, *, refresh: bool = False) -> str:
    """Return a token of a provider, or of a function, which is called anew each time.

    Raises
    ------
    OptionError
        As `check_secret`.
    """
    token = source.token(refresh=refresh) if isinstance(source, TokenProvider) else source()
    check_secret("token", token)
    return token


def check_secret(name: str, secret: str) -> None:
    """Refuse what no header can carry, as a key with the end of its line, without showing it.

    Whoever would send it says what it is, and so would messages and logs.

    Raises
    ------
    OptionError
        There is something else than visible characters of ASCII.
    """
    if not all("!" <= each <= "~" for each in secret):
        expected = "visible characters of ASCII, without spaces or line breaks"
        raise OptionError(name, "…", expected, "it is not shown, as it is secret")
