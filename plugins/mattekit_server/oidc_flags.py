"""The flags of `mattekit serve` for logins and access tokens of an outside issuer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from mattekit_server.identity import OidcSettings

__all__ = ["add_oidc_flags", "oidc_settings"]

_Command = TypeVar("_Command", bound=Callable[..., Any])

_FLAGS: Final = (
    click.option(
        "--oidc-issuer",
        metavar="URL",
        envvar="MATTEKIT_OIDC_ISSUER",
        help="Accept access tokens of this OAuth 2.0 / OpenID Connect issuer beside keys, as "
        "`Authorization: Bearer`. Needs `pip install 'mattekit[oidc]'`.",
    ),
    click.option(
        "--public-url",
        metavar="URL",
        envvar="MATTEKIT_PUBLIC_URL",
        help="This server's address as others know it. [default: that which it listens on]",
    ),
    click.option(
        "--oidc-audience",
        default="",
        envvar="MATTEKIT_OIDC_AUDIENCE",
        help="What the tokens' `aud` must name. [default: the public URL]",
    ),
    click.option(
        "--oidc-scope",
        default="",
        envvar="MATTEKIT_OIDC_SCOPE",
        help="Scopes that tokens must have, parted by spaces.",
    ),
    click.option(
        "--oidc-any-jwt",
        is_flag=True,
        envvar="MATTEKIT_OIDC_ANY_JWT",
        help="Accept tokens of the type JWT, too, for issuers that do not write at+jwt (RFC 9068).",
    ),
    click.option(
        "--oidc-client-id",
        default="",
        envvar="MATTEKIT_OIDC_CLIENT_ID",
        help="What the issuer knows this server as: lets people log in at /account, where they "
        "make keys. It must lead back to /login/callback of the public URL.",
    ),
    click.option(
        "--oidc-secret-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File with the secret of that client. [default: MATTEKIT_OIDC_SECRET, else a public "
        "client]",
    ),
    click.option(
        "--oidc-device-client-id",
        default="",
        envvar="MATTEKIT_OIDC_DEVICE_CLIENT_ID",
        help="What the issuer knows `mattekit login` as.",
    ),
    click.option(
        "--oidc-create-accounts",
        is_flag=True,
        envvar="MATTEKIT_OIDC_CREATE_ACCOUNTS",
        help="Give an account to everybody whom the issuer lets in. [default: those only whom "
        "`mattekit keys user` has made one]",
    ),
    click.option(
        "--oidc-credits",
        type=click.FloatRange(0),
        default=0.0,
        show_default=True,
        envvar="MATTEKIT_OIDC_CREDITS",
        help="Credits that such an account begins with.",
    ),
    click.option(
        "--oidc-free-calls",
        type=click.IntRange(0),
        default=50,
        show_default=True,
        envvar="MATTEKIT_OIDC_FREE_CALLS",
        help="Free previews per month of such an account.",
    ),
)


def add_oidc_flags(command: _Command) -> _Command:
    """Give a command the flags."""
    for flag in reversed(_FLAGS):
        command = flag(command)
    return command


def oidc_settings(values: dict[str, Any], host: str, port: int) -> OidcSettings | None:
    """Take the flags' values out of `values`; return the settings, or None without an issuer.

    Raises
    ------
    click.UsageError
        There is no public URL, a package is not installed, or a flag says nothing without an
        issuer.
    OptionError
        A value that cannot be.
    """
    import importlib.util
    import os

    from mattekit.models.urls import is_loopback

    issuer, public_url = values.pop("oidc_issuer"), values.pop("public_url")
    given = {name: values.pop(name) for name in list(values) if name.startswith("oidc_")}
    if not issuer:
        if given["oidc_client_id"] or given["oidc_audience"]:
            raise click.UsageError("Give --oidc-issuer, too: whose tokens are to be accepted.")
        return None
    if importlib.util.find_spec("joserfc") is None:
        raise click.UsageError("joserfc not installed. Run `pip install 'mattekit[oidc]'`.")
    from mattekit_server.identity import ACCESS_TOKEN, OidcSettings

    if not public_url:
        public_url = f"http://{host}:{port}"
        if not is_loopback(public_url):
            raise click.UsageError("Give --public-url, the https address that clients use.")
    file = given["oidc_secret_file"]
    secret = file.read_text() if file else os.environ.get("MATTEKIT_OIDC_SECRET", "")
    return OidcSettings(
        issuer=issuer,
        public_url=public_url.rstrip("/"),
        audience=given["oidc_audience"],
        scope=given["oidc_scope"],
        token_types=(ACCESS_TOKEN, "jwt") if given["oidc_any_jwt"] else (ACCESS_TOKEN,),
        client_id=given["oidc_client_id"],
        client_secret=secret.strip(),
        device_client_id=given["oidc_device_client_id"],
        create_accounts=given["oidc_create_accounts"],
        credits=given["oidc_credits"],
        free_calls=given["oidc_free_calls"],
    )
