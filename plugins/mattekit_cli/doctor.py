"""`mattekit doctor`: what works on this machine, what does not, and what to do about it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final

import click

from mattekit._version import __version__
from mattekit.errors import MattekitError, NoHomeFolder, PluginError
from mattekit_cli.console import Console, colored, is_terminal
from mattekit_cli.flags import Command
from mattekit_cli.text import size_text

if TYPE_CHECKING:
    from mattekit.runtime import Runtime

__all__ = ["Finding", "command", "examine"]

_PACKAGES: Final = (
    "numpy",
    "pillow",
    "imagecodecs",
    "tifffile",
    "isal",
    "pluggy",
    "platformdirs",
    "httpx",
    "click",
    "rich",
)
_SIGNS: Final = {"ok": ("ok", "green"), "note": ("--", "cyan"), "warning": ("!!", "yellow")}
#: Columns before what a finding says.
_INDENT: Final = 14
_BROKEN: Final = ("XX", "red")


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    name : str
        What it is about.
    status : {"ok", "note", "warning", "broken"}
        Only what is broken keeps mattekit from working.
    text : str
        What was found.
    advice : str
        What to do; empty where nothing.
    facts : dict
        For machines.
    """

    name: str
    status: str
    text: str
    advice: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """Return the finding for people."""
        sign, color = _SIGNS.get(self.status, _BROKEN)
        width = shutil.get_terminal_size().columns if is_terminal(sys.stdout) else 10_000
        rest = textwrap.wrap(
            self.text, max(width - _INDENT, 24), break_long_words=False, break_on_hyphens=False
        )
        if self.advice:
            rest += textwrap.wrap(f"-> {self.advice}", max(width - _INDENT, 24))
        text = ("\n" + " " * _INDENT).join(rest)
        return f"{colored(sign, color)}  {self.name:9} {text}"


@click.command(
    cls=Command,
    examples="""
    mattekit doctor
    mattekit doctor --json > report.json    to attach to a report
    """,
    epilog="Exit code: 0 mattekit works, 1 something is broken.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Examine the installation: versions, devices, models, plug-ins, editors."""
    console: Console = ctx.obj
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            console.out(finding.line())
    broken = any(finding.status == "broken" for finding in findings)
    if as_json:
        console.json({"works": not broken, "findings": [asdict(each) for each in findings]})
    else:
        console.out("Something is broken." if broken else "mattekit works.")
    ctx.exit(1 if broken else 0)


def examine() -> Iterator[Finding]:
    """Look at everything, the cheap things first; a failure of one does not hide the others."""
    for look in (_system, _packages, _devices, _builtin, _models, _environment, _plugins, _hosts):
        try:
            yield from look()
        except MattekitError as error:
            yield Finding(look.__name__[1:], "broken", str(error))
        except Exception as error:  # noqa: BLE001 - a broken installation may raise anything
            text = f"{type(error).__name__}: {error}"
            yield Finding(look.__name__[1:], "broken", text, "install mattekit again.")


def _system() -> Iterator[Finding]:
    text = f"mattekit {__version__}, Python {platform.python_version()}, {platform.platform()}"
    facts = {
        "mattekit": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "processors": os.cpu_count(),
    }
    yield Finding("system", "ok", text, facts=facts)


def _packages() -> Iterator[Finding]:
    versions: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    missing = [name for name, version in versions.items() if version is None]
    text = ", ".join(f"{name} {version}" for name, version in versions.items() if version)
    yield Finding("packages", "ok", text, facts=versions)
    if missing:
        advice = f"python -m pip install {' '.join(missing)}"
        yield Finding("packages", "broken", f"missing: {', '.join(missing)}", advice)


def _runtime() -> Runtime:
    from mattekit.runtime import Runtime

    return Runtime.shared()


def _devices() -> Iterator[Finding]:
    facts = _runtime().providers()
    active = (f"{device} ({', '.join(each)})" for device, each in facts.active.items())
    text = f"onnxruntime {facts.version} runs on {', '.join(active) or 'no device'}"
    if set(facts.active) <= {"cpu"}:
        text += "; no GPU is in use"
    yield Finding("devices", "ok", text, facts=facts._asdict())
    for problem in facts.problems:
        yield Finding("devices", "warning", problem)


def _builtin() -> Iterator[Finding]:
    runtime = _runtime()
    card = next(card for card in runtime.store.cards if card.builtin and card.task == "segment")
    path = runtime.store.require(card.name)
    started = time.perf_counter()
    session = runtime.session(card.name)
    loaded = time.perf_counter()
    session.run(_blank(session.card.input))
    ran = time.perf_counter()
    text = (
        f"the built-in model loads in {loaded - started:.2f} s and runs in {ran - loaded:.2f} s "
        f"on {session.device}, {size_text(path.stat().st_size)}, {path}"
    )
    facts = {"load_seconds": loaded - started, "run_seconds": ran - loaded, "path": str(path)}
    yield Finding("builtin", "ok", text, facts=facts)


def _blank(spec: Any) -> Any:
    import numpy as np

    width, height = spec.size or (spec.longest, spec.longest)
    shape = (3, height, width) if spec.layout == "NCHW" else (height, width, 3)
    return np.zeros((1, *shape), np.float32)


def _models() -> Iterator[Finding]:
    runtime = _runtime()
    store = runtime.store
    for card in store.cards:
        if card.builtin or not store.present(card.name):
            continue
        try:
            path = store.require(card.name)
        except MattekitError as error:
            advice = f"mattekit models fetch {card.name}" if card.urls else ""
            yield Finding("models", "broken", str(error), advice)
        else:
            text = f"{card.name}, {size_text(path.stat().st_size)}, {path}"
            yield Finding("models", "ok", text, facts={"name": card.name, "path": str(path)})
    auto = f"auto is {runtime.choose().name}"
    try:
        folder = str(store.folder)
    except NoHomeFolder as error:
        yield Finding("models", "note", f"others cannot be kept; {auto}", str(error))
        return
    text = f"others are kept in {folder}; {auto}"
    advice = "" if len(_fetched(store)) else "`mattekit models list` shows better ones to fetch."
    yield Finding("models", "note", text, advice, {"folder": folder})


def _fetched(store: Any) -> list[str]:
    return [c.name for c in store.cards if not c.builtin and store.present(c.name)]


def _environment() -> Iterator[Finding]:
    ours = {key: value for key, value in sorted(os.environ.items()) if key.startswith("MATTEKIT_")}
    text = ", ".join(f"{key}={value}" for key, value in ours.items())
    yield Finding("variables", "note", text or "no MATTEKIT_ variable is set", facts=dict(ours))


def _plugins() -> Iterator[Finding]:
    from mattekit import plugins
    from mattekit_cli.plugins import describe

    found = describe(plugins.shared())
    if not found:
        yield Finding("plug-ins", "note", "none are installed")
    for plugin in found:
        if plugin["problem"]:
            text = f"{plugin['name']} is left out: {plugin['problem']}"
            if plugin["problem"].startswith("switched off"):
                yield Finding("plug-ins", "note", text)
            else:
                yield Finding("plug-ins", "warning", text, "update or uninstall it.")
        else:
            text = f"{plugin['name']}: {', '.join(plugin['hooks'])}"
            yield Finding("plug-ins", "ok", text, facts=plugin)


def _hosts() -> Iterator[Finding]:
    from mattekit_cli.hosts import copies_of, known_hosts

    try:
        known = known_hosts()
    except PluginError as error:
        yield Finding("editors", "warning", str(error), "update or uninstall it.")
        return
    if not known:
        yield Finding("editors", "note", "no plug-in for an editor is loaded")
    absent = []
    for host in known.values():
        try:
            copies = copies_of(host)
        except NoHomeFolder as error:
            yield Finding("editors", "note", str(error))
            return
        if not copies:
            absent.append(host.title)
        for copy in copies:
            part = "" if copy.installed else ", without mattekit"
            text = f"{host.title} {copy.version or '(version unknown)'} at {copy.path}{part}"
            status = "ok" if copy.installed else "note"
            facts = {"name": host.name, "path": str(copy.path), "installed": copy.installed}
            yield Finding("editors", status, text, copy.advice, facts)
    if absent:
        yield Finding("editors", "note", f"not found: {', '.join(absent)}")
