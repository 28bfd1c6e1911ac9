"""Install the programs that the tests of the host plug-ins drive.

``python tests/hosts/install.py`` as root on Debian or a relative of it. These are made where they
are missing, and left alone where they are there:

* Debian's own gimp (2.10 on Debian 12), krita (5.1), inkscape (1.2), rawtherapee (5.9), and what is
  needed to drive their windows;
* folders with newer Debians, for `chroot`: `TRIXIE` with GIMP 3.0 and Krita 5.2, `EXPERIMENTAL`
  with Krita 6. A folder is filled beside its place and then renamed, so a run that was broken off
  leaves nothing that looks finished.

They lie in the user's cache, or where ``MATTEKIT_HOSTS`` says. What is named behind it is installed
instead: ``forky`` (GIMP 3.2 and Krita 5.3), ``darktable``, ``managers`` (file managers),
``comfyui`` (see `hosts.comfyui`), ``python`` (Debian's newest, in `EXPERIMENTAL`), or one of
``system``, ``trixie``, ``experimental``.

Packages come from the mirror that the machine's own apt is set up with. What cannot be installed is
said, and the exit status is 1.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

SYSTEM = (
    *("gimp", "krita", "python3-pyqt5", "chromium"),
    *("inkscape", "python3-cssselect", "python3-lxml", "python3-numpy", "zenity", "rawtherapee"),
    *("xvfb", "openbox", "xdotool", "imagemagick", "x11-utils", "xauth"),
    *("debootstrap", "dpkg-dev"),
)
#: File managers, and what tells what stands in their menus.
MANAGERS = (
    *("nautilus", "nemo", "caja", "dolphin", "thunar"),
    *("at-spi2-core", "python3-pyatspi", "dbus-x11", "zenity", "libnotify-bin"),
    *("xvfb", "openbox", "xdotool", "imagemagick", "x11-utils"),
)


class Suite(NamedTuple):
    """A Debian in a folder.

    Attributes
    ----------
    name : str
        The folder's.
    suites : tuple of str
        What it is made of, and what is laid over that.
    packages : tuple of str
        With ``/SUITE`` behind the name where not from the first.
    what : str
        The programs, in words.
    """

    name: str
    suites: tuple[str, ...]
    packages: tuple[str, ...]
    what: str


TRIXIE = Suite(
    "trixie",
    ("trixie",),
    ("gimp", "krita", "python3-pyqt5", "fonts-dejavu-core"),
    "GIMP 3.0 and Krita 5.2",
)
FORKY = Suite(
    "forky",
    ("forky",),
    ("gimp", "krita", "python3-pyqt5", "fonts-dejavu-core"),
    "GIMP 3.2 and Krita 5.3",
)
DARKTABLE = Suite("darktable", ("forky",), ("darktable",), "darktable 5.4")
EXPERIMENTAL = Suite(
    "experimental",
    ("sid", "experimental"),
    (
        *("krita/experimental", "krita-data/experimental", "python3-pyqt6"),
        *("qt6-svg-plugins", "fonts-dejavu-core"),
    ),
    "Krita 6",
)
#: A Python newer than this machine's, to install mattekit with; laid over the suite above.
PYTHON = Suite(
    EXPERIMENTAL.name,
    EXPERIMENTAL.suites,
    ("python3-venv", "python3-dev", "gcc", "libc6-dev", "git", "strace", "zsh", "fish"),
    "Debian's newest Python",
)

_APT = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
#: What is mounted meanwhile ends with the command, however it ends.
_ALONE = ("unshare", "--mount")


def hosts_folder() -> Path:
    """Return the folder that hosts are put into."""
    path = os.environ.get("MATTEKIT_HOSTS")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(path or Path(cache) / "mattekit" / "hosts").absolute()


def folder(suite: Suite) -> Path:
    """Return where a Debian is or will be."""
    return hosts_folder() / suite.name


def missing(packages: Sequence[str], root: Path = Path("/")) -> list[str]:
    """Return those of the packages that are not installed."""
    packages = [name.partition("/")[0] for name in packages]
    if not (root / "var/lib/dpkg/status").exists():
        return packages
    known = subprocess.run(
        ["dpkg-query", f"--root={root}", "-W", "-f", "${Package} ${db:Status-Status}\n", *packages],
        check=False,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [name for name in packages if f"{name} installed" not in known]


def mirror() -> str:
    """Return where this machine gets its Debian packages from."""
    targets = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(COMPONENT)|$(SITE)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    for target in targets:
        origin, label, component, site = target.split("|")
        if (origin, label, component) == ("Debian", "Debian", "main"):
            return site
    raise LookupError("apt knows no Debian mirror; check its sources and run apt-get update")


def install_system(packages: Sequence[str]) -> None:
    """Install packages of this machine's own Debian."""
    absent = missing(packages)
    if absent:
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *absent)


def install_comfyui(place: Path) -> None:
    """Fetch ComfyUI and what it stands on."""
    _run(sys.executable, str(Path(__file__).with_name("comfyui.py")), str(place))


def install_folder(suite: Suite) -> None:
    """Make a folder with a newer Debian."""
    place = folder(suite)
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not missing(suite.packages, place):
            return
        if (place / "var/lib/dpkg/status").exists():  # made when fewer packages were wanted
            _install(place, suite)
            return
        part = place.with_name(f"{place.name}.part")
        if part.exists():
            shutil.rmtree(part)
        site = mirror()
        # A suite that this machine's debootstrap does not know yet is made as the newest.
        known = Path("/usr/share/debootstrap/scripts", suite.suites[0]).exists()
        script = [] if known else ["sid"]
        _run(*_ALONE, "debootstrap", "--variant=minbase", suite.suites[0], str(part), site, *script)
        # Nothing in there may start a service, and nobody waits for the disk.
        (part / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (part / "usr/sbin/policy-rc.d").chmod(0o755)
        (part / "etc/dpkg/dpkg.cfg.d/fast").write_text("force-unsafe-io\n")
        # A mirror's copy of a suite that moves may be older than its own date of expiry.
        (part / "etc/apt/apt.conf.d/dates").write_text(
            'Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n'
        )
        (part / "etc/apt/sources.list").write_text(
            "".join(f"deb {site} {name} main\n" for name in suite.suites)
        )
        _install(part, suite)
        part.rename(place)  # fails where there is a folder with something else in it


def _install(root: Path, suite: Suite) -> None:
    enter = (*_ALONE, "chroot", str(root), "apt-get")
    _run(*enter, "update", "-qq")
    _run(*enter, "install", "-y", "-qq", "--no-install-recommends", *suite.packages)
    _run(*enter, "clean")


def _run(*command: str) -> None:
    log = subprocess.run(
        command, check=False, env=_APT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if log.returncode:
        sys.stdout.write(log.stdout.decode("utf-8", "replace")[-4000:])
        raise subprocess.CalledProcessError(log.returncode, command)


def main(names: Sequence[str]) -> int:
    """Install what is named, by default all that ``.ci/run`` needs; return the exit status."""
    comfy = hosts_folder() / "comfyui"
    known: dict[str, tuple[str, Callable[[], None]]] = {
        "system": ("GIMP 2.10, Krita 5.1, Inkscape, RawTherapee", partial(install_system, SYSTEM)),
        "managers": (", ".join(MANAGERS[:5]), partial(install_system, MANAGERS)),
        "comfyui": (f"ComfyUI in {comfy}", partial(install_comfyui, comfy)),
    }
    for suite in (TRIXIE, EXPERIMENTAL, FORKY, DARKTABLE):
        where = f"{suite.what} in {folder(suite)}"
        known[suite.name] = (where, partial(install_folder, suite))
    where = f"{PYTHON.what} in {folder(PYTHON)}"
    known["python"] = (where, partial(install_folder, PYTHON))
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no {unknown[0]!r}: {', '.join(known)}")
        return 2
    tasks = [known[name] for name in names or ("system", "trixie", "experimental")]
    failed = 0
    for name, install in tasks:
        start = time.monotonic()
        try:
            install()
        except (OSError, LookupError, subprocess.CalledProcessError) as error:
            failed += 1
            print(f"{name}: not installed ({error})")
        else:
            print(f"{name}: there ({time.monotonic() - start:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main(sys.argv[1:]))
