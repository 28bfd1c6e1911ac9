"""`ModelCard`: everything the code may know about a network.

Nothing outside a card knows a network's shape, so that any network can be replaced by a better one
by changing its card alone.
"""

from __future__ import annotations

import dataclasses
from typing import Literal, NamedTuple

from mattekit.geometry import Size

__all__ = ["Calibration", "InputSpec", "ModelCard", "OutputSpec"]


@dataclasses.dataclass(frozen=True)
class InputSpec:
    """What a network expects.

    Attributes
    ----------
    size : Size or None
        Fixed size; None where the network takes any size.
    multiple_of : int
        Sides of a network that takes any size must be multiples of this.
    longest : int
        Longer side to which pictures are scaled where `size` is None.
    fit : {"letterbox", "stretch"}
        Whether the picture keeps its proportions, the rest being padded, or fills the input.
    divide : {"255", "max"} or float
        Samples are divided by this before `mean` and `std`; ``"max"`` is the picture's own maximum.
    mean, std : tuple of float
        ``(sample / divide - mean) / std`` for R, G, B.
    layout : {"NCHW", "NHWC"}
        Order of the axes.
    channels : {"RGB", "BGR"}
        Order of the colours.
    name : str
        The input's name; empty = the first.
    hints : str
        Name of a second input, N × 3 × h × w, for networks that correct: the last alpha, what is to
        be kept and what is to be removed, each 0 to 1. In a batch these are the channels after the
        colours. Empty = there is none.
    """

    size: Size | None = None
    multiple_of: int = 32
    longest: int = 320
    fit: Literal["letterbox", "stretch"] = "letterbox"
    divide: Literal["255", "max"] | float = "255"
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    std: tuple[float, float, float] = (1.0, 1.0, 1.0)
    layout: Literal["NCHW", "NHWC"] = "NCHW"
    channels: Literal["RGB", "BGR"] = "RGB"
    name: str = ""
    hints: str = ""


class Calibration(NamedTuple):
    """The line from the odds that a matte gives itself to those that it is right, in logarithms.

    See `mattekit.matting.calibration`.

    Attributes
    ----------
    slope, intercept : float
        Of a subject whose kind the network can name.
    other_slope, other_intercept : float
        What is added to them for ``"other"``, times its probability.
    """

    slope: float
    intercept: float
    other_slope: float = 0.0
    other_intercept: float = 0.0


@dataclasses.dataclass(frozen=True)
class OutputSpec:
    """What a network answers.

    Attributes
    ----------
    alpha : str or int
        Name or index of the output that holds the matte.
    channel : int
        The matte's index on that output's channel axis.
    activation : {"none", "sigmoid", "softmax"}
        What turns it into 0..1; softmax runs over the channel axis.
    stretch : bool
        Whether the matte is then stretched from its minimum to its maximum. Only for networks
        trained so; `found` is decided before.
    partial : {"transparency", "uncertainty"}
        What values between 0 and 1 deep inside a subject mean: that something is transparent there,
        or, for networks trained on masks, only that the network is not sure.
    found_at : float
        The matte must exceed this somewhere (see `mattekit.matting.segment`) for a subject to
        count as found.
    calibration : Calibration or None
        Fitted on pictures that the network was not trained on, so that `Cutout.confidence` is a
        probability; None where nobody did.
    kinds : str or int or None
        Name or index of the output that holds probabilities of kinds of subject.
    kind_names : tuple of str
        The kinds in that output's order, in the words of `mattekit.KINDS`.
    """

    alpha: str | int = 0
    channel: int = 0
    activation: Literal["none", "sigmoid", "softmax"] = "none"
    stretch: bool = False
    partial: Literal["transparency", "uncertainty"] = "transparency"
    found_at: float = 0.5
    calibration: Calibration | None = None
    kinds: str | int | None = None
    kind_names: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class ModelCard:
    """One row of the manifest.

    Attributes
    ----------
    name : str
        What users type.
    title : str
        One line about it.
    file : str
        File name in the store, or an absolute path.
    urls : tuple of str
        Mirrors, tried in order; empty for files that are not fetched.
    bytes : int
        Size of the file; 0 = unknown.
    sha256, md5 : str
        Digests in lower-case hexadecimal; empty = unknown.
    license : str
        Licence of the weights, as far as known.
    commercial : {"yes", "no", "unclear"}
        Whether commercial use is allowed.
    source : str
        Home page of the publisher.
    suits : tuple of str
        Kinds of subject for which it is meant; empty = any.
    rank : int
        Among models that are present and suit, the one with the highest rank is ``auto``.
    builtin : bool
        Whether the file ships inside the package.
    task : {"segment", "correct"}
        What it does: find subjects, or correct mattes by hints. ``auto`` means the former only.
    input : InputSpec
    output : OutputSpec
    """

    name: str
    title: str = ""
    file: str = ""
    urls: tuple[str, ...] = ()
    bytes: int = 0
    sha256: str = ""
    md5: str = ""
    license: str = ""
    commercial: Literal["yes", "no", "unclear"] = "unclear"
    source: str = ""
    suits: tuple[str, ...] = ()
    rank: int = 0
    builtin: bool = False
    task: Literal["segment", "correct"] = "segment"
    input: InputSpec = dataclasses.field(default_factory=InputSpec)
    output: OutputSpec = dataclasses.field(default_factory=OutputSpec)
