"""Cut-outs of any iterable of frames, streaming.

::

    frames ─ decode ┐   one thread
                    ├ segment            one thread: the network has its own
                    ├ steady             one thread: mattes follow one another
                    ├ complete           some threads
                    └ your loop (encode) your thread

At most a few frames are between the first and the last of these at any time, however long the clip
is; results come in the order of the frames.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mattekit import codecs, pipeline
from mattekit.errors import InvalidFileType, OptionError
from mattekit.matting import named, zoom_box
from mattekit.options import Options, takes_options
from mattekit.photo import Photo
from mattekit_imageio.arrays import as_photo, from_cutout, like
from mattekit_imageio.temporal import TemporalFilter
from mattekit_imageio.viewing import PLAIN, View, squeezed
from mattekit_imageio.zoom_hysteresis import SteadyBox

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from mattekit.cutout import Cutout
    from mattekit.matting import Matte
    from mattekit.option_values import OptionValues
    from mattekit.runtime import Runtime

__all__ = ["TEMPORAL", "cut_frames", "cutout_frames"]

#: Default strength of the temporal step.
TEMPORAL: Final = 0.8
_END: Final = object()


class Frame(NamedTuple):
    """A frame on its way, with what goes behind it."""

    number: int
    dtype: np.dtype[Any]
    photo: Photo
    background: Photo | None


@takes_options
def cutout_frames(
    frames: Iterable[NDArray[Any]],
    options: Options | None = None,
    *,
    background: Iterable[NDArray[Any]] | None = None,
    temporal: float = TEMPORAL,
    workers: int | None = None,
    progress: Callable[[int], object] | None = None,
    runtime: Runtime | None = None,
    **values: Unpack[OptionValues],
) -> Generator[NDArray[Any], None, None]:
    """Remove the background of frames, one after the other.

    Parameters
    ----------
    frames : iterable of (H, W[, C]) ndarray
        Of any dtype that `mattekit_imageio.arrays` lists, e.g. ``read_frames("clip.mp4")``; alpha
        is honoured. It is iterated in a thread of its own, a few frames ahead.
    options : Options, optional
        Checked options.
    background : iterable of ndarray, optional
        Frames to put behind the subject, one for each; scaled to cover. Where they end, their last
        one stays.
    temporal : float
        How steady mattes are kept from frame to frame, 0 (each frame for itself) to 1.
    workers : int, optional
        Threads that finish frames; by default one for every two cores, at most 4.
    progress : callable, optional
        Called with the number of frames done, in the thread that takes the results.
    runtime : Runtime, optional
        Where models run; by default the one that the whole process shares.
    **values
        Options by name.

    Yields
    ------
    (H, W, 4) ndarray
        Straight RGBA in the dtype and range of its frame; ``(H, W)`` with ``channels="alpha"``.

    Raises
    ------
    OptionError, UnknownOption
        At once, for wrong options.
    InvalidFileType
        In its turn, for a frame that is no picture; those before it have been yielded.

    Notes
    -----
    An error of `frames` itself comes in its turn as well. Closing the generator stops the work.
    `crop`, `scale` and `position` follow the subject from frame to frame, and with `crop` frames
    differ in size.

    Examples
    --------
    >>> import imageio.v3 as iio
    >>> from mattekit_imageio import read_frames
    >>> with iio.imopen("out.gif", "w", plugin="pillow") as out:  # doctest: +SKIP
    ...     out.write(np.stack(list(cutout_frames(read_frames("clip.mp4")))))
    """
    opts = Options.of(options, values)
    stream = cut_frames(
        frames, opts, background=background, temporal=temporal, workers=workers, runtime=runtime
    )
    return _arrays(stream, opts, progress)


def _arrays(
    stream: Generator[tuple[Frame, Cutout], None, None],
    options: Options,
    progress: Callable[[int], object] | None,
) -> Generator[NDArray[Any], None, None]:
    with closing(stream):
        for frame, cutout in stream:
            yield like(from_cutout(cutout, options), frame.dtype)
            if progress is not None:
                progress(frame.number + 1)


def cut_frames(
    frames: Iterable[NDArray[Any]],
    options: Options,
    *,
    background: Iterable[NDArray[Any] | Photo] | None = None,
    temporal: float = TEMPORAL,
    workers: int | None = None,
    runtime: Runtime | None = None,
    first: int = 0,
    view: View = PLAIN,
) -> Generator[tuple[Frame, Cutout], None, None]:
    """Yield each frame with its finished cut-out; see `cutout_frames`.

    `first` is the number of the first frame, `view` what the network sees of each.
    """
    if workers is not None and workers < 1:
        raise OptionError("workers", workers, "a whole number from 1")
    for name in ("mask", "keep", "remove"):
        value = getattr(options, name)
        if value is not None and value != ():
            grammar = "nothing for frames and videos"
            raise OptionError(name, "hints", grammar, "hints are places in one picture")
    if background is not None and (
        options.bg_image is not None or options.bg_color is not None or options.bg_blur
    ):
        raise OptionError(
            "background", "frames", "at most one of bg_color, bg_image, bg_blur, background"
        )
    steady = TemporalFilter(temporal)
    if isinstance(options.bg_image, str | os.PathLike):
        behind = codecs.decode(options.bg_image)  # once, not per frame
        options = options.replace(bg_image=squeezed(behind, view.pixel_aspect))
    count = workers or max(1, min(4, (os.cpu_count() or 2) // 2))
    source = _photos(frames, background, first)
    return _Stages(options, steady, runtime, count, view).run(source)


def _photos(
    frames: Iterable[NDArray[Any]],
    background: Iterable[NDArray[Any] | Photo] | None,
    first: int,
) -> Iterator[Frame]:
    behind = None if background is None else iter(background)
    back: Photo | None = None
    for number, frame in enumerate(frames, first):
        if behind is not None:
            following = next(behind, None)
            if isinstance(following, Photo):
                back = following
            elif following is not None:
                back = as_photo(following, f"background {number}")
            if back is None:
                raise InvalidFileType("background", "no frame", "at least one frame")
        array = np.asarray(frame)
        yield Frame(number, array.dtype, as_photo(array, f"frame {number}"), back)


class _Stages:
    """The stages of the work and their threads."""

    def __init__(
        self,
        options: Options,
        steady: TemporalFilter,
        runtime: Runtime | None,
        workers: int,
        view: View,
    ) -> None:
        self.options, self.steady, self.runtime = options, steady, runtime
        self.workers, self.view = workers, view
        # Without the temporal step each frame is for itself.
        self.zoom_box = SteadyBox() if steady.strength else zoom_box

    def run(self, source: Iterator[Frame]) -> Generator[tuple[Frame, Cutout], None, None]:
        stages = {"read": 1, "segment": 1, "steady": 1, "complete": self.workers}
        pools = [
            ThreadPoolExecutor(threads, thread_name_prefix=f"mattekit-{name}")
            for name, threads in stages.items()
        ]
        read, segment, steady, complete = pools
        pending: deque[Future[tuple[Frame, Cutout] | None]] = deque()

        def submit() -> None:
            first = read.submit(next, source, _END)
            second = segment.submit(self._segment, first)
            third = steady.submit(self._steady, second)
            pending.append(complete.submit(self._complete, third))

        try:
            for _ in range(self.workers + 2):
                submit()
            while True:
                result = pending.popleft().result()
                if result is None:
                    return
                submit()
                yield result
        finally:
            for pool in pools:
                pool.shutdown(wait=False, cancel_futures=True)
            for pool in pools:
                pool.shutdown(wait=True)

    def _segment(self, first: Future[Any]) -> tuple[Frame, Matte] | None:
        frame = first.result()
        if frame is _END:
            return None
        return frame, self.view.segment(frame.photo, self.options, self._matte)

    def _matte(self, photo: Photo, options: Options) -> Matte:
        return pipeline.segment(photo, options, self.runtime, zoom_box=self.zoom_box)

    def _steady(self, second: Future[tuple[Frame, Matte] | None]) -> tuple[Frame, Matte] | None:
        ready = second.result()
        if ready is None:
            return None
        frame, matte = ready
        return frame, named(self.steady(matte), self.options.type)

    def _complete(self, third: Future[tuple[Frame, Matte] | None]) -> tuple[Frame, Cutout] | None:
        ready = third.result()
        if ready is None:
            return None
        frame, matte = ready
        options = self.options
        if frame.background is not None:
            options = options.replace(bg_image=frame.background)
        # One picture without a subject stays as it is; a frame goes on with the others.
        return frame, pipeline.complete(frame.photo, matte, options, always=True)
