"""What plug-ins do to every finished cut-out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mattekit import plugins
from mattekit.cutout import Cutout
from mattekit.options import Options

__all__ = ["Step", "postprocess", "registered_steps"]


@dataclass(frozen=True)
class Step:
    """Something done to every finished cut-out, after shadow and background.

    Attributes
    ----------
    name : str
        For messages.
    run : callable
        ``run(cutout, options) -> Cutout``, pure.
    order : int
        Steps run from the lowest to the highest; equal ones in the order of their names.
    """

    name: str
    run: Callable[[Cutout, Options], Cutout]
    order: int = 0


def registered_steps(source: plugins.Plugins | None = None) -> tuple[Step, ...]:
    """Return the steps of plug-ins, by default of this process's, in the order in which they run.

    Raises
    ------
    PluginError
        A plug-in gave something else.
    """
    found = (source or plugins.shared()).collect("mattekit_steps", Step)
    return tuple(sorted(found, key=lambda step: (step.order, step.name)))


def postprocess(cutout: Cutout, options: Options, source: plugins.Plugins | None = None) -> Cutout:
    """Return `cutout` after every step of plug-ins.

    Raises
    ------
    PluginError
        A step failed with anything but a `MattekitError`, or returned no `Cutout`.
    """
    for step in registered_steps(source):
        cutout = plugins.call_plugin(step.name, type(cutout), step.run, cutout, options)
    return cutout
