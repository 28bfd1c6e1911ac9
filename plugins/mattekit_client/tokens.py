"""Access tokens for a `Client`: whoever has one may be asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias, runtime_checkable

__all__ = ["TokenProvider", "TokenSource", "current_token"]


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
    """Return a token of a provider, or of a function, which is called anew each time."""
    return source.token(refresh=refresh) if isinstance(source, TokenProvider) else source()
