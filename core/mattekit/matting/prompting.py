"""What marks mean to a network that was trained on them."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from mattekit.imaging.color import convert
from mattekit.matting._segment import activated
from mattekit.matting.marks import Corrector, View
from mattekit.runtime.session import Session

__all__ = ["prompted"]

#: Exponent of its odds.
_SURENESS: Final = 2


def prompted(session: Session, profile: bytes | None) -> Corrector:
    """Return what marks mean to a network whose card names `InputSpec.hints`.

    Parameters
    ----------
    session : Session
        The network, of fixed size.
    profile : bytes or None
        ICC profile of the photo's colours.
    """
    spec = session.card.input

    def answer(view: View) -> NDArray[np.float32]:
        colors = convert(view.image, profile, None).astype(np.float32)
        divisor = 255.0 if isinstance(spec.divide, str) else float(spec.divide)
        colors *= np.float32(1 / divisor)
        colors -= np.asarray(spec.mean, np.float32)
        colors /= np.asarray(spec.std, np.float32)
        hints = np.stack([view.alpha, view.keep, view.remove]).astype(np.float32)
        batch = np.concatenate([colors.transpose(2, 0, 1), hints])[None]
        raw, _ = session.run(np.ascontiguousarray(batch))
        alpha: NDArray[np.float32] = np.clip(activated(raw, session.card)[0], 0, 1)
        # Odds are squared: a network that wavers means no transparency by it.
        inside, outside = alpha**_SURENESS, (1 - alpha) ** _SURENESS
        return inside / (inside + outside)

    return Corrector(answer, spec.size)
