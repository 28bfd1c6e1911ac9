"""The command lines that develop a picture to a TIFF of 16 bits, without a window."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from mattekit.errors import InputError, MattekitError
from mattekit_bridge.errors import Canceled
from mattekit_raw.sensor import XMP

__all__ = ["art", "darktable", "run"]

_PATIENCE: Final = 600.0
_LAST: Final = 300


def darktable(cli: Path, photo: Path, target: Path, folder: Path) -> list[str]:
    """Return how darktable develops a picture as the sensor has it.

    Its own folder of settings keeps it away from the darktable that is running.

    Parameters
    ----------
    cli : pathlib.Path
        ``darktable-cli``.
    photo, target : pathlib.Path
    folder : pathlib.Path
        For what it needs meanwhile; gone afterwards.
    """
    history = folder / "sensor.xmp"
    history.write_text(XMP, encoding="utf-8")
    core = ("--configdir", str(folder / "config"), "--library", ":memory:", "--disable-opencl")
    depth = ("--conf", "plugins/imageio/format/tiff/bpp=16")
    return [str(cli), str(photo), str(history), str(target), "--core", *core, *depth]


def art(cli: Path, photo: Path, target: Path) -> list[str]:
    """Return how ART develops a picture, or RawTherapee, whose command line it has inherited."""
    # What stands last is the input; everything before `-c` is not.
    return [str(cli), "-d", "-t", "-b16", "-Y", "-o", str(target), "-c", str(photo)]


def run(command: Sequence[str], photo: Path, target: Path, waiting: Callable[[], bool]) -> None:
    """Develop a picture.

    Parameters
    ----------
    command : sequence of str
    photo, target : pathlib.Path
    waiting : callable
        Called again and again meanwhile; False ends it.

    Raises
    ------
    MattekitError
        The program is missing, fails, or takes longer than ten minutes.
    Canceled
    """
    if shutil.which(command[0]) is None:
        raise MattekitError(f"{command[0]} is missing. Install the whole program, or repair it.")
    log = target.with_name("log.txt")
    started = time.monotonic()
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            while process.poll() is None:
                if not waiting():
                    raise Canceled
                if time.monotonic() - started > _PATIENCE:
                    raise MattekitError(f"{photo.name} was not developed within ten minutes.")
                time.sleep(0.05)
        finally:
            process.kill()
            process.wait()
    if not target.exists():
        text = log.read_text("utf-8", "replace").strip()[-_LAST:] or "it does not say why"
        raise InputError(str(photo), f"{Path(command[0]).name} could not develop it: {text}")
