"""`mattekit options`: the declarations of all options, for people, machines and documents."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import click

from mattekit.grammar import Boolean
from mattekit.options import OPTIONS, Option
from mattekit_cli.console import Console, columns
from mattekit_cli.flags import GROUPS, Command, flag_of

__all__ = ["command", "declarations", "markdown"]


@click.command(
    cls=Command,
    examples="""
    mattekit options
    mattekit options --json | jq '.[] | select(.name == "size")'
    mattekit options --markdown > options.md
    """,
)
@click.option("--json", "form", flag_value="json", help="A JSON array with grammars and schemas.")
@click.option("--markdown", "form", flag_value="markdown", help="Tables for a document.")
@click.pass_obj
def command(console: Console, form: str | None) -> None:
    """Show every option of a cut-out: its values, default and effect."""
    if form == "json":
        console.json(declarations())
    elif form == "markdown":
        console.out(markdown())
    else:
        rows = [
            (flag_of(each.name), each.grammar.text, _default(each), each.help)
            for each in OPTIONS.values()
        ]
        console.out(columns(("option", "values", "default", "what it does"), rows))


def declarations() -> list[dict[str, Any]]:
    """Return all declarations as plain data."""
    return [
        {
            "name": each.name,
            "flag": flag_of(each.name),
            "negative_flag": f"--no-{flag_of(each.name)[2:]}"
            if isinstance(each.grammar, Boolean)
            else None,
            "group": each.group,
            "origin": each.origin,
            "label": each.label,
            "help": each.help,
            "grammar": each.grammar.text,
            "default": each.default_text,
            "api_default": each.grammar.format(each.api_default),
            "schema": each.grammar.schema(),
        }
        for each in OPTIONS.values()
    ]


def markdown() -> str:
    """Return tables, one per group."""
    parts = []
    for group, members in groupby(OPTIONS.values(), key=lambda each: each.group):
        lines = [
            f"### {GROUPS[group]}",
            "",
            "| option | values | default | what it does |",
            "|---|---|---|---|",
        ]
        for each in members:
            cells = (each.grammar.text, f"`{_default(each)}`", each.help)
            text = " | ".join(cell.replace("|", "\\|") for cell in cells)
            lines.append(f"| `{each.name}` | {text} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _default(option: Option) -> str:
    return option.default_text or "none"
