"""`mattekit logout`: forgets what `mattekit login` has kept."""

from __future__ import annotations

import click

from mattekit_cli.console import Console
from mattekit_cli.flags import Command

__all__ = ["command"]


@click.command(cls=Command, examples="mattekit logout https://matte.example")
@click.argument("server", metavar="[URL]", required=False)
@click.pass_obj
def command(console: Console, server: str | None) -> None:
    """Log out of a server, or of all, and remove its tokens.

    The issuer is told, where it wants to know.
    """
    from mattekit_client.authorization import AuthorizationServer, origin_of
    from mattekit_client.logins import LoginStore, default_logins

    store = LoginStore(default_logins())
    servers = store.servers() if server is None else [origin_of(server)]
    for each in servers:
        login = store.remove(each)
        if login is None:
            console.note(f"not logged in to {each}")
            continue
        told = AuthorizationServer().revoke(login)
        console.out(f"logged out of {each}" + ("" if told else f" ({login.issuer} was not told)"))
    if not servers:
        console.note("not logged in anywhere")
