"""A photo becomes a mask: developed, cut out, turned back, written where it is looked for."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mattekit import codecs
from mattekit.codecs.coders import pfm
from mattekit.codecs.directories import read_directories
from mattekit.codecs.raw import raw_tiff_kind
from mattekit.codecs.signatures import HEAD, sniff
from mattekit.errors import InputError
from mattekit.files import make_folder, write_atomically
from mattekit.options import Options
from mattekit_bridge.calls import Progress
from mattekit_bridge.encoded import convert
from mattekit_bridge.worker import Worker
from mattekit_hosts.pictures import read
from mattekit_raw import exporting
from mattekit_raw.sensor import orientation_of, turned_back, upright

__all__ = ["beside_mask", "darktable_mask", "rendered_mask"]

#: What both ask the worker for.
_MASK: Final = {"channels": "alpha"}


def darktable_mask(
    photo: Path, masks: Path, cli: Path, worker: Callable[[], Worker], progress: Progress
) -> Path:
    """Write a PFM for darktable's *external raster masks* and return its path.

    Parameters
    ----------
    photo : pathlib.Path
        Any picture that darktable opens.
    masks : pathlib.Path
        darktable's folder of raster masks. The mask is ``<folder of the photo>/<photo>.pfm`` in
        it, and is replaced where it is there.
    cli : pathlib.Path
        ``darktable-cli``.
    worker : callable
        ``worker()`` connects.
    progress : callable
        As of `mattekit_bridge.convert`.

    Raises
    ------
    MattekitError, BridgeError
    """
    with tempfile.TemporaryDirectory(prefix="mattekit-") as name:
        folder = Path(name)
        developed = folder / "developed.tif"
        command = exporting.darktable(cli, photo, developed, folder)
        exporting.run(command, photo, developed, _waiting(progress))
        orientation = orientation_of(photo)
        if orientation == 1:
            data = developed.read_bytes()
        else:
            stored = codecs.decode(developed)
            turned = stored.replace(color=upright(stored.color, orientation))
            data = codecs.encode(turned, Options(format="tiff")).data
    mask = codecs.decode(convert(worker(), data, {**_MASK, "format": "pfm"}, progress))
    target = masks / photo.parent.name / f"{photo.name}.pfm"
    make_folder(target.parent)
    write_atomically(target, pfm.write(turned_back(mask.color[..., 0], orientation)))
    return target


def rendered_mask(
    photo: Path, cli: Path | None, worker: Callable[[], Worker], progress: Progress
) -> Path:
    """Write a grey PNG of 16 bits beside a photo, as ART's masks are, and return its path.

    Parameters
    ----------
    photo : pathlib.Path
        What mattekit reads is sent as it is, what it refuses as raw is developed first.
    cli : pathlib.Path or None
        ``ART-cli``; None where there is none.
    worker, progress : callable
        As of `darktable_mask`.
    """
    fields = {**_MASK, "format": "png"}
    stored = read(photo)
    if not _is_raw(stored):
        data = convert(worker(), stored, fields, progress)
    elif cli is None:
        problem = "is raw, and ART-cli, which would develop it, was not found. Install it."
        raise InputError(str(photo), problem)
    else:
        with tempfile.TemporaryDirectory(prefix="mattekit-") as name:
            developed = Path(name) / "developed.tif"
            command = exporting.art(cli, photo, developed)
            exporting.run(command, photo, developed, _waiting(progress))
            data = convert(worker(), developed.read_bytes(), fields, progress)
    target = beside_mask(photo)
    write_atomically(target, data)
    return target


def beside_mask(photo: Path) -> Path:
    """Return where the mask of a photo goes: ``<photo without suffix>-mask.png``."""
    return photo.with_name(f"{photo.stem}-mask.png")


def _waiting(progress: Progress) -> Callable[[], bool]:
    return lambda: progress(0.0, "Developing the photo") is not False


def _is_raw(data: bytes) -> bool:
    kind = sniff(data[:HEAD])
    # DNG, NEF, ARW and others begin as any TIFF does.
    return kind == "raw" or (kind == "tiff" and bool(raw_tiff_kind(read_directories(data)[0])))
