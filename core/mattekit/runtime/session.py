"""`Session`: a network that is loaded and ready to run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from mattekit.models.card import ModelCard

__all__ = ["FakeSession", "Session", "Tensor"]

#: A batch as the card's `InputSpec` describes it.
Tensor: TypeAlias = NDArray[np.float32]


class Session(Protocol):
    """What the rest of mattekit needs of a loaded network. Safe to call from several threads."""

    @property
    def card(self) -> ModelCard:
        """The network's card."""

    @property
    def providers(self) -> tuple[str, ...]:
        """The onnxruntime providers that are really active, the first one running most."""

    @property
    def device(self) -> str:
        """The active device in the words of the `device` option, e.g. ``"cpu"``."""

    def run(self, batch: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Run the network.

        Parameters
        ----------
        batch : (N, 3, h, w) or (N, h, w, 3) ndarray of float32
            Normalised as the card's `InputSpec` says. Where that names `hints`, (N, 6, h, w): the
            colours, the last alpha, what is to be kept and what is to be removed.

        Returns
        -------
        alpha : ndarray of float32
            The output that `OutputSpec.alpha` names, as the network gave it.
        kinds : (N, K) ndarray of float32 or None
            The output that `OutputSpec.kinds` names.
        """


class FakeSession:
    """A session without a network, for tests of code that uses one.

    Parameters
    ----------
    function : callable
        Takes the batch and returns the matte (and, if it likes, the kinds) in place of a network.
    card : ModelCard, optional
        What the network would look like.

    Examples
    --------
    A network that finds the bright half:

    >>> from mattekit.geometry import Size
    >>> from mattekit.models.card import InputSpec
    >>> card = ModelCard("bright", input=InputSpec(size=Size(64, 64)))
    >>> session = FakeSession(lambda batch: batch.mean(1, keepdims=True).round(), card)
    >>> session.run(np.ones((1, 3, 64, 64), np.float32))[0].shape
    (1, 1, 64, 64)
    """

    def __init__(
        self,
        function: Callable[
            [Tensor], NDArray[np.float32] | tuple[NDArray[np.float32], NDArray[np.float32]]
        ],
        card: ModelCard | None = None,
        *,
        providers: Sequence[str] = ("FakeExecutionProvider",),
        device: str = "cpu",
    ) -> None:
        self.function = function
        self.card = card or ModelCard("fake")
        self.providers = tuple(providers)
        self.device = device
        self.calls = 0

    def run(self, batch: Tensor) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
        """Return what the function makes of `batch`."""
        self.calls += 1
        result = self.function(batch)
        return result if isinstance(result, tuple) else (result, None)
