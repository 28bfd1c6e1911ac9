"""Install the programs that the tests of the host plug-ins drive.

``python tests/hosts/install.py`` as root on Debian or a relative of it. Two things are made where
they are missing, and left alone where they are there:

* Debian's own gimp (2.10 on Debian 12), krita (5.1) and what is needed to drive their windows;
* a folder with a Debian 13 that has GIMP 3.0 and Krita 5.2, for `chroot`. It lies in the user's
  cache, or where ``MATTEKIT_TRIXIE`` says. It is filled beside its place and then renamed, so a run
  that was broken off leaves nothing that looks finished.

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
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

SYSTEM = (
    *("gimp", "krita", "python3-pyqt5", "chromium"),
    *("xvfb", "openbox", "xdotool", "imagemagick", "x11-utils", "xauth"),
    *("debootstrap", "dpkg-dev"),
)
SUITE = "trixie"
FOLDER = ("gimp", "krita", "python3-pyqt5", "fonts-dejavu-core")

_APT = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
#: What is mounted meanwhile ends with the command, however it ends.
_ALONE = ("unshare", "--mount")


def folder() -> Path:
    """Return where the Debian 13 is or will be."""
    path = os.environ.get("MATTEKIT_TRIXIE")
    if path:
        return Path(path).absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "mattekit" / "hosts" / SUITE


def missing(packages: Sequence[str], root: Path = Path("/")) -> list[str]:
    """Return those of the packages that are not installed."""
    if not (root / "var/lib/dpkg/status").exists():
        return list(packages)
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


def install_system() -> None:
    """Install the packages of this machine's own Debian."""
    absent = missing(SYSTEM)
    if absent:
        _run("apt-get", "update", "-qq")
        _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *absent)


def install_folder() -> None:
    """Make the folder with the newer Debian."""
    place = folder()
    place.parent.mkdir(parents=True, exist_ok=True)
    with place.with_name(f"{place.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not missing(FOLDER, place):
            return
        if (place / "var/lib/dpkg/status").exists():  # made when fewer packages were wanted
            _install(place)
            return
        part = place.with_name(f"{place.name}.part")
        if part.exists():
            shutil.rmtree(part)
        _run(*_ALONE, "debootstrap", "--variant=minbase", SUITE, str(part), mirror())
        # Nothing in there may start a service, and nobody waits for the disk.
        (part / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (part / "usr/sbin/policy-rc.d").chmod(0o755)
        (part / "etc/dpkg/dpkg.cfg.d/fast").write_text("force-unsafe-io\n")
        _install(part)
        part.rename(place)  # fails where there is a folder with something else in it


def _install(root: Path) -> None:
    enter = (*_ALONE, "chroot", str(root), "apt-get")
    _run(*enter, "update", "-qq")
    _run(*enter, "install", "-y", "-qq", "--no-install-recommends", *FOLDER)
    _run(*enter, "clean")


def _run(*command: str) -> None:
    log = subprocess.run(
        command, check=False, env=_APT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if log.returncode:
        sys.stdout.write(log.stdout.decode("utf-8", "replace")[-4000:])
        raise subprocess.CalledProcessError(log.returncode, command)


def main() -> int:
    """Install both; return the exit status."""
    failed = 0
    for name, install in (
        ("GIMP 2.10 and Krita 5.1", install_system),
        (f"GIMP 3.0 and Krita 5.2 in {folder()}", install_folder),
    ):
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
        sys.exit(main())
