"""The commands `app`, `serve`, `keys` and `worker`; nothing heavy until one of them runs."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import click

from mattekit_cli.console import Console, columns
from mattekit_cli.flags import Command, Group
from mattekit_server.oidc_flags import add_oidc_flags, oidc_settings

if TYPE_CHECKING:
    from mattekit_server.keys import KeyRecord, KeyStore
    from mattekit_server.reports import Period

__all__ = ["app", "keys", "serve", "worker"]

#: Values of the option that say how large a result may be, without their aliases.
_SIZES: Final = ("preview", "medium", "hd", "auto", "full", "50MP")


class _Database(click.ParamType):  # type: ignore[type-arg, unused-ignore] # since click 8.2
    """A file, or the address of a database."""

    name = "FILE|URL"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path | str:
        from mattekit_server.addresses import database_of

        return database_of(value) if isinstance(value, str) else value


_database = click.option(
    "--database",
    metavar="FILE|URL",
    type=_Database(),
    help="SQLite file of the keys, or postgresql://USER@HOST/NAME, for several machines. "
    "[default: MATTEKIT_KEYS, else in the user's data folder]",
)


@click.command(
    cls=Command,
    examples="""
    mattekit serve --no-auth                      for programs of this machine, without keys
    mattekit keys create team --credits 1000      a key; then `mattekit serve`, and
    curl -H "X-API-Key: KEY" -F image_file=@photo.jpg http://127.0.0.1:8000/v1.0/removebg -o cut.png
    """,
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to listen on.",
)
@click.option("--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes.")
@click.option("--no-auth", is_flag=True, help="Need no key; only on loopback addresses.")
@_database
@click.option(
    "--rate-limit",
    type=click.IntRange(0),
    default=500,
    show_default=True,
    help="Megapixels per key and minute; 0 = no limit.",
)
@click.option(
    "--rate-storage",
    default="",
    help="Where they are counted: memory://, sqlite:///PATH, redis://HOST:PORT, … "
    "[default: memory, or a file beside the keys where there are several processes]",
)
@click.option(
    "--concurrency",
    type=click.IntRange(0),
    default=0,
    help="Pictures at once per process. [default: one per core]",
)
@click.option(
    "--batch",
    type=click.IntRange(0),
    default=0,
    help="Pictures of different requests that a model which takes several is given at once. "
    "[default: 8 on a GPU, 1 on processors]",
)
@click.option(
    "--queue",
    type=click.IntRange(0),
    default=64,
    show_default=True,
    help="Pictures that may wait; more get 503.",
)
@click.option(
    "--deadline",
    type=click.FloatRange(0, min_open=True),
    default=60.0,
    show_default=True,
    help="Seconds until an answer.",
)
@click.option(
    "--max-file-mb",
    type=click.IntRange(1),
    default=12,
    show_default=True,
    help="Largest picture in MB (22 since 2025).",
)
@click.option(
    "--allow-internal",
    multiple=True,
    metavar="HOST|NETWORK",
    help="Let image_url fetch from this host or network though it is not public; repeatable.",
)
@click.option(
    "--allow-port",
    "allow_ports",
    multiple=True,
    type=click.IntRange(1, 65535),
    help="Let image_url fetch from this port of public hosts besides 80 and 443; repeatable.",
)
@click.option(
    "--improve-folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Consent to keep pictures given to /improve, and keep them there. [default: refuse them]",
)
@click.option(
    "--editors",
    default=16,
    show_default=True,
    type=click.IntRange(0, 10_000),
    help="Pictures that are kept at once while they are corrected; it needs --workers 1.",
)
@click.option(
    "--page/--no-page",
    default=True,
    show_default=True,
    help="Show browsers the page for people at /; it needs --workers 1.",
)
@click.option(
    "--page-host",
    "page_hosts",
    multiple=True,
    metavar="NAME",
    help="Host name under which the page may be opened with --no-auth, besides 127.0.0.1; "
    "repeatable.",
)
@click.option("--model", default="auto", show_default=True, help="Model.")
@click.option("--device", default="auto", show_default=True, help="Device.")
@click.option(
    "--refine",
    default="balanced",
    show_default=True,
    type=click.Choice(["fast", "balanced", "best"]),
    help="Edge quality where a request chooses none.",
)
@add_oidc_flags
@click.option(
    "--size",
    type=click.Choice(_SIZES),
    help="Largest result where a request chooses none. [default: preview, as the API]",
)
@click.option(
    "--access-log",
    is_flag=False,
    flag_value="text",
    type=click.Choice(["text", "json"]),
    help="Log each answer to standard output, as text or as JSON lines; without keys and names.",
)
def serve(
    no_auth: bool,
    database: Path | str | None,
    max_file_mb: int,
    size: str | None,
    access_log: str | None,
    **values: Any,
) -> None:
    """Serve the remove.bg-compatible HTTP API.

    Point a client's base URL at it and keep the integration. The documentation of its fields is at
    /docs.
    """
    _require_server()
    from mattekit_server.serving import serve as run
    from mattekit_server.settings import MEBIBYTE, Settings, default_database

    if database is None and not no_auth:
        database = default_database()
    oidc = oidc_settings(values, values["host"], values["port"])
    settings = Settings(
        auth=not no_auth,
        oidc=oidc,
        database=database,
        file_limit=max_file_mb * MEBIBYTE,
        size=size or "",
        access_log=access_log or "",
        **values,
    )
    run(settings)


@click.command(
    cls=Command,
    examples="""
    mattekit app                drop pictures on a page, correct them, save them
    mattekit app --no-browser   only tell the address, for a browser of your choice
    """,
)
@click.option("--browser/--no-browser", default=True, help="Open the page in the default browser.")
@click.option("--model", default="auto", show_default=True, help="Model.")
@click.option("--device", default="auto", show_default=True, help="Device.")
@click.pass_obj
def app(console: Console, browser: bool, model: str, device: str) -> None:
    """Cut out pictures on a page in your browser.

    Pictures stay on this machine and in memory. The command ends when the page's last window is
    closed.
    """
    _require_server()
    import webbrowser

    from mattekit_server.app import run

    run(
        model=model,
        device=device,
        note=console.note,
        open_browser=webbrowser.open if browser else None,
    )


@click.group(
    cls=Group,
    examples="""
    mattekit keys create team --credits 1000    a key, shown this once
    mattekit keys list                          whose keys there are, and what they have left
    mattekit keys top-up team 500
    mattekit keys report                        what they were used for
    """,
)
def keys() -> None:
    """Make, list and revoke the keys of `mattekit serve`, and top up their credits."""


@keys.command(
    examples="""
    mattekit keys create team --credits 1000
    """,
)
@click.argument("name", metavar="NAME")
@click.option(
    "--credits", metavar="N", default=0.0, show_default=True, help="Credits to begin with."
)
@click.option(
    "--free-calls", metavar="N", default=50, show_default=True, help="Free previews per month."
)
@click.option(
    "--rate", metavar="N", help="Megapixels per minute, 0 = no limit. [default: server's]"
)
@_database
@click.pass_obj
def create(
    console: Console,
    name: str,
    credits: float,
    free_calls: int,
    rate: str | None,
    database: Path | str | None,
) -> None:
    """Make a key for NAME and show it, this once."""
    with contextlib.closing(_store(database)) as store:
        limit = _rate(rate)
        key = store.create(name, credits=credits, free_calls=free_calls)
        if limit is not None:
            store.change(key, rate=limit)
        console.out(key)


@keys.command(
    examples="""
    mattekit keys user 24400320 --issuer https://login.example.com --name anna
    """,
)
@click.argument("subject", metavar="SUBJECT")
@click.option(
    "--issuer",
    metavar="URL",
    required=True,
    envvar="MATTEKIT_OIDC_ISSUER",
    help="Who knows SUBJECT, as a URL.",
)
@click.option("--name", metavar="NAME", help="What to call the account. [default: SUBJECT]")
@click.option(
    "--credits", metavar="N", default=0.0, show_default=True, help="Credits to begin with."
)
@click.option(
    "--free-calls", metavar="N", default=50, show_default=True, help="Free previews per month."
)
@_database
@click.pass_obj
def user(
    console: Console,
    subject: str,
    issuer: str,
    name: str | None,
    credits: float,
    free_calls: int,
    database: Path | str | None,
) -> None:
    """Make an account for SUBJECT, as an issuer of access tokens calls somebody."""
    from mattekit_server.users import UserStore

    with contextlib.closing(_store(database)) as store:
        made = UserStore(store).create(
            issuer, subject, name or subject, credits=credits, free_calls=free_calls
        )
        console.out(f"key {made.account} (user {made.name})")


@keys.command(
    name="list",
    examples="""
    mattekit keys list
    mattekit keys list --json | jq -r '.[] | select(.credits < 10).name'
    """,
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@_database
@click.pass_obj
def list_keys(console: Console, as_json: bool, database: Path | str | None) -> None:
    """List the keys: number, first characters, credits, free calls left, rate, state, name."""
    with contextlib.closing(_store(database)) as store:
        records = store.records()
    if as_json:
        console.json([_summary(record) for record in records])
    elif records:
        console.out(columns(_HEADINGS, [_row(record) for record in records]))
    else:
        console.note("There are no keys yet. `mattekit keys create NAME` makes one.")


@keys.command(
    examples="""
    mattekit keys revoke team
    """,
)
@click.argument("key", metavar="KEY")
@_database
@click.pass_obj
def revoke(console: Console, key: str, database: Path | str | None) -> None:
    """Make KEY (its number, name or first characters) invalid."""
    with contextlib.closing(_store(database)) as store:
        console.out(_text(store.revoke(key)))


@keys.command(
    examples="""
    mattekit keys change team --rate 2000       from the next call on
    mattekit keys change team --rate default
    mattekit keys change gem --size full --deadline 9    a client that cannot choose, nor wait
    """,
)
@click.argument("key", metavar="KEY")
@click.option("--name", metavar="NAME", help="What it is for.")
@click.option("--free-calls", metavar="N", type=click.IntRange(0), help="Free previews per month.")
@click.option(
    "--rate",
    metavar="N|default",
    help="Megapixels per minute, 0 without a limit; default = as the server is set.",
)
@click.option(
    "--size",
    type=click.Choice([*_SIZES, "default"]),
    help="Largest result where its calls choose none; default = as the server is set.",
)
@click.option(
    "--deadline",
    metavar="N|default",
    help="Seconds until an answer, at most the server's; default = as the server is set.",
)
@_database
@click.pass_obj
def change(
    console: Console,
    key: str,
    name: str | None,
    free_calls: int | None,
    rate: str | None,
    size: str | None,
    deadline: str | None,
    database: Path | str | None,
) -> None:
    """Change what KEY (its number, name or first characters) is called and may do."""
    with contextlib.closing(_store(database)) as store:
        changed = store.change(
            key,
            name=name,
            free_calls=free_calls,
            rate=_rate(rate),
            size=size,
            deadline=_seconds(deadline),
        )
        console.out(_text(changed))


@keys.command(
    examples="""
    mattekit keys report
    mattekit keys report --by month --days 365 --csv > use.csv
    """,
)
@click.option(
    "--days",
    metavar="N",
    type=click.IntRange(1),
    default=30,
    show_default=True,
    help="How far to look back.",
)
@click.option(
    "--by",
    type=click.Choice(["key", "day", "month"]),
    default="key",
    show_default=True,
    help="A line for each key, or for each key and day or month (UTC).",
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@click.option("--csv", "as_csv", is_flag=True, help="A table for a spreadsheet.")
@_database
@click.pass_obj
def report(
    console: Console,
    days: int,
    by: Period,
    as_json: bool,
    as_csv: bool,
    database: Path | str | None,
) -> None:
    """Report what each key's calls cost: calls, free ones among them, credits, the last call."""
    from mattekit_server import reports

    with contextlib.closing(_store(database)) as store:
        use = reports.use_of_keys(store, since=store.clock() - days * 86400, by=by)
    if as_json:
        console.json([each._asdict() for each in use])
    elif as_csv:
        console.out(reports.to_csv(use).rstrip("\n"))
    elif use:
        console.out(columns(reports.HEADINGS, [reports.row(each) for each in use]))
    else:
        console.note(f"No key was used in the last {days} days.")


@keys.command(
    name="top-up",
    examples="""
    mattekit keys top-up team 500
    """,
)
@click.argument("key", metavar="KEY")
@click.argument("credits", metavar="CREDITS", type=float)
@_database
@click.pass_obj
def top_up(console: Console, key: str, credits: float, database: Path | str | None) -> None:
    """Add CREDITS to KEY (its number, name or first characters)."""
    with contextlib.closing(_store(database)) as store:
        console.out(_text(store.top_up(key, credits)))


@click.group(
    cls=Group,
    examples="""
    mattekit worker status    whether it runs, and where
    mattekit worker stop
    """,
)
def worker() -> None:
    """Start, look at and stop the local worker, which editors use and start by themselves.

    It ends by itself after 15 minutes without work; MATTEKIT_WORKER_IDLE says another number of
    seconds.
    """


@worker.command()
@click.pass_obj
def start(console: Console) -> None:
    """Start the worker, or find the one that runs, and show its process and address."""
    _require_server()
    import mattekit_bridge as bridge
    from mattekit import __version__

    try:
        found = bridge.start(sys.executable, version=__version__, clean=False)
    except bridge.BridgeError as error:
        raise click.ClickException(str(error)) from error
    console.out(f"worker {found.pid} at {found.url}, mattekit {found.version}")


@worker.command()
@click.pass_obj
def status(console: Console) -> None:
    """Show whether the worker runs; exit code 1 where it does not."""
    import mattekit_bridge as bridge

    try:
        place = bridge.folder()
    except bridge.BridgeError as error:
        raise click.ClickException(str(error)) from error
    found = bridge.find()
    if found is None:
        raise click.ClickException(
            f"No worker is running. `mattekit worker start` starts one, with its files in {place}."
        )
    console.out(f"worker {found.pid} at {found.url}, mattekit {found.version}, in {place}")


@worker.command()
@click.pass_obj
def stop(console: Console) -> None:
    """Stop the worker once it has finished what it works on."""
    from mattekit_bridge import stop as end

    console.out("stopped" if end() else "no worker runs")


_HEADINGS: Final = ("number", "key", "credits", "free calls", "rate", "made", "state", "name")


def _row(record: KeyRecord) -> tuple[str, ...]:
    return (
        str(record.id),
        f"{record.prefix}…",
        f"{record.credits:.2f}",
        f"{record.free_left} of {record.free_calls}",
        _rate_text(record.rate),
        _made(record),
        "revoked" if record.revoked else "valid",
        record.name,
    )


def _summary(record: KeyRecord) -> dict[str, object]:
    return {
        "number": record.id,
        "key": record.prefix,
        "credits": record.credits,
        "free_left": record.free_left,
        "free_calls": record.free_calls,
        "rate": record.rate,
        "size": record.size,
        "deadline": record.deadline,
        "made": _made(record),
        "revoked": bool(record.revoked),
        "name": record.name,
    }


def _made(record: KeyRecord) -> str:
    import datetime

    return datetime.datetime.fromtimestamp(record.created).strftime("%Y-%m-%d")


def _text(record: KeyRecord) -> str:
    state = "revoked" if record.revoked else f"{record.credits:g} credits"
    return f"key {record.id} ({record.name}): {state}"


def _rate_text(rate: int | None) -> str:
    return "default" if rate is None else f"{rate}/min" if rate else "no limit"


def _rate(text: str | None) -> int | Literal["default"] | None:
    if text is None or text == "default":
        return text  # type: ignore[return-value] # mypy does not narrow to the literal
    if not text.isdecimal():
        raise click.BadParameter("expected a whole number from 0, or default", param_hint="--rate")
    return int(text)


def _seconds(text: str | None) -> float | Literal["default"] | None:
    if text is None or text == "default":
        return text  # type: ignore[return-value] # as above
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter(
            "expected seconds above 0, or default", param_hint="--deadline"
        ) from None


def _store(database: Path | str | None) -> KeyStore:
    from mattekit_server.keys import KeyStore
    from mattekit_server.settings import default_database

    return KeyStore(database or default_database())


def _require_server() -> None:
    import importlib.util

    missing = [
        name
        for name in ("starlette", "uvicorn", "limits", "python_multipart", "prometheus_client")
        if importlib.util.find_spec(name) is None
    ]
    if missing:
        raise click.ClickException(
            f"{', '.join(missing)} not installed. Run `pip install 'mattekit[server]'`."
        )
