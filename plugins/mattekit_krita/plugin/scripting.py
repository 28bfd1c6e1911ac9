"""The function for scripts: Krita's Scripter, kritarunner, other plug-ins.

>>> from mattekit_krita import remove_background  # doctest: +SKIP
>>> remove_background(Krita.instance().activeDocument(), result="layer")  # doctest: +SKIP
"""

from __future__ import annotations

import os
from typing import Any, Optional, Sequence

from krita import Krita

from mattekit_bridge.settings import Settings, read_settings
from mattekit_krita.plugin import layers
from mattekit_krita.plugin.jobs import ProgressCallback, Report, Work, job
from mattekit_krita.plugin.requests import request_of
from mattekit_krita.plugin.running import run_now

__all__ = ["Failed", "installed", "remove_background"]


class Failed(ValueError):
    """Nothing could be done for any of the layers; `report` says why."""

    def __init__(self, report: Report) -> None:
        self.report = report
        super().__init__("; ".join(f"{name}: {why}" for name, why in report.failed))


def installed() -> Settings:
    """Return the facts about this installation."""
    return read_settings(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def remove_background(
    document: Optional[Any] = None,
    nodes: Optional[Sequence[Any]] = None,
    result: str = "mask",
    *,
    layers_of: str = "active",
    tell: ProgressCallback = lambda share, text: None,
    **options: Any,
) -> Report:
    """Remove the background of layers, and return when it is done.

    Parameters
    ----------
    document : krita.Document, optional
        By default the active one. Where it has a selection, only what is in it can be subject.
    nodes : sequence of krita.Node, optional
        The layers; by default those that `layers_of` says.
    result : {"mask", "selection", "layer", "file"}
        Transparency mask, selection, new layer with cleaned edges, or a PNG beside the document
        and a file layer that shows it.
    layers_of : {"active", "selected", "all"}
        Which layers, where `nodes` does not name them.
    tell : callable
        Called with the share that is done, 0..1, and what is being done; False cancels.
    **options
        ``type``, ``refine``, ``model``, … as the command line has them; ``bg_color`` puts a colour
        behind the subject, ``crop`` and ``crop_margin`` crop the canvas to it.

    Returns
    -------
    Report
        What was done, and which layers failed.

    Raises
    ------
    ValueError
        There is no document, a wrong option, or (`Failed`) no layer could be worked on.
    mattekit_bridge.BridgeError
        mattekit's worker cannot be had or ended in the middle; or `tell` returned False.
    """
    application = Krita.instance()
    document = document or application.activeDocument()
    if document is None:
        raise ValueError("No document is open.")
    facts = installed()
    request = request_of(facts.options, result, layers_of, options)
    if nodes is None:
        window = application.activeWindow()
        nodes = layers.chosen(document, layers_of, window.activeView() if window else None)
    report = run_now(job([Work(document, node) for node in nodes], request, facts), tell)
    document.waitForDone()
    if report.failed and not report.done:
        raise Failed(report)
    return report
