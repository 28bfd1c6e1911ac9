"""`mattekit models`: what networks there are, and bringing them to this machine."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import click

from mattekit.errors import MattekitError, status_of
from mattekit.reporting import exit_code
from mattekit_cli.console import Console, columns
from mattekit_cli.flags import Command, CompletedType, Group, model_names
from mattekit_cli.text import one_line, size_text

if TYPE_CHECKING:
    from mattekit.models import ModelCard, Store

__all__ = [
    "command",
]

_COMMERCIAL: Final = {
    "yes": "commercial use is allowed",
    "no": "commercial use is NOT allowed",
    "unclear": "whether commercial use is allowed is unclear",
}


def _store() -> Store:
    from mattekit.runtime import Runtime

    return Runtime.shared().store


class _ModelName(CompletedType):
    """A model's name, completed by the shell."""

    name = "model"

    def words(self) -> Iterable[str]:
        return model_names()


@click.group(
    "models",
    cls=Group,
    examples="""
    mattekit models list                                 what there is, and what it may be used for
    mattekit models fetch isnet-general-use
    mattekit remove photo.jpg --model isnet-general-use
    """,
    epilog="Models lie in the folder that `mattekit models path` shows; MATTEKIT_MODEL_DIR names "
    "another one. MATTEKIT_OFFLINE=1 forbids fetching. The built-in model needs no fetching, and "
    "nothing is ever fetched but by `mattekit models fetch`.",
)
def command() -> None:
    """List, fetch and check models."""


@command.command(
    "list",
    cls=Command,
    examples="""
    mattekit models list
    mattekit models list --json | jq -r '.[] | select(.present).name'
    """,
)
@click.option("--json", "as_json", is_flag=True, help="A JSON array with everything known.")
@click.pass_obj
def list_(console: Console, as_json: bool) -> None:
    """Show all models: which are here, their size and licence."""
    store = _store()
    if as_json:
        console.json([_summary(store, card) for card in store.cards])
        return
    rows = [
        (
            card.name,
            "built in" if card.builtin else "yes" if store.present(card.name) else "-",
            size_text(card.bytes) if card.bytes else "?",
            card.task,
            card.commercial,
            card.license or "?",
            card.title,
        )
        for card in store.cards
    ]
    console.out(
        columns(("name", "here", "size", "task", "commercial", "licence", "what it is"), rows)
    )


@command.command(
    cls=Command,
    examples="""
    mattekit models fetch isnet-general-use
    mattekit models fetch u2net silueta
    """,
)
@click.argument("models", nargs=-1, required=True, metavar="NAME...", type=_ModelName())
@click.option("--force", is_flag=True, help="Fetch even what is here and whole.")
@click.pass_context
def fetch(ctx: click.Context, models: tuple[str, ...], force: bool) -> None:
    """Fetch models to this machine; a broken fetch goes on where it stopped.

    Size, licence and whether commercial use is allowed are shown first. Every file is checked
    against its known digest before it is used.
    """
    console: Console = ctx.obj

    def one(store: Store, name: str) -> None:
        card = store.card(name)
        console.note(_terms(card))
        with console.loading(name) as progress:
            path = store.fetch(name, progress, force=force)
        console.out(str(path))

    _each(ctx, models, one)


@command.command(
    cls=Command,
    examples="""
    mattekit models verify              all that are here
    mattekit models verify u2net
    """,
)
@click.argument("models", nargs=-1, metavar="[NAME]...", type=_ModelName())
@click.pass_context
def verify(ctx: click.Context, models: tuple[str, ...]) -> None:
    """Check the size and every digest of models that are here."""
    console: Console = ctx.obj

    def one(store: Store, name: str) -> None:
        path = store.verify(name)
        card = store.card(name)
        checked = [kind for kind in ("sha256", "md5") if getattr(card, kind)]
        what = " and ".join(checked) or "size only, its card gives no digest"
        console.out(f"{name}: intact ({what})  {path}")

    _each(ctx, models or _present(), one)


@command.command(
    cls=Command,
    examples="""
    mattekit models path                the folder
    mattekit models path u2net          the file
    """,
)
@click.argument("model", required=False, metavar="[NAME]", type=_ModelName())
@click.pass_obj
def path(console: Console, model: str | None) -> None:
    """Show where models lie, or the file of one that is here."""
    store = _store()
    console.out(str(store.folder if model is None else store.require(model)))


@command.command(
    cls=Command,
    examples="""
    mattekit models info u2net
    mattekit models info ./my-network.onnx --json
    """,
)
@click.argument("model", metavar="NAME", type=_ModelName())
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
@click.pass_obj
def info(console: Console, model: str, as_json: bool) -> None:
    """Show everything known of a model, by name or by the path of its .onnx file."""
    from mattekit.models import is_path
    from mattekit.runtime import Runtime, read_card

    store = _store()
    if model == "auto":
        model = Runtime.shared().choose().name
    if is_path(model):
        from pathlib import Path

        card = read_card(Path(model))
        facts = dataclasses.asdict(card) | {"path": card.file, "present": Path(card.file).is_file()}
    else:
        facts = _summary(store, store.card(model))
    if as_json:
        console.json(facts)
        return
    for key, value in _flat(facts):
        console.out(f"{key + ':':20} {value}")


@command.command(cls=Command, examples="mattekit models remove u2net")
@click.argument("models", nargs=-1, required=True, metavar="NAME...", type=_ModelName())
@click.pass_context
def remove(ctx: click.Context, models: tuple[str, ...]) -> None:
    """Delete the files of fetched models."""
    console: Console = ctx.obj

    def one(store: Store, name: str) -> None:
        console.out(f"{name}: deleted" if store.remove(name) else f"{name}: was not here")

    _each(ctx, models, one)


# -- shared ------------------------------------------------------------------------------------


def _each(
    ctx: click.Context, models: Iterable[str], function: Callable[[Store, str], None]
) -> None:
    """Do something for every model; one that fails does not stop the others."""
    console: Console = ctx.obj
    store, total, codes = _store(), 0, []
    for name in models:
        total += 1
        try:
            function(store, name)
        except MattekitError as error:
            console.error(str(error))
            codes.append(status_of(error).exit_code)
    ctx.exit(exit_code(total, codes))


def _present() -> list[str]:
    store = _store()
    return [card.name for card in store.cards if store.present(card.name)]


def _terms(card: ModelCard) -> str:
    where = f" ({card.source})" if card.source else ""
    return one_line(
        f"{card.name}: {size_text(card.bytes) if card.bytes else 'size unknown'}, licence: "
        f"{card.license or 'unknown'}; {_COMMERCIAL[card.commercial]}{where}"
    )


def _summary(store: Store, card: ModelCard) -> dict[str, Any]:
    return dataclasses.asdict(card) | {
        "path": str(store.path(card.name)),
        "present": store.present(card.name),
    }


def _flat(facts: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for key, value in facts.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{prefix}{key}.")
        elif value is None or value in ("", ()):
            rows.append((prefix + key, "-"))
        elif isinstance(value, tuple | list):
            rows.append((prefix + key, ", ".join(map(str, value))))
        elif isinstance(value, bool):
            rows.append((prefix + key, "yes" if value else "no"))
        else:
            rows.append((prefix + key, str(value)))
    return rows
