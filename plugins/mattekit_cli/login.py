"""`mattekit login`: a server's issuer of access tokens instead of a key."""

from __future__ import annotations

import click

from mattekit_cli.console import Console
from mattekit_cli.flags import Command

__all__ = ["command"]


@click.command(
    cls=Command,
    examples="""
    mattekit login https://matte.example                  then, without a key,
    mattekit remove "*.jpg" --server https://matte.example
    mattekit logout
    """,
)
@click.argument("server", metavar="URL")
@click.option("--issuer", help="Who lets people in. [default: what the server says]")
@click.option("--client-id", help="What it knows this command as. [default: what the server says]")
@click.option("--scope", help="What to ask it for. [default: what the server says]")
@click.pass_obj
def command(
    console: Console, server: str, issuer: str | None, client_id: str | None, scope: str | None
) -> None:
    """Log in to a server with a browser, here or on another machine.

    The server says who lets people in: its issuer of access tokens. You open that issuer's address
    in any browser and type the code that is shown. The tokens are kept in a file that only you can
    read; `mattekit logout` removes it.
    """
    from mattekit_client.authorization import AuthorizationServer
    from mattekit_client.logins import LoginStore, default_logins

    store = LoginStore(default_logins())
    asking = AuthorizationServer()
    resource = asking.resource(server)
    resource = resource._replace(
        issuer=issuer or resource.issuer,
        client_id=client_id or resource.client_id,
        scopes=tuple(scope.split()) if scope is not None else resource.scopes,
    )
    if not resource.client_id:
        raise click.UsageError("The server does not say what to be called. Give --client-id.")
    code, login = asking.begin(resource)
    console.note(f"{resource.url} lets in whom {resource.issuer} knows.")
    console.note(f"Open {code.url} and type the code {code.user_code}")
    if code.complete_url:
        console.note(f"or open {code.complete_url}")
    store.put(asking.wait(code, login))
    console.out(f"logged in to {resource.url}")
