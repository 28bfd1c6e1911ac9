"""What can be corrected, as the docker's buttons and the menu's entries offer it."""

from __future__ import annotations

from typing import Any, Callable, Dict, NamedTuple, Sequence

__all__ = ["CORRECTIONS", "ENDS", "Correction"]


class Correction(NamedTuple):
    """Something that a user can do about a mask.

    Attributes
    ----------
    name : str
        Of the menu's entry, after ``mattekit_``.
    label : str
        On the button and in the menu.
    tip : str
        One sentence.
    do : callable
        Takes the `Controller` and the values that are chosen, for a layer without a mask.
    """

    name: str
    label: str
    tip: str
    do: Callable[[Any, Dict[str, str]], None]


#: What begins a correction.
CORRECTIONS: Sequence[Correction] = (
    Correction(
        "keep_selected",
        "Keep Selected",
        "What is selected belongs to the subject.",
        lambda controller, values: controller.correct(values, keep=True),
    ),
    Correction(
        "remove_selected",
        "Remove Selected",
        "What is selected does not belong to the subject.",
        lambda controller, values: controller.correct(values, keep=False),
    ),
    Correction(
        "paint",
        "Paint…",
        "Paint over what is wrong, green to keep and red to remove: the mask follows each stroke.",
        lambda controller, values: controller.paint(values),
    ),
    Correction(
        "refine_edge",
        "Refine Edge",
        "Look for the edge of the mask anew, near its own.",
        lambda controller, values: controller.refine(),
    ),
    Correction(
        "subjects_as_layers",
        "Subjects as Layers",
        "Make a layer of each subject, all of them in a group.",
        lambda controller, values: controller.separate(values),
    ),
)

#: What ends painting.
ENDS: Sequence[Correction] = (
    Correction(
        "painting_done",
        "Done",
        "Make the corrected mask: one step of undo.",
        lambda controller, values: controller.finish(),
    ),
    Correction(
        "painting_discard",
        "Discard",
        "Leave the mask as it was.",
        lambda controller, values: controller.abandon(),
    ),
)
