"""What videos can be written, by the suffix of the file's name."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import Final, NamedTuple

from mattekit.errors import OptionError

__all__ = ["FORMATS", "VideoFormat", "format_of"]


class VideoFormat(NamedTuple):
    """How one kind of file is written.

    Attributes
    ----------
    name : str
        For messages.
    suffixes : tuple of str
        With their dot.
    container, codec : str
        In FFmpeg's words.
    opaque : str
        Pixel format where nothing is transparent; empty where the format cannot tell.
    transparent : str
        Pixel format with alpha; empty where the format has none.
    audio : frozenset of str
        Codecs of sound that are copied as they are.
    audio_encoder : str
        What other sound is encoded with; empty where the file holds no sound.
    chunks : bool
        Whether pieces of it can be joined without encoding them again.
    subtitles : frozenset of str
        Codecs of subtitles that it holds.
    deep : bool
        Whether it keeps more than 8 bits, and colours of high dynamic range.
    aspect : bool
        Whether it keeps pixels that are not square.
    edits : bool
        Whether it can say that the beginning of a track is not played.
    even : bool
        Whether width and height must be even.
    lossy : bool
        Whether hidden colours leak into visible ones, so that they matter.
    """

    name: str
    suffixes: tuple[str, ...]
    container: str
    codec: str
    opaque: str
    transparent: str
    audio: frozenset[str] = frozenset()
    audio_encoder: str = ""
    chunks: bool = False
    subtitles: frozenset[str] = frozenset()
    deep: bool = False
    aspect: bool = False
    edits: bool = False
    even: bool = False
    lossy: bool = False

    def options(self, quality: int, *, transparent: bool) -> dict[str, str]:
        """Return the encoder's options for a quality from 1 to 100."""
        if self.codec == "libvpx-vp9":
            options = {"crf": str(round(60 - 0.45 * quality)), "b": "0", "deadline": "good"}
            options |= {"cpu-used": "5", "row-mt": "1"}
            # VP9 cannot make its hidden frames of two planes at once.
            return options | ({"auto-alt-ref": "0"} if transparent else {})
        if self.codec == "libx264":
            return {"crf": str(round(51 - 0.36 * quality)), "preset": "veryfast"}
        if self.codec == "prores_ks":
            return {"profile": "4444", "alpha_bits": "16"} if transparent else {"profile": "hq"}
        if self.codec == "libwebp_anim":
            lossless = {"lossless": "1", "quality": "50"}
            return lossless if quality == 100 else {"lossless": "0", "quality": str(quality)}
        if self.codec == "apng":
            return {"pred": "mixed"}
        return {}


_VORBIS: Final = frozenset({"opus", "vorbis"})
_TIMED_TEXT: Final = frozenset({"mov_text"})
_MPEG: Final = frozenset({"aac", "ac3", "alac", "eac3", "mp3"})

FORMATS: Final = (
    VideoFormat(
        "WebM", (".webm",), "webm", "libvpx-vp9", "yuv420p", "yuva420p",
        _VORBIS, "libopus", chunks=True, subtitles=frozenset({"webvtt"}), lossy=True,
    ),
    VideoFormat(
        "Matroska", (".mkv",), "matroska", "libvpx-vp9", "yuv420p", "yuva420p",
        _VORBIS | _MPEG | {"flac", "pcm_s16le"}, "libopus", chunks=True,
        subtitles=frozenset({"ass", "hdmv_pgs_subtitle", "subrip", "webvtt"}), lossy=True,
    ),
    VideoFormat(
        "QuickTime", (".mov",), "mov", "prores_ks", "yuv422p10le", "yuva444p10le",
        _MPEG | {"pcm_s16le", "pcm_s24le"}, "aac", chunks=True,
        subtitles=_TIMED_TEXT, deep=True, aspect=True, edits=True, lossy=True,
    ),
    VideoFormat(
        "MP4", (".mp4", ".m4v"), "mp4", "libx264", "yuv420p", "",
        _MPEG, "aac", chunks=True, subtitles=_TIMED_TEXT, aspect=True, edits=True, even=True,
    ),
    VideoFormat("animated WebP", (".webp",), "webp", "libwebp_anim", "bgra", "bgra"),
    VideoFormat("animated PNG", (".png", ".apng"), "apng", "apng", "rgb24", "rgba"),
    VideoFormat("GIF", (".gif",), "gif", "gif", "", "pal8"),
)  # fmt: skip


def format_of(path: str | os.PathLike[str]) -> VideoFormat:
    """Return the format that a path's suffix names.

    Raises
    ------
    OptionError
        The suffix is missing or names none.
    """
    suffix = PurePath(path).suffix.lower()
    for found in FORMATS:
        if suffix in found.suffixes:
            return found
    known = ", ".join(suffix for found in FORMATS for suffix in found.suffixes)
    reason = f"the name ends in {suffix}" if suffix else "the name has no suffix"
    raise OptionError("output", os.fspath(path), f"a name that ends in {known}", reason)
