"""What a process does with pictures: read, decode, find the subject, refine, encode, write.

One `Worker` per process, whether that is the one which runs the batch, a child of it, or a worker
of a Dask cluster. Its network is loaded once.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import threading
import time
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from mattekit.errors import MattekitError, ModelCorrupt, OutputError
from mattekit.reporting import PIXELS, PixelSemaphore, UnexpectedError, summary
from mattekit_batch.masks import Masks
from mattekit_batch.resolver import ResolvedOptions, digest_of
from mattekit_batch.results import Failure, Job, Outcome
from mattekit_batch.stages import Pipeline, Stage
from mattekit_batch.storage import Folder, RemoteStorage, Storage

if TYPE_CHECKING:
    from mattekit.codecs import Encoded
    from mattekit.cutout import Cutout
    from mattekit.matting import Matte
    from mattekit.options import Options
    from mattekit.photo import Photo
    from mattekit.runtime import Runtime

__all__ = ["Worker", "WorkerConfig", "room_for"]

#: Longer side of thumbnails in pixels.
_THUMBNAIL: Final = 160


class WorkerConfig(NamedTuple):
    """All that a worker needs to know; it travels to other processes.

    Attributes
    ----------
    source, target : Storage
    resolved : dict of str to ResolvedOptions
        By key.
    thumbnails : bool
        Whether outcomes carry one.
    write : bool
        Whether results are written; an estimate only makes them.
    masks : Masks, optional
        Where each picture has its mask.
    """

    source: Storage
    target: Storage
    resolved: dict[str, ResolvedOptions]
    thumbnails: bool = True
    write: bool = True
    masks: Masks | None = None


@dataclass(eq=False)
class _Picture:
    """A job on its way; `outcome` is set as soon as nothing more is to be done."""

    job: Job
    data: bytes = b""
    mask: bytes | None = None
    digest: str = ""
    photo: Photo | None = None
    matte: Matte | None = None
    cutout: Cutout | None = None
    encoded: Encoded | None = None
    thumbnail: bytes = b""
    stages: dict[str, float] = field(default_factory=dict)
    outcome: Outcome | None = None
    room: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)


class Worker:
    """Turns jobs into files.

    Parameters
    ----------
    config : WorkerConfig
    runtime : Runtime
        Where networks run.
    named : bool
        Whether models are taken by the names that the resolved options give them, and must be the
        very same files: in other processes than the one that resolved the options.
    threads : int, optional
        Cores that the process may use; by default all of this machine.

    Notes
    -----
    Reading and writing have threads of their own, so many that a far store is kept busy. One
    picture after the other passes the network, which uses all cores itself. What follows, to
    refine and to encode, runs for as many pictures at once as there are cores, at most four. With
    one core only transfers overlap with the work.
    """

    #: Whoever calls ends with it.
    interrupted = False

    def __init__(
        self,
        config: WorkerConfig,
        runtime: Runtime,
        *,
        named: bool = False,
        threads: int | None = None,
    ) -> None:
        self.config, self.runtime, self.named = config, runtime, named
        transfers, refining = _threads(config, threads)
        self._cores = threads or os.cpu_count() or 1
        self._share = max(1, self._cores // refining)
        # On one core there is nothing to overlap but transfers.
        middle: list[tuple[str, int, Callable[[_Picture], None]]] = (
            [("work", 1, self._whole)]
            if self._cores == 1
            else [
                ("decode", 1, self._decode),
                ("network", 1, self._segment),
                ("refine", refining, self._refine),
            ]
        )
        steps = [
            ("read", transfers, self._read),
            *middle,
            ("write", transfers, self._write),
        ]
        self._pools = [
            ThreadPoolExecutor(count, thread_name_prefix=f"mattekit-{name}")
            for name, count, _ in steps
        ]
        stages = [Stage(work, pool) for (_, _, work), pool in zip(steps, self._pools, strict=True)]
        self._pipeline = Pipeline(stages, room_for(config, threads))
        self._pixels = PixelSemaphore(PIXELS)
        self._checked: dict[str, str] = {}
        self._stopped = False
        self._writing = 0
        self._change = threading.Condition()

    @property
    def size(self) -> tuple[int, int]:
        """One process, and its cores."""
        return 1, self._cores

    def prepare(self) -> None:
        """Load every network now, so that what is wrong with one is said once.

        Raises
        ------
        ModelError, ProviderError
            A network cannot be used here.
        """
        for resolved in self.config.resolved.values():
            self._checked_options(resolved)

    def work(self, jobs: Iterable[Job]) -> Generator[Outcome, None, None]:
        """Yield what becomes of jobs, in any order; they are asked for as there is room."""
        for picture in self._pipeline.run(map(_Picture, jobs)):
            if picture.outcome is not None:  # else it was given up by `stop`
                yield picture.outcome

    def submit(self, job: Job, done: Callable[[Outcome], None]) -> None:
        """Begin a job; `done` is called on another thread with what becomes of it."""

        def leave(picture: _Picture, error: BaseException | None) -> None:
            if picture.outcome is None and error is not None:
                unexpected = UnexpectedError(self.config.source.show(job.source), error)
                picture.outcome = Outcome(job.number, "failed", failure=Failure.of(unexpected))
            if picture.outcome is not None:
                done(picture.outcome)

        self._pipeline.send(_Picture(job), leave)

    def stop(self) -> None:
        """Write nothing further; returns when nothing is being written."""
        with self._change:
            self._stopped = True
            self._change.wait_for(lambda: self._writing == 0)

    def close(self) -> None:
        """Stop, and let the threads go."""
        self.stop()
        for pool in self._pools:
            pool.shutdown(wait=False, cancel_futures=True)

    # -- the stages ----------------------------------------------------------------------------

    def _stage(self, picture: _Picture, name: str, work: Callable[[], None]) -> None:
        """Do one stage of a picture; what goes wrong is its outcome."""
        if picture.outcome is not None or self._stopped:
            picture.room.close()
            return
        started = time.perf_counter()
        error: MattekitError | None = None
        try:
            work()
        except MattekitError as problem:
            error = problem
        except Exception as problem:  # noqa: BLE001 - one picture's defect must not stop the others
            error = UnexpectedError(self.config.source.show(picture.job.source), problem)
        seconds = time.perf_counter() - started
        picture.stages[name] = picture.stages.get(name, 0.0) + seconds
        if error is not None:
            picture.room.close()
            self._conclude(picture, "failed", failure=Failure.of(error))

    def _conclude(self, picture: _Picture, status: str, **values: Any) -> None:
        job = picture.job
        picture.outcome = Outcome(
            job.number, status, picture.digest, stages=picture.stages, **values
        )
        picture.data, picture.mask, picture.photo, picture.matte = b"", None, None, None
        picture.cutout, picture.encoded = None, None

    def _read(self, picture: _Picture) -> None:
        def read() -> None:
            job = picture.job
            picture.data = self.config.source.read(job.source, job.size)
            digest = hashlib.sha256(picture.data)
            if self.config.masks is not None:
                picture.mask = self.config.masks.read(job.source)
                digest.update(picture.mask)
            picture.digest = digest.hexdigest()
            if job.known and job.known == picture.digest:
                self._conclude(picture, "unchanged")

        self._stage(picture, "read", read)

    def _decode(self, picture: _Picture) -> None:
        def decode() -> None:
            from mattekit import codecs

            name = self.config.source.show(picture.job.source)
            photo = codecs.decode(picture.data, name=name)
            picture.data = b""
            picture.photo = photo

        self._stage(picture, "decode", decode)
        if picture.photo is not None:
            # Not counted: it waits until others have left.
            picture.room.enter_context(self._pixels.share(picture.photo.size.area))

    def _whole(self, picture: _Picture) -> None:
        self._decode(picture)
        self._segment(picture)
        self._refine(picture)

    def _segment(self, picture: _Picture) -> None:
        def segment() -> None:
            from mattekit import pipeline
            from mattekit.threads import at_most

            assert picture.photo is not None
            resolved = self.config.resolved[picture.job.options_key]
            with at_most(self._cores):
                options = self._checked_options(resolved)
                if picture.mask is not None:
                    options = options.replace(mask=picture.mask)
                picture.matte = pipeline.segment(picture.photo, options, self.runtime)

        self._stage(picture, "segment", segment)

    def _checked_options(self, resolved: ResolvedOptions) -> Options:
        """Return options that name the network which is meant, once that is loaded."""
        options = resolved.options
        if self.named:
            options = options.replace(model=resolved.model)
        session = self.runtime.session(options.model, device=options.device, kind=options.type)
        path = getattr(session, "path", None)
        if self.named and path is not None:
            digest = self._checked.get(str(path)) or digest_of(path)
            self._checked[str(path)] = digest
            if resolved.digest and digest != resolved.digest:
                raise ModelCorrupt(
                    options.model,
                    f"{path} of this worker is not the file that the batch was begun with.",
                )
        return options

    def _refine(self, picture: _Picture) -> None:
        def refine() -> None:
            from mattekit import pipeline
            from mattekit.threads import at_most

            assert picture.photo is not None
            assert picture.matte is not None
            options, photo = self._options(picture), picture.photo
            with at_most(self._share):
                cutout = pipeline.complete(photo, picture.matte, options, spend=True)
            picture.cutout = cutout.require_found()
            picture.photo = picture.matte = None

        def encode() -> None:
            from mattekit import codecs
            from mattekit.threads import at_most

            assert picture.cutout is not None
            with at_most(self._share):
                picture.encoded = codecs.encode(picture.cutout, self._options(picture))
            if self.config.thumbnails:
                picture.thumbnail = thumbnail(picture.cutout)

        self._stage(picture, "refine", refine)
        self._stage(picture, "encode", encode)
        picture.room.close()

    def _options(self, picture: _Picture) -> Options:
        return self.config.resolved[picture.job.options_key].options

    def _write(self, picture: _Picture) -> None:
        def write() -> None:
            assert picture.encoded is not None
            assert picture.cutout is not None
            encoded = picture.encoded
            output = picture.job.stem + encoded.extension
            size, stamp = len(encoded.data), ""
            if self.config.write:
                self._refuse_inputs(output)
                entry = self.config.target.write(output, encoded.data)
                size, stamp = entry.size, entry.stamp
            self._conclude(
                picture, "done", output=output, size=size, stamp=stamp,
                facts=summary(picture.cutout), thumbnail=picture.thumbnail,
            )  # fmt: skip

        with self._change:
            if self._stopped:
                return
            self._writing += 1
        try:
            self._stage(picture, "write", write)
        finally:
            with self._change:
                self._writing -= 1
                self._change.notify_all()

    def _refuse_inputs(self, output: str) -> None:
        """Raise where a link in the target leads back to the source."""
        source, target = self.config.source, self.config.target
        if not isinstance(source, Folder) or not isinstance(target, Folder):
            return
        path = target.path(output)
        if not os.path.islink(path):  # noqa: PTH114
            return
        real, root = os.path.realpath(path), os.path.realpath(source.root)
        if real.startswith(root + os.sep):
            raise OutputError(
                target.show(output), "is a link to an input, which stays as it is. Remove the link."
            )


def room_for(config: WorkerConfig, threads: int | None) -> int:
    """Return how many pictures a worker has in hand at once, most of them not yet decoded."""
    transfers, refining = _threads(config, threads)
    return transfers + 2 + 2 * refining


def _threads(config: WorkerConfig, threads: int | None) -> tuple[int, int]:
    """Return how many threads transfer files, and how many refine."""
    far = any(isinstance(each, RemoteStorage) for each in (config.source, config.target))
    return 8 if far else 2, min(4, threads or os.cpu_count() or 1)


def thumbnail(cutout: Cutout) -> bytes:
    """Return a small WebP of a cut-out."""
    from PIL import Image

    from mattekit.imaging.samples import eight_bits

    # Every so many pixels are enough to begin with.
    step = max(1, max(cutout.size) // (4 * _THUMBNAIL))
    color = eight_bits(cutout.color[::step, ::step])
    alpha = eight_bits(cutout.alpha[::step, ::step])
    image = Image.merge("RGBA", [*_planes(color), Image.fromarray(alpha)])
    image.thumbnail((_THUMBNAIL, _THUMBNAIL), Image.Resampling.BOX)
    file = io.BytesIO()
    image.save(file, "WEBP", quality=70, method=2)
    return file.getvalue()


def _planes(color: Any) -> tuple[Any, ...]:
    import numpy as np
    from PIL import Image

    return Image.fromarray(np.ascontiguousarray(color)).split()
