"""Flags out of the declarations of options.

`mattekit.options.OPTIONS` says what there is; this module says how it looks on a command line:
dashes for underscores, ``--crop/--no-crop`` for what is true or false, one heading per group.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from mattekit.errors import OptionError
from mattekit.grammar import Boolean, Candidates, Pictures
from mattekit.options import OPTIONS, Option

__all__ = [
    "GROUPS",
    "Command",
    "CompletedType",
    "FileName",
    "Group",
    "ParamType",
    "debug_flag",
    "flag_of",
    "given_options",
    "model_names",
    "option_flags",
    "write_examples",
]

#: Headings of the groups of `mattekit.options`.
GROUPS: Final = {
    "subject": "What is the subject",
    "frame": "Size and frame",
    "background": "New background",
    "shadow": "Shadow",
    "edges": "Edges",
    "output": "Output",
    "model": "Model",
}

#: What stands for a value in help.
_METAVARS: Final = {
    "Boolean": "BOOL",
    "Choice": "WORD",
    "Color": "COLOR",
    "FrameAspect": "W:H",
    "MarginLengths": "LENGTHS",
    "Marks": "HINTS",
    "Number": "NUMBER",
    "PerKind": "WORD",
    "PictureSource": "FILE",
    "PositionInFrame": "POSITION",
    "RegionOfInterest": "CORNERS",
    "Text": "NAME",
}

#: The same for types of click, in whose words a reader would have to know Python.
_METAVARS_OF_CLICK: Final = {
    "integer": "N",
    "integer range": "N",
    "float": "N",
    "float range": "N",
    "directory": "DIR",
    "path": "FILE",
}

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:  # generic since click 8.3 only
    ParamType = click.ParamType

_F = TypeVar("_F", bound=Callable[..., Any])


def flag_of(name: str) -> str:
    """Return the flag of an option."""
    return "--" + name.replace("_", "-")


class CompletedType(ParamType):
    """A type of values that shells complete.

    Attributes
    ----------
    files : str
        What the shell itself is to look for where no word fits: ``"file"``, ``"dir"``, or nothing.
    """

    files = ""

    def words(self) -> Iterable[str]:
        """Return the values that are proposed."""
        return ()

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[Any]:
        """Return the words that begin as what was typed does."""
        from click.shell_completion import CompletionItem

        typed = incomplete.lower()
        found = [CompletionItem(each) for each in self.words() if each.lower().startswith(typed)]
        return found or ([CompletionItem(incomplete, type=self.files)] if self.files else [])


class FileName(CompletedType):
    """A file, a folder or a URL as it was typed, which shells complete.

    Parameters
    ----------
    folder : bool
        Whether only folders make sense.
    """

    name = "file"

    def __init__(self, *, folder: bool = False) -> None:
        self.files = "dir" if folder else "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the value as it is."""
        return value


class _Value(CompletedType):
    """A value that follows the grammar of an option. It stays the text that was typed."""

    name = "value"

    def __init__(self, option: Option) -> None:
        self.option = option
        if isinstance(option.grammar, Pictures) or option.name == "model":
            self.files = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            self.option.parse(value)
        except OptionError as error:
            # Click names the flag already.
            self.fail(str(error).partition("=")[2] + _origin(param, ctx), param, ctx)
        return value

    def words(self) -> Iterable[str]:
        if self.option.name == "model":
            return ["auto", *model_names()]
        grammar = self.option.grammar
        if isinstance(grammar, Candidates) and not isinstance(grammar, Pictures):
            return grammar.candidates()
        return ()


def _origin(param: click.Parameter | None, ctx: click.Context | None) -> str:
    """Say where a value comes from, if it was not typed."""
    source = ctx.get_parameter_source(param.name) if ctx and param and param.name else None
    if source is click.core.ParameterSource.ENVIRONMENT and param is not None:
        return f" (It comes from the environment variable {param.envvar}.)"
    return ""


class _Flag(click.Option):
    """The flag of a declared option; `group` is the heading under which help lists it."""

    def __init__(self, option: Option) -> None:
        flag, boolean = flag_of(option.name), isinstance(option.grammar, Boolean)
        self.group = GROUPS[option.group]
        self.option = option
        super().__init__(
            [f"{flag}/--no-{flag[2:]}" if boolean else flag],
            type=click.BOOL if boolean else _Value(option),
            default=None,
            metavar=None if boolean else _METAVARS.get(type(option.grammar).__name__, "VALUE"),
            envvar=f"MATTEKIT_{option.name.upper()}",
            help=option.help,
        )

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """Return the line of the help page; only now, since plug-ins may have words to add."""
        option = self.option
        grammar = "" if isinstance(option.grammar, Boolean) else f"{option.grammar.text}; "
        self.help = f"{option.help} [{grammar}default: {_default(option)}]"
        return super().get_help_record(ctx)


def _default(option: Option) -> str:
    if isinstance(option.grammar, Boolean):
        return "on" if option.default else "off"
    return option.default_text or "none"


def model_names() -> list[str]:
    """Return the names of all models, for shell completion."""
    from mattekit.models import Store, plugin_models

    return [card.name for card in Store(cards=plugin_models()).cards]


def option_flags(function: _F) -> _F:
    """Give a command a flag for every option, passed on as keyword arguments, None = not given."""
    parameters = [_Flag(option) for option in OPTIONS.values()]
    # Click collects what decorators add from the last to the first.
    function.__dict__.setdefault("__click_params__", []).extend(reversed(parameters))
    return function


def given_options(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values that were given."""
    return {name: value for name, value in values.items() if value is not None}


class _Described(click.Command):
    """What every command and group of commands has: examples, ``--debug``, whole short texts."""

    def __init__(self, *args: Any, examples: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.examples = examples
        self.params.append(debug_flag())
        for param in self.params:
            if param.metavar is None and not getattr(param, "is_flag", False):
                param.metavar = _METAVARS_OF_CLICK.get(param.type.name)

    def get_short_help_str(self, limit: int = 0) -> str:
        """Return the first sentence of the help, however long: lists fold it."""
        return super().get_short_help_str(limit=1000)


class Command(_Described):
    """A command whose help lists flags under headings, and which knows ``--debug``."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the flags, those of the command itself first."""
        headings: dict[str, list[tuple[str, str]]] = {"Options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx) if isinstance(param, click.Option) else None
            if record is not None:
                headings.setdefault(getattr(param, "group", "Options"), []).append(record)
        for heading, records in headings.items():
            if records:
                with formatter.section(heading):
                    formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        write_examples(self.examples, formatter)
        super().format_epilog(ctx, formatter)


class Group(_Described, click.Group):
    """Commands under a common name. Its help says first what is wanted first."""

    command_class = Command

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, the commands and the flags."""
        write_examples(self.examples, formatter)
        self.format_commands(ctx, formatter)
        click.Command.format_options(self, ctx, formatter)


def write_examples(examples: str, formatter: click.HelpFormatter) -> None:
    """Write examples, one per line, as they are."""
    if examples:
        with formatter.section("Examples"):
            for line in examples.strip().splitlines():
                formatter.write(f"{'':{formatter.current_indent}}{line.strip()}\n")


def debug_flag() -> click.Option:
    """Return the flag that shows where errors come from."""

    def switch_on(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
        if value:
            ctx.find_root().obj.show_debug()

    return click.Option(
        ["--debug"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=switch_on,
        envvar="MATTEKIT_DEBUG",
        help="Show where an error comes from, and what the library logs.",
    )
