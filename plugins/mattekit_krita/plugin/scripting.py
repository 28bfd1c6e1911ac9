"""The function for scripts: Krita's Scripter, kritarunner, other plug-ins.

>>> from mattekit_krita import remove_background  # doctest: +SKIP
>>> remove_background(Krita.instance().activeDocument(), result="layer")  # doctest: +SKIP
"""

from __future__ import annotations

import os
from typing import Any, Optional, Sequence

from krita import Krita

from mattekit_bridge.settings import Settings, read_settings
from mattekit_krita.plugin import correcting, layers
from mattekit_krita.plugin.jobs import Job, ProgressCallback, Report, Work, job
from mattekit_krita.plugin.requests import request_of
from mattekit_krita.plugin.running import run_now

__all__ = ["Failed", "correct_mask", "installed", "remove_background", "separate_subjects"]


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


def correct_mask(
    document: Optional[Any] = None,
    node: Optional[Any] = None,
    *,
    keep: Optional[Any] = None,
    remove: Optional[Any] = None,
    tell: ProgressCallback = lambda share, text: None,
    **options: Any,
) -> Report:
    """Correct the transparency mask of a layer, and return when it is done.

    A correction begins where the last one ended: what was kept and removed before stays so. The
    corrected mask stands above the old one, which is hidden.

    Parameters
    ----------
    document : krita.Document, optional
        By default the active one.
    node : krita.Node, optional
        The layer; by default the active one.
    keep, remove : krita.Selection, optional
        What belongs to the subject, and what does not, where they are at least half selected.
        Without both, the edge of the mask is looked for anew.
    tell : callable
        As for `remove_background`.
    **options
        As for `remove_background`, where the layer has no mask yet.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        There is no document, a wrong option, nothing selected on the layer, or no mask to refine.
    mattekit_bridge.BridgeError
        As for `remove_background`.
    """
    work, facts = _work(document, node), installed()
    if keep is None and remove is None:
        return _run(correcting.refined(work, facts), work, tell)
    worker = request_of(facts.options, "mask", "active", options).options
    job = correcting.corrected(work, worker, facts, keep=keep, remove=remove)
    return _run(job, work, tell)


def separate_subjects(
    document: Optional[Any] = None,
    node: Optional[Any] = None,
    *,
    tell: ProgressCallback = lambda share, text: None,
    **options: Any,
) -> Report:
    """Make a layer of each subject of a layer, in one group above it; as `correct_mask`."""
    work, facts = _work(document, node), installed()
    worker = request_of(facts.options, "layer", "active", options).options
    return _run(correcting.separated(work, worker, facts), work, tell)


# -- inside ------------------------------------------------------------------------------------


def _work(document: Optional[Any], node: Optional[Any]) -> Work:
    document = document or Krita.instance().activeDocument()
    if document is None:
        raise ValueError("No document is open.")
    if node is None:
        (node,) = layers.chosen(document, "active") or [None]
    if node is None:
        raise ValueError("There is no layer with a picture.")
    return Work(document, node)


def _run(job: Job, work: Work, tell: ProgressCallback) -> Report:
    report = run_now(job, tell)
    work.document.waitForDone()
    return report
