"""Model cards as TOML: the manifest of known models, and the card beside a user's own network.

Both have one schema, the fields of `ModelCard`, `InputSpec` and `OutputSpec`. Reading is strict: a
key that is not known, a value of another type or out of range and a fact that is missing are all a
`ModelCardError` that names the file, the key and what belongs there. Nothing about a network's
normalisation is ever guessed.
"""

from __future__ import annotations

import functools
import math
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from mattekit import plugins
from mattekit.errors import ModelCardError, suggest
from mattekit.geometry import Size
from mattekit.kinds import KINDS
from mattekit.models.card import Calibration, InputSpec, ModelCard, OutputSpec
from mattekit.models.urls import RULE, allowed

if sys.version_info >= (3, 11):
    import tomllib
else:  # pragma: no cover - the same parser under its older name
    import tomli as tomllib

__all__ = ["known_models", "parse_card", "parse_manifest", "read_manifest"]

#: The manifest that ships with the package.
MANIFEST: Final = Path(__file__).with_name("models.toml")
BUILTIN_FOLDER: Final = Path(__file__).with_name("builtin")

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*", re.ASCII)
_FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
_MAX_SIDE = 8192
_RESERVED = frozenset({"auto"})

T = TypeVar("T")


class _Table:
    """One TOML table being read: every key is asked for once, and none may be left over."""

    def __init__(self, data: Mapping[str, Any], where: str, prefix: str, model: str) -> None:
        self.data, self.where, self.prefix, self.model = data, where, prefix, model
        self.known: list[str] = []

    def error(self, key: str, problem: str) -> ModelCardError:
        return ModelCardError(self.model, f"{self.where}: {self.prefix}{key}: {problem}")

    def read(self, key: str, convert: Callable[[Any], T | None], expected: str, default: T) -> T:
        """Return the value under `key`, or `default`; `convert` answers None to what is wrong."""
        self.known.append(key)
        if key not in self.data:
            return default
        value = convert(self.data[key])
        if value is None:
            raise self.error(key, f"expected {expected}, got {self.data[key]!r}.")
        return value

    def require(self, key: str, convert: Callable[[Any], T | None], expected: str) -> T:
        """Return the value under `key`, which must be there."""
        if key not in self.data:
            raise self.error(key, f"is missing: expected {expected}.")
        value = self.read(key, convert, expected, None)
        assert value is not None  # `read` refused everything else
        return value

    def table(self, key: str) -> _Table:
        self.known.append(key)
        data = self.data.get(key, {})
        if not isinstance(data, dict):
            raise self.error(key, f"expected a table [{key}], got {data!r}.")
        return _Table(data, self.where, f"{self.prefix}{key}.", self.model)

    def refuse_unknown(self) -> None:
        for key in self.data:
            if key not in self.known:
                raise self.error(
                    key,
                    f"no such key.{suggest(key, self.known)} Known keys: {', '.join(self.known)}.",
                )


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _filled(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], str | None]:
    return lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else None


def _one_of(*words: T) -> Callable[[Any], T | None]:
    return lambda value: next(
        (word for word in words if value == word and type(value) is type(word)), None
    )


def _integer(low: int, high: int) -> Callable[[Any], int | None]:
    def convert(value: Any) -> int | None:
        good = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return value if good else None

    return convert


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _share(value: Any) -> float | None:
    number = _number(value)
    return number if number is not None and 0 <= number <= 1 else None


def _divide(value: Any) -> Any:
    if isinstance(value, str) and value in {"255", "max"}:
        return value
    number = _number(value)
    if number is None or number <= 0:
        return None
    return "255" if number == 255 else number


def _three(value: Any) -> tuple[float, float, float] | None:
    if not isinstance(value, list) or len(value) != 3:
        return None
    numbers = [_number(item) for item in value]
    if None in numbers:
        return None
    return tuple(numbers)  # type: ignore[return-value]


def _calibration(value: Any) -> Calibration | None:
    if not isinstance(value, list) or len(value) not in (2, 4):
        return None
    numbers = [number for number in map(_number, value) if number is not None]
    return Calibration(*numbers) if len(numbers) == len(value) else None


def _spread(value: Any) -> tuple[float, float, float] | None:
    numbers = _three(value)
    return numbers if numbers is not None and min(numbers) > 0 else None


def _size(value: Any) -> tuple[Size | None] | None:
    if value == "any":
        return (None,)
    side = _integer(1, _MAX_SIDE)
    if not isinstance(value, list) or len(value) != 2 or None in map(side, value):
        return None
    return (Size(value[0], value[1]),)


def _output(value: Any) -> str | int | None:
    return _filled(value) if isinstance(value, str) else _integer(0, 255)(value)


def _list_of(convert: Callable[[Any], str | None]) -> Callable[[Any], tuple[str, ...] | None]:
    def convert_all(value: Any) -> tuple[str, ...] | None:
        if not isinstance(value, list) or None in map(convert, value):
            return None
        return tuple(value) if len(set(value)) == len(value) else None

    return convert_all


def _url(value: Any) -> str | None:
    return value if isinstance(value, str) and allowed(value) else None


def _input(table: _Table) -> InputSpec:
    default = InputSpec()
    (size,) = table.require(
        "size", _size, f'[width, height] of 1 to {_MAX_SIDE} pixels, or "any" for a free size'
    )
    spec = InputSpec(
        size=size,
        multiple_of=table.read(
            "multiple_of", _integer(1, 1024), "a whole number, 1 to 1024", default.multiple_of
        ),
        longest=table.read(
            "longest", _integer(16, _MAX_SIDE), f"pixels, 16 to {_MAX_SIDE}", default.longest
        ),
        fit=table.read(
            "fit", _one_of("letterbox", "stretch"), '"letterbox" or "stretch"', default.fit
        ),
        divide=table.require("divide", _divide, 'a positive number, usually 255, or "max"'),
        mean=table.require("mean", _three, "three numbers, for R, G and B, of samples divided"),
        std=table.require("std", _spread, "three positive numbers, for R, G and B"),
        layout=table.read("layout", _one_of("NCHW", "NHWC"), '"NCHW" or "NHWC"', default.layout),
        channels=table.read("channels", _one_of("RGB", "BGR"), '"RGB" or "BGR"', default.channels),
        name=table.read("name", _text, "the name of the network's input", default.name),
        hints=table.read("hints", _text, "the name of the input that takes hints", default.hints),
    )
    if spec.hints and (spec.size is None or spec.layout != "NCHW"):
        raise table.error("hints", "expected a fixed size and the layout NCHW with it.")
    table.refuse_unknown()
    return spec


def _answer(table: _Table) -> OutputSpec:
    default = OutputSpec()
    activation: Literal["none", "sigmoid", "softmax"] = table.require(
        "activation",
        _one_of("none", "sigmoid", "softmax"),
        '"none" (the network answers 0..1 itself), "sigmoid" or "softmax"',
    )
    spec = OutputSpec(
        alpha=table.read("alpha", _output, "the name of an output, or its index", default.alpha),
        channel=table.read("channel", _integer(0, 4095), "a whole number from 0", default.channel),
        activation=activation,
        stretch=table.read("stretch", _flag, "true or false", default.stretch),
        partial=table.read(
            "partial",
            _one_of("transparency", "uncertainty"),
            '"transparency" or "uncertainty"',
            default.partial,
        ),
        found_at=table.read("found_at", _share, "a number from 0 to 1", default.found_at),
        calibration=table.read(
            "calibration",
            _calibration,
            "two numbers, slope and intercept of the logarithm of odds, or four, with what the "
            'kind "other" adds to both',
            default.calibration,
        ),
        kinds=table.read("kinds", _output, "the name of an output, or its index", default.kinds),
        kind_names=table.read(
            "kind_names",
            _list_of(_one_of(*KINDS)),
            f"a list of different kinds out of {', '.join(KINDS)}",
            default.kind_names,
        ),
    )
    table.refuse_unknown()
    if (spec.kinds is None) != (not spec.kind_names):
        raise table.error("kinds", "`kinds` and `kind_names` belong together: give both or none.")
    return spec


def _card(data: Mapping[str, Any], where: str, *, own: Path | None, ours: bool) -> ModelCard:
    """Turn one table into a card.

    Parameters
    ----------
    data : mapping
        The table.
    where : str
        What messages call the place.
    own : Path or None
        The network that the card lies beside; None for a row of a manifest.
    ours : bool
        Whether it is a row of the package's manifest, which alone may declare a built-in model.
    """
    label = own.name if own else str(data.get("name", "?"))
    table = _Table(data, where, "", label)
    default = ModelCard(label)
    words = "a text that is not empty"
    name_rule = "lower-case letters, digits, dots, dashes and underscores, not `auto`"
    if own is None:
        name = table.require("name", _matching(_NAME), name_rule)
        if name in _RESERVED:
            raise table.error("name", f"expected {name_rule}, got {name!r}.")
    else:
        name = table.read("name", _matching(_NAME), name_rule, own.stem)

    def fact(key: str) -> str:
        # What users see before they fetch (licence, origin) is not optional in a manifest.
        return table.read(key, _filled, words, "") if own else table.require(key, _filled, words)

    builtin = table.read("builtin", _flag, "true or false", False) if ours else False
    card = ModelCard(
        name=name,
        title=fact("title"),
        file=str(own)
        if own
        else table.read("file", _matching(_FILE), "a plain file name", f"{name}.onnx"),
        urls=()
        if own
        else table.read("urls", _list_of(_url), f"a list of addresses ({RULE})", default.urls),
        bytes=table.read("bytes", _integer(1, 1 << 40), "the file's size in bytes", default.bytes),
        sha256=table.read(
            "sha256", _matching(re.compile("[0-9a-f]{64}")), "64 lower-case hex digits", ""
        ),
        md5=table.read(
            "md5", _matching(re.compile("[0-9a-f]{32}")), "32 lower-case hex digits", ""
        ),
        license=fact("license"),
        commercial=table.read(
            "commercial",
            _one_of("yes", "no", "unclear"),
            '"yes", "no" or "unclear"',
            default.commercial,
        ),
        source=fact("source"),
        suits=table.read(
            "suits",
            _list_of(_one_of(*KINDS)),
            f"a list of different kinds out of {', '.join(KINDS)}",
            default.suits,
        ),
        rank=table.read("rank", _integer(0, 1000), "a whole number, 0 to 1000", default.rank),
        builtin=builtin,
        task=table.read(
            "task", _one_of("segment", "correct"), '"segment" or "correct"', default.task
        ),
        input=_input(table.table("input")),
        output=_answer(table.table("output")),
    )
    table.refuse_unknown()
    if (card.task == "correct") != bool(card.input.hints):
        raise table.error("task", '`task = "correct"` and `input.hints` belong together.')
    if card.urls and not (card.sha256 or card.md5):
        raise table.error("sha256", "is missing: what is fetched must be checked against a digest.")
    return card


def _load(text: str, where: str, model: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ModelCardError(model, f"{where} is no TOML: {error}.") from error


def read_text(path: Path, model: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelCardError(model, f"{path} cannot be read ({error}).") from error


def parse_manifest(
    text: str, where: str = "manifest", *, ours: bool = False
) -> tuple[ModelCard, ...]:
    """Read a manifest: an array of tables ``[[model]]``.

    Parameters
    ----------
    text : str
        TOML.
    where : str
        What messages call the text.
    ours : bool
        Whether rows may declare themselves built in.

    Raises
    ------
    ModelCardError
        Anything that is not what the schema says.
    """
    data = _load(text, where, "manifest")
    rows = data.get("model")
    if (
        set(data) != {"model"}
        or not isinstance(rows, list)
        or not all(isinstance(row, dict) for row in rows)
    ):
        raise ModelCardError("manifest", f"{where}: expected tables [[model]] and nothing else.")
    cards = tuple(
        _card(row, f"{where}, model {number}", own=None, ours=ours)
        for number, row in enumerate(rows, 1)
    )
    for unique in ("name", "file"):
        seen: set[str] = set()
        for card in cards:
            value = getattr(card, unique)
            if value in seen:
                raise ModelCardError(card.name, f"{where}: {unique} {value!r} appears twice.")
            seen.add(value)
    return cards


def read_manifest(path: Path) -> tuple[ModelCard, ...]:
    """Read a manifest file; raises as `parse_manifest` does."""
    return parse_manifest(read_text(path, path.name), str(path))


@functools.cache
def known_models() -> tuple[ModelCard, ...]:
    """Return the cards of the package's own manifest, the built-in model among them."""
    return parse_manifest(read_text(MANIFEST, "manifest"), MANIFEST.name, ours=True)


def parse_card(text: str, network: Path, where: str = "") -> ModelCard:
    """Read the card of one network that lies at `network`; raises as `read_card` does."""
    where = where or str(network.with_suffix(".toml"))
    return _card(_load(text, where, network.name), where, own=network, ours=False)


def plugin_models(source: plugins.Plugins | None = None) -> tuple[ModelCard, ...]:
    """Return the models of plug-ins, by default of this process's.

    Raises
    ------
    PluginError
        A plug-in gave something else.
    """
    return (source or plugins.shared()).collect("mattekit_models", ModelCard)
