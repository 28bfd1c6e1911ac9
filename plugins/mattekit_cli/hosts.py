"""`mattekit hosts`: puts mattekit into the editors on this machine, and takes it out again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from mattekit.errors import MattekitError, status_of, suggest
from mattekit.hooks import Host, HostCopy
from mattekit.reporting import exit_code
from mattekit_cli import known_programs
from mattekit_cli.console import Console, columns
from mattekit_cli.flags import Command, CompletedType, Group

__all__ = ["command", "copies_of", "known_hosts"]


def known_hosts() -> dict[str, Host]:
    """Return every host that a plug-in announces, by name."""
    from mattekit import hooks

    return hooks.hosts()


class _HostName(CompletedType):
    """A host's name, completed by the shell."""

    name = "name"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        known = known_hosts()
        if value not in known:
            names = ", ".join(known) or "none; `mattekit plugins` tells why"
            self.fail(f"There is no host {value!r}.{suggest(value, known)} Known: {names}.")
        return value

    def words(self) -> Iterable[str]:
        return known_hosts()


_at = click.option(
    "--at",
    "programs",
    multiple=True,
    metavar="PROGRAM",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The program file of a copy that is not found by itself, as an AppImage. It is "
    "remembered. May be repeated.",
)


@click.group(
    "hosts",
    cls=Group,
    examples="""
    mattekit hosts list             the editors that were found
    mattekit hosts install gimp     put it into GIMP, or
    mattekit hosts install krita    into Krita
    """,
    epilog="Restart the editor afterwards. After mattekit itself was updated or moved, run "
    "`mattekit hosts install`: it renews what is installed and keeps all settings. docs/gimp.md "
    "and docs/krita.md show what is then in the menus.",
)
def command() -> None:
    """Put mattekit into the editors on this machine."""


@command.command(
    "list",
    cls=Command,
    examples="""
    mattekit hosts list
    mattekit hosts list --json | jq -r '.[] | select(.installed).path'
    """,
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array.")
@click.pass_obj
def list_(console: Console, as_json: bool) -> None:
    """Show the editors that were found, and whether mattekit is in them."""
    found = [(host, copy) for host in known_hosts().values() for copy in copies_of(host)]
    if as_json:
        console.json([_summary(host, copy) for host, copy in found])
        return
    rows = [
        (host.name, copy.version or "?", "yes" if copy.installed else "-", str(copy.path))
        for host, copy in found
    ]
    if rows:
        console.out(columns(("name", "version", "installed", "program"), rows))
    else:
        titles = [host.title for host in known_hosts().values()]
        console.note(f"None was found of: {', '.join(titles) or 'none that mattekit knows'}.")
    for advice in dict.fromkeys(
        f"{host.title}: {copy.advice}" for host, copy in found if copy.advice
    ):
        console.note(advice)


@command.command(
    cls=Command,
    examples="""
    mattekit hosts install gimp       into every GIMP that is found
    mattekit hosts install            renew what is installed, as after an update of mattekit
    mattekit hosts install gimp --at ~/Applications/GIMP-3.0.4-x86_64.AppImage
    """,
)
@click.argument("names", nargs=-1, metavar="[NAME]...", type=_HostName())
@_at
@click.pass_context
def install(ctx: click.Context, names: tuple[str, ...], programs: tuple[Path, ...]) -> None:
    """Put mattekit into editors, or renew it there.

    Nothing outside your own profile of the editor is written. Files that are not mattekit's are
    never overwritten: they are moved aside, and you are told.
    """
    if programs and len(names) != 1:
        raise click.UsageError("--at goes with exactly one NAME.", ctx)
    hosts = known_hosts()
    if names:
        _check(ctx, names, hosts, programs)
        _each(ctx, _chosen(names, hosts, programs), lambda host: host.install, remember=programs)
        return
    there = [(host, copy) for host in hosts.values() for copy in copies_of(host) if copy.installed]
    if not there:
        raise click.UsageError(
            f"mattekit is in no editor yet. Name one: {', '.join(hosts) or 'none is known'}.", ctx
        )
    _each(ctx, there, lambda host: host.install)


@command.command(
    cls=Command,
    examples="""
    mattekit hosts remove gimp
    """,
)
@click.argument("names", nargs=-1, required=True, metavar="NAME...", type=_HostName())
@_at
@click.pass_context
def remove(ctx: click.Context, names: tuple[str, ...], programs: tuple[Path, ...]) -> None:
    """Take mattekit out of editors.

    Only files that mattekit wrote are deleted. The editor's own settings stay.
    """
    hosts = known_hosts()
    _check(ctx, names, hosts, programs)
    _each(
        ctx,
        _chosen(names, hosts, programs),
        lambda host: host.remove,
        nothing="mattekit is not in it; there was nothing to remove.",
    )


@command.command(
    "check-plugins",
    cls=Command,
    examples="""
    mattekit hosts check-plugins ~/old-plug-ins
    mattekit hosts check-plugins ~/.config/GIMP/2.10/plug-ins/foggify/foggify.py
    """,
)
@click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="DIR|FILE...",
    type=click.Path(exists=True, path_type=Path),
)
@click.pass_context
def check_plugins(ctx: click.Context, paths: tuple[Path, ...]) -> None:
    """Tell which old Python plug-ins of GIMP will run, and where.

    For each file: whether it runs on GIMP 2.10 and on GIMP 3 with gimpfu, whether it is translated
    from Python 2, what it lacks, and why it does not run. No editor is started, and nothing is run.
    """
    from mattekit.plugins import call_plugin

    console: Console = ctx.obj
    for host in known_hosts().values():
        if host.check_plugins is not None:
            for message in call_plugin(host.name, Sequence, host.check_plugins, paths):
                console.out(message)


def copies_of(host: Host) -> Sequence[HostCopy]:
    """Return the copies of a host: those that are found, and those named with ``--at`` earlier.

    A plug-in's own exception becomes a PluginError.

    Raises
    ------
    NoHomeFolder
        There is no place in which an editor could keep its plug-ins.
    """
    from mattekit.folders import home_folder
    from mattekit.plugins import call_plugin

    home_folder()
    found: Sequence[HostCopy] = call_plugin(host.name, Sequence, host.find)
    known = {copy.path.resolve() for copy in found}
    own = [path for path in known_programs.programs(host.name) if path.resolve() not in known]
    copies = list(found)
    for path in own:
        # What was put in its place since then is none of the host's copies.
        with contextlib.suppress(MattekitError):
            copies.append(_copy_at(host, path, installed=True))
    return copies


# -- inside ------------------------------------------------------------------------------------


def _copy_at(host: Host, program: Path, *, installed: bool = False) -> HostCopy:
    """Return what a program file is; where the host cannot tell, what is known of it."""
    from mattekit.plugins import call_plugin

    if host.at is None:
        return HostCopy(program, installed=installed)
    copy: HostCopy = call_plugin(host.name, HostCopy, host.at, program)
    return copy


def _check(
    ctx: click.Context, names: Sequence[str], hosts: Mapping[str, Host], programs: Sequence[Path]
) -> None:
    if programs and len(names) != 1:
        raise click.UsageError("--at goes with exactly one NAME.", ctx)
    for name in names:
        if not programs and not copies_of(hosts[name]):
            raise click.UsageError(
                f"{hosts[name].title} was not found on this machine. Install it, or name its "
                f"program: mattekit hosts {ctx.info_name} {name} --at PROGRAM",
                ctx,
            )


def _chosen(
    names: Sequence[str], hosts: Mapping[str, Host], programs: Sequence[Path]
) -> Iterable[tuple[Host, HostCopy]]:
    for name in dict.fromkeys(names):
        host = hosts[name]
        found = copies_of(host)
        if programs:
            known = {copy.path.resolve(): copy for copy in found}
            found = [
                known.get(each.resolve()) or _copy_at(host, each.absolute()) for each in programs
            ]
        for copy in found:
            yield host, copy


def _each(
    ctx: click.Context,
    chosen: Iterable[tuple[Host, HostCopy]],
    action_of: Callable[[Host], Callable[[HostCopy], Sequence[str]] | None],
    *,
    remember: Sequence[Path] = (),
    nothing: str = "",
) -> None:
    """Do it for every copy; one that fails does not stop the others.

    `nothing` is said where there is nothing else to say; those of `remember` are written down.
    """
    from mattekit.plugins import call_plugin

    console: Console = ctx.obj
    total, codes = 0, []
    for host, copy in chosen:
        total += 1
        name = f"{host.title} {copy.version}".strip()
        action = action_of(host)
        if action is None:
            console.error(f"{name}: mattekit cannot {ctx.info_name} itself here. {copy.advice}")
            codes.append(1)
            continue
        try:
            messages = call_plugin(host.name, Sequence, action, copy)
            for message in messages or filter(None, [nothing]):
                console.out(f"{name}: {message}")
            if nothing:
                known_programs.forget(host.name, copy.path)
            elif copy.path.resolve() in {each.resolve() for each in remember}:
                known_programs.remember(host.name, copy.path.absolute())
        except MattekitError as error:
            console.error(f"{name}: {error}")
            codes.append(status_of(error).exit_code)
    ctx.exit(exit_code(total, codes))


def _summary(host: Host, copy: HostCopy) -> dict[str, Any]:
    return {
        "name": host.name,
        "title": host.title,
        "version": copy.version or None,
        "path": str(copy.path),
        "installed": copy.installed,
        "advice": copy.advice or None,
    }
