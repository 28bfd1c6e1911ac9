"""What every rule needs."""

from contextlib import contextmanager
from typing import Any, Callable, Dict, Iterator

Rule = Callable[..., Any]

#: By the name in 2.10.
RULES: Dict[str, Rule] = {}


def rule(*names: str) -> Callable[[Rule], Rule]:
    """Make a function the rule for these procedures."""

    def keep(function: Rule) -> Rule:
        for name in names:
            RULES[name] = function
        return function

    return keep


@contextmanager
def context(call: Any, **settings: Any) -> Iterator[None]:
    """Have settings of the context, as opacity=50.0, for a while."""
    call("gimp-context-push")
    try:
        for key, value in settings.items():
            name = key.replace("_", "-")
            if name == "feather-radius":
                both = {"feather_radius_x": value[0], "feather_radius_y": value[1]}
                call("gimp-context-set-feather-radius", **both)
            else:
                target = call.target("gimp-context-set-" + name)
                only = target.get_arguments()[0].name.replace("-", "_")
                call("gimp-context-set-" + name, **{only: value})
        yield
    finally:
        call("gimp-context-pop")
