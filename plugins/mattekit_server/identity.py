"""`OidcSettings`: what an operator says about logins and access tokens of an outside issuer."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from mattekit.errors import OptionError
from mattekit.models.urls import RULE, allowed

__all__ = ["ACCESS_TOKEN", "OidcSettings", "origin_of"]

#: The type of an access token (RFC 9068, 2.1).
ACCESS_TOKEN: Final = "at+jwt"
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*|")


@dataclasses.dataclass(frozen=True, kw_only=True)
class OidcSettings:
    """An issuer of OAuth 2.0 access tokens, and how people log in with it.

    Attributes
    ----------
    issuer : str
        Its URL, exactly as its tokens have it: https, or http on a loopback address.
    public_url : str
        This server's own address as browsers and clients know it, without a path.
    audience : str
        What must be among ``aud`` of an access token; empty = `public_url`.
    scope : str
        Scopes that an access token must have, parted by spaces; empty = none.
    token_types : tuple of str
        Which ``typ`` an access token may have, in lower case. ``jwt`` is that of ID tokens, too.
    client_id : str
        What the issuer knows the page under; empty = no login by page.
    client_secret : str
        Of that client; empty = a public client.
    device_client_id : str
        What ``mattekit login`` is to call itself; empty = that is not offered.
    login_scope : str
        What the page asks the issuer for.
    create_accounts : bool
        Whether whoever the issuer knows gets an account with the first call; otherwise the operator
        makes each.
    credits, free_calls : float, int
        What such an account begins with, as those of a key.

    Raises
    ------
    OptionError
        A URL that is none or not safe, a scope that is none, an ID token that would pass for an
        access token.
    """

    issuer: str
    public_url: str
    audience: str = ""
    scope: str = ""
    token_types: tuple[str, ...] = (ACCESS_TOKEN,)
    client_id: str = ""
    client_secret: str = dataclasses.field(default="", repr=False)
    device_client_id: str = ""
    login_scope: str = "openid"
    create_accounts: bool = False
    credits: float = 0.0
    free_calls: int = 50

    def __post_init__(self) -> None:
        if not allowed(self.issuer):
            raise OptionError("oidc_issuer", self.issuer, RULE)
        if not allowed(self.public_url) or origin_of(self.public_url) != self.public_url:
            raise OptionError(
                "public_url",
                self.public_url,
                f"{RULE}, with nothing after the host, as in https://matte.example",
                "it is this server's address as others know it",
            )
        for name in ("scope", "login_scope"):
            if not _SCOPE.fullmatch(getattr(self, name)):
                raise OptionError(f"oidc_{name}", getattr(self, name), "words parted by spaces")
        if "openid" not in self.login_scope.split():
            raise OptionError("oidc_login_scope", self.login_scope, "words with openid among them")
        if self.token_types != (ACCESS_TOKEN,) and self.expected_audience == self.client_id:
            raise OptionError(
                "oidc_audience",
                self.expected_audience,
                "another word than the client's id",
                "an ID token of the page would pass for an access token",
            )

    @property
    def expected_audience(self) -> str:
        """What must be among ``aud`` of an access token."""
        return self.audience or self.public_url

    @property
    def secure(self) -> bool:
        """Whether browsers reach this server by https."""
        return self.public_url.startswith("https:")

    @property
    def host(self) -> str:
        """What browsers send as ``Host``."""
        return urlsplit(self.public_url).netloc

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> OidcSettings:
        """Read what `dataclasses.asdict` and JSON made of the settings."""
        return cls(**{**values, "token_types": tuple(values["token_types"])})


def origin_of(url: str) -> str:
    """Return scheme, host and port of an allowed URL, as ``Origin`` has them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.lower()}"
