"""Dialogs out of the declared options, and their values as the worker wants them."""

from types import MappingProxyType
from typing import Any, Dict, List, Mapping, NamedTuple, Sequence, Tuple

from mattekit_bridge.settings import Declaration

__all__ = ["Form", "words"]

# The numbers of gimpfu's PF_*.
_STRING, _TOGGLE, _SLIDER, _SPINNER, _RADIO, _OPTION = 4, 1000, 1001, 1002, 1008, 1013
_FEW = 4
_NOTHING: Mapping[str, Sequence[Tuple[str, str]]] = MappingProxyType({})


class Form(NamedTuple):
    """The declared options that an entry asks for.

    Attributes
    ----------
    options : list of Declaration
        In the order in which they are shown.
    choices : mapping of str to sequence of (str, str)
        Labels and values that are offered for an option that is a text.
    """

    options: List[Declaration]
    choices: Mapping[str, Sequence[Tuple[str, str]]] = _NOTHING

    @classmethod
    def of(
        cls,
        declared: Sequence[Declaration],
        names: Sequence[str],
        choices: Mapping[str, Sequence[Tuple[str, str]]] = _NOTHING,
    ) -> "Form":
        """Return the form of some of the declared options."""
        by_name = {each["name"]: each for each in declared}
        return cls([by_name[name] for name in names], choices)

    def parameters(self) -> List[Tuple[Any, ...]]:
        """Return them as `gimpfu.register` takes parameters."""
        return [_parameter(each, self.choices.get(each["name"], ())) for each in self.options]

    def values(self, given: Sequence[Any]) -> Dict[str, str]:
        """Return what a dialog or a script gave as the worker takes it.

        Raises
        ------
        ValueError
            A value that its option does not have, as scripts may give; the text is for the user.
        """
        return {each["name"]: _text(each, value) for each, value in zip(self.options, given)}


def words(option: Declaration) -> List[str]:
    """Return the words that an option may have, none where it has others."""
    return list(option["words"])


def _parameter(option: Declaration, offered: Sequence[Tuple[str, str]]) -> Tuple[Any, ...]:
    name, label, default = (
        option["name"].replace("_", "-"),
        option["label"] + ":",
        option["default"],
    )
    if option["kind"] == "boolean":
        return _TOGGLE, name, option["label"], default == "true"
    if option["kind"] == "choice":
        shown = [(word[:1].upper() + word[1:], word) for word in words(option)]
        if len(shown) <= _FEW:
            return _RADIO, name, label, default, tuple(shown)
        return _OPTION, name, label, words(option).index(default), tuple(text for text, _ in shown)
    if option["kind"] == "number":
        low, high = option["minimum"], option["maximum"]
        if option["integer"]:
            return _SPINNER, name, label, int(default), (int(low), int(high), 1)
        unit = option["unit"]
        label = "%s (%s):" % (option["label"], unit) if unit else label
        return _SLIDER, name, label, float(default.rstrip("%")), (low, high, 0.1)
    return (_STRING, name, label, default, *([tuple(offered)] if offered else []))


def _text(option: Declaration, value: Any) -> str:
    if option["kind"] == "boolean":
        return "true" if value else "false"
    if option["kind"] == "choice" and not isinstance(value, str):
        known = words(option)
        if not 0 <= int(value) < len(known):
            listed = ", ".join("%d %s" % pair for pair in enumerate(known))
            raise ValueError("%s %s: expected one of %s." % (option["label"], value, listed))
        return known[int(value)]
    if option["kind"] == "number":
        return "%g%s" % (value, option["unit"])
    # An empty field is as good as none.
    return str(value or "").strip() or option["default"]
