"""The imageio plug-in: reading gives cut-outs, writing makes them.

Methods
-------
`MattekitPlugin.read`, `iter`, `write`, `properties`, `metadata`, each with the options of
`mattekit.options` as keywords, and with `mode`:

===========  =========================  =======
mode         array                      dtype
===========  =========================  =======
None         (H, W, 4), straight RGBA   the file's: uint8 or uint16
"RGBA"       (H, W, 4)                  uint8
"RGBA;16"    (H, W, 4)                  uint16
"L"          (H, W), the matte alone    uint8
"L;16"       (H, W)                     uint16
===========  =========================  =======

With ``channels="alpha"`` and without a mode the matte comes at the file's depth.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import EllipsisType
from typing import TYPE_CHECKING, Any, Final, cast

import numpy as np
from imageio.core.request import URI_BYTES, URI_FILENAME, InitializationError, IOMode
from imageio.core.v3_plugin_api import ImageProperties, PluginV3
from numpy.typing import ArrayLike, NDArray

from mattekit import codecs, pipeline
from mattekit.codecs import raw
from mattekit.codecs.coders import pillow, tiff
from mattekit.codecs.decoding import reading
from mattekit.codecs.signatures import HEAD, PICTURES, sniff
from mattekit.cutout import Cutout
from mattekit.errors import InputError, InvalidFileType, OptionError, UnreadableImage
from mattekit.formats import ANIMATED
from mattekit.options import Options
from mattekit.photo import Photo
from mattekit.runtime import Runtime
from mattekit_imageio.arrays import as_photo, from_cutout
from mattekit_imageio.frames import cut_frames

if TYPE_CHECKING:
    from imageio.core import Request

    from mattekit_imageio.decoding import SourceFrame
    from mattekit_imageio.source import VideoSource

__all__ = ["MattekitPlugin"]

#: Modes: channels and depth.
_MODES: Final[dict[str, tuple[str, np.dtype[Any]]]] = {
    "RGBA": ("rgba", np.dtype(np.uint8)),
    "RGBA;16": ("rgba", np.dtype(np.uint16)),
    "L": ("alpha", np.dtype(np.uint8)),
    "L;16": ("alpha", np.dtype(np.uint16)),
}


class MattekitPlugin(PluginV3):  # type: ignore[misc]
    """Cut-outs of pictures, and of the frames of videos, through imageio.

    Parameters
    ----------
    request : imageio.core.Request
        What to read or write.
    runtime : Runtime, optional
        Where models run; by default the one that the whole process shares.
    **options
        Options of a cut-out that hold for every call; those of a call win.

    Raises
    ------
    InitializationError
        The bytes are neither picture nor video, or the name to write to has no suffix of a format.

    Examples
    --------
    >>> import imageio.v3 as iio
    >>> iio.imread("photo.jpg", plugin=MattekitPlugin, crop=True).shape  # doctest: +SKIP
    (412, 300, 4)
    >>> iio.imwrite("subject.webp", array, plugin=MattekitPlugin)  # doctest: +SKIP
    """

    def __init__(
        self,
        request: Request,
        *,
        runtime: Runtime | None = None,
        legacy_mode: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(request)
        # imageio speaks of "an unknown error" whatever else is raised here: wrong options are
        # found when they are used.
        self._options, self._runtime = options, runtime
        self._data = b""
        self._count = 0
        self._last: tuple[int, Options, Cutout] | None = None
        self._format = ""
        self._video: VideoSource | None = None
        if request.mode.io_mode == IOMode.read:
            file = request.get_file()
            self._kind = sniff(file.read(HEAD))
            file.seek(0)
            if self._kind == "raw":
                refusal = raw.refusal(self._name, raw.raw_kind(self._bytes()[:HEAD]))
                raise InitializationError(f"mattekit: {refusal}")
            if self._kind not in PICTURES:
                try:
                    self._video = self._probed()
                except InitializationError:
                    # TGA and others have no signature: what is no video may be one of them.
                    if self._kind != "unknown" or not self._is_picture():
                        raise
        else:
            try:
                self._format = codecs.format_of(f"x{request.extension or ''}")
            except OptionError as error:
                raise InitializationError(f"mattekit: {error}") from error

    def _is_picture(self) -> bool:
        """Whether Pillow recognises the bytes."""
        try:
            with reading(self._name):
                pillow.identify(self._bytes(), self._name, self._kind)
        except InputError:
            return False
        return True

    # -- reading -------------------------------------------------------------------------------

    def read(
        self, *, index: int | EllipsisType | None = 0, mode: str | None = None, **options: Any
    ) -> NDArray[Any]:
        """Return the cut-out of a picture.

        Parameters
        ----------
        index : int, None or ...
            Which picture of the file, the first by default and with None; ``...`` stacks all of
            them along a new first axis.
        mode : str, optional
            See the table at the top of `mattekit_imageio.plugin`.
        **options
            Options of the cut-out.

        Returns
        -------
        ndarray
            Wholly transparent where no subject is found.

        Raises
        ------
        MattekitError
            As `mattekit.remove_background` does.
        ValueError
            There is no picture of that index.
        """
        if index is ...:
            return self._stacked(mode, options)
        opts, dtype = self._parsed(mode, options)
        cutout = self._cutout(index or 0, opts)
        return from_cutout(cutout, opts, dtype)

    def iter(self, *, mode: str | None = None, **options: Any) -> Iterator[NDArray[Any]]:
        """Yield the cut-out of every picture of the file, in their order.

        Those of a video are kept steady in time, as `mattekit_imageio.cutout_frames` does.
        """
        if self._video is not None:
            opts, dtype = self._parsed(mode, options)
            pixels = (frame.pixels for frame in self._frames(0))
            with closing(cut_frames(pixels, opts, runtime=self._runtime)) as stream:
                for _, cutout in stream:
                    yield from_cutout(cutout, opts, dtype)
            return
        for index in range(self._n_images()):
            yield self.read(index=index, mode=mode, **options)

    def properties(
        self, index: int | EllipsisType | None = 0, *, mode: str | None = None, **options: Any
    ) -> ImageProperties:
        """Return shape and dtype of what `read` returns for the same arguments.

        The network runs only where the shape depends on the subject, as with `crop`.
        """
        if index is ...:
            whole = self._stacked(mode, options)
            return ImageProperties(whole.shape, whole.dtype, len(whole), is_batch=True)
        opts, dtype = self._parsed(mode, options)
        if opts.crop or opts.size != "original":
            color = self._cutout(index or 0, opts).color
        else:
            color = self._photo(index or 0).color
        shape = color.shape[:2] + (() if opts.channels == "alpha" else (4,))
        return ImageProperties(shape, dtype or color.dtype)

    def metadata(
        self, index: int | EllipsisType | None = 0, exclude_applied: bool = True, **options: Any
    ) -> dict[str, Any]:
        """Return what is known of a picture.

        Parameters
        ----------
        index : int, None or ...
            None and ``...`` tell of the file, without running a network.
        exclude_applied : bool
            Makes no difference: an orientation in EXIF is applied and gone.
        **options
            Options of the cut-out.

        Returns
        -------
        dict
            ``format``, ``n_images``; of a video ``fps``; where there are any ``icc_profile``,
            ``dpi``, ``exif``; with an index also ``found``, ``kind``, ``kind_scores``,
            ``confidence``, ``box`` (left, top, right, bottom) and ``source_size``.
        """
        number = index if isinstance(index, int) else 0
        photo = self._photo(number)
        kept = photo.metadata
        known: dict[str, Any] = {"format": self._kind, "n_images": self._n_images()}
        if self._video is not None:
            known["fps"] = float(self._video.rate)
        for name in ("icc_profile", "dpi", "exif"):
            if getattr(kept, name) is not None:
                known[name] = getattr(kept, name)
        if isinstance(index, int):
            opts, _ = self._parsed(options.pop("mode", None), options)
            cutout = self._cutout(index, opts)
            known |= {
                "found": cutout.found,
                "kind": cutout.kind,
                "kind_scores": dict(cutout.kind_scores),
                "confidence": cutout.confidence,
                "box": None if cutout.box is None else tuple(cutout.box),
                "source_size": tuple(photo.size),
            }
        return known

    # -- writing -------------------------------------------------------------------------------

    def write(
        self, ndimage: ArrayLike | Sequence[ArrayLike], *, mode: str | None = None, **options: Any
    ) -> bytes | None:
        """Cut out a picture and write the result in the format that the target's suffix names.

        Parameters
        ----------
        ndimage : (H, W[, C]) array_like
            The picture *with* its background, of any dtype that `mattekit_imageio.arrays` lists. A
            list or an array of four dimensions must hold exactly one.
        mode : str, optional
            "L" or "L;16" write the matte alone; the depth is that of the array either way.
        **options
            Options of the cut-out.

        Returns
        -------
        bytes or None
            The file where the target is ``"<bytes>"``.

        Raises
        ------
        InvalidFileType
            The array is no picture, or several.
        """
        opts, _ = self._parsed(mode, options)
        if opts.format not in {"auto", self._format}:
            raise OptionError("format", opts.format, f"{self._format}, as the target's name says")
        several = isinstance(ndimage, list | tuple) or np.ndim(cast("Any", ndimage)) == 4
        pictures = cast("Sequence[ArrayLike]", ndimage) if several else [ndimage]
        if len(pictures) != 1:
            raise InvalidFileType(
                "array", f"{len(pictures)} pictures", "one (many: mattekit_imageio.convert_video)"
            )
        photo = as_photo(np.asarray(pictures[0]))
        opts = opts.replace(format=self._format)
        cutout = pipeline.remove_background(photo, opts, runtime=self._runtime)
        data = codecs.encode(cutout, opts).data
        self.request.get_file().write(data)
        return data if self.request._uri_type == URI_BYTES else None

    # -- inside --------------------------------------------------------------------------------

    def _parsed(
        self, mode: str | None, options: dict[str, Any]
    ) -> tuple[Options, np.dtype[Any] | None]:
        opts = Options.parse(self._options | options)
        if mode is None:
            return opts, None
        if mode not in _MODES:
            raise OptionError("mode", mode, f"None, {', '.join(_MODES)}")
        channels, dtype = _MODES[mode]
        return opts.updated({"channels": channels}), dtype

    def _stacked(self, mode: str | None, options: dict[str, Any]) -> NDArray[Any]:
        cutouts = list(self.iter(mode=mode, **options))
        if len({cutout.shape for cutout in cutouts}) > 1:
            raise ValueError(
                "The cut-outs differ in size and cannot be stacked. Use iio.imiter, or leave out "
                "what changes their size, as crop does."
            )
        return np.stack(cutouts)

    def _cutout(self, index: int, options: Options) -> Cutout:
        if self._last is not None and self._last[:2] == (index, options):
            return self._last[2]
        cutout = pipeline.remove_background(self._photo(index), options, runtime=self._runtime)
        self._last = (index, options, cutout)
        return cutout

    def _photo(self, index: int) -> Photo:
        count = self._n_images()
        if not -count <= index < count:
            raise ValueError(f"There is no picture {index}: the file holds {count}.")
        index %= count
        if self._video is not None:
            frame = next(self._frames(index))
            return as_photo(frame.pixels, f"{self._name}: frame {index}")
        if index == 0:
            return codecs.decode(self._bytes(), name=self._name)
        name = f"{self._name}: picture {index}"
        if self._kind == "tiff":
            return codecs.decode(tiff.extract_page(self._bytes(), index, name), name=name)
        from PIL import Image

        try:
            with Image.open(io.BytesIO(self._bytes())) as image:
                image.seek(index)
                return codecs.decode(image, name=name)
        except (OSError, SyntaxError) as error:
            raise UnreadableImage(name, str(error)) from error

    def _probed(self) -> VideoSource:
        from mattekit_imageio.source import probe

        try:
            return probe(self.request.get_local_filename())
        except InputError as error:
            raise InitializationError(f"mattekit: {error}") from error

    def _frames(self, first: int) -> Iterator[SourceFrame]:
        assert self._video is not None
        return self._video.frames(first=first, deep=self._video.deep, square=True)

    def _n_images(self) -> int:
        if not self._count:
            self._count = 1
            if self._video is not None:
                self._count = max(1, self._video.frame_count)
            elif self._kind == "tiff":
                with suppress(InputError):  # what is wrong with it is told when it is decoded
                    self._count = tiff.page_count(self._bytes(), self._name)
            elif self._kind in ANIMATED:
                from PIL import Image

                with (
                    suppress(InputError),
                    reading(self._name),
                    Image.open(io.BytesIO(self._bytes())) as image,
                ):
                    self._count = int(getattr(image, "n_frames", 1))
        return self._count

    def _bytes(self) -> bytes:
        if not self._data:
            file = self.request.get_file()
            file.seek(0)  # imageio has copied it where it was asked for its name
            self._data = file.read()
        return self._data

    @property
    def _name(self) -> str:
        uri = self.request.raw_uri
        if isinstance(uri, str | Path) and self.request._uri_type == URI_FILENAME:
            return str(uri)
        return "picture"
