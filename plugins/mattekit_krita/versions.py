"""Which Krita a program file is, without starting it, and what a user should know of it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path
from typing import Final

from mattekit.errors import MattekitError

__all__ = ["advice", "checked", "reported"]

#: The first version whose scripts can do what is needed, and the first that nobody has tried.
_FROM: Final = (5, 1)
_BEFORE: Final = (7,)
_NAME: Final = re.compile(r"(org\.kde\.)?krita(?!runner|_version)", re.IGNORECASE)
#: How program files begin: ELF and AppImages, Mach-O (five ways), Windows, scripts.
_MAGIC: Final = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"MZ",
    b"#!",
)
_PATIENCE: Final = 20
#: Where Debian keeps Python packages.
_DEBIAN: Final = Path("/usr/lib/python3/dist-packages")


def reported(program: Path) -> str:
    """Return the version that the program beside Krita tells; empty where there is none.

    That program, ``krita_version``, needs no display and starts no Krita.
    """
    real = program.resolve()
    teller = real.with_name("krita_version" + real.suffix)
    # An AppImage's neighbour tells the version of another copy.
    if real.stem != "krita" or not teller.is_file():
        return ""
    try:
        said = subprocess.run(
            [str(teller)],
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE,
            check=False,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = re.search(r"\d+(\.\d+)+", said)
    return found[0] if found else ""


def checked(program: Path) -> Path:
    """Return a program file that may be a Krita.

    Raises
    ------
    MattekitError
        It is none.
    """
    if not _NAME.match(program.name):
        raise MattekitError(
            f"{program} is no Krita: expected a program whose name begins with krita, as "
            "krita-5.2.9-x86_64.appimage. A link with such a name will do."
        )
    try:
        with program.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise MattekitError(f"{program} cannot be read ({error.strerror or error}).") from error
    if not start.startswith(_MAGIC):
        raise MattekitError(f"{program} is no Krita: expected a program, and this is none.")
    if os.name == "posix" and not os.access(program, os.X_OK):
        raise MattekitError(f"{program} cannot be started: run `chmod +x {program}` first.")
    return program


def advice(program: Path, version: str) -> str:
    """Return what a user should know of a version; empty where nothing."""
    numbers = tuple(int(each) for each in re.findall(r"\d+", version))
    if not numbers:
        return ""
    if numbers < _FROM:
        return f"Krita {version} is too old for mattekit, which needs 5.1 or later."
    if numbers >= _BEFORE:
        return (
            f"Krita {version} is newer than this mattekit knows (5.1 to 6): if the menu entry is "
            "missing, update mattekit."
        )
    binding = "PyQt6" if numbers >= (6,) else "PyQt5"
    debian = program.resolve().parent == Path("/usr/bin") and _DEBIAN.is_dir()
    if debian and not (_DEBIAN / binding).is_dir():
        package = f"python3-{binding.lower()}"
        return f"this Krita runs no scripts before {package} is installed."
    return ""
