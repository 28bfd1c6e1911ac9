"""GIMP's own plug-ins in Python 2, from Debian's source package. They are GPL: never committed."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from hosts import install

_RELEASE = "bookworm"  # the last Debian with GIMP 2.10
_INSIDE = "/plug-ins/pygimp/plug-ins/"


def folder() -> Path:
    """Return the folder with the plug-ins, fetched once and kept outside the checkout."""
    place = install.folder(install.TRIXIE).parent / "gimp-2.10-plug-ins"
    if not place.is_dir():
        if not shutil.which("apt-get"):
            pytest.skip("no apt-get on this system to fetch GIMP's source package with")
        _fetch(place)
    return place


def _fetch(place: Path) -> None:
    work = place.with_name(place.name + ".part")
    shutil.rmtree(work, ignore_errors=True)
    for name in ("lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True)
    keys = "/usr/share/keyrings/debian-archive-keyring.gpg"
    source = f"deb-src [signed-by={keys}] {install.mirror()} {_RELEASE} main\n"
    (work / "sources.list").write_text(source)
    # An apt of its own: the machine's lists and sources stay as they are.
    settings = {
        "Dir::Etc::SourceList": work / "sources.list",
        "Dir::Etc::SourceParts": "-",
        "Dir::State::Lists": work / "lists",
        "Dir::Cache": work / "cache",
        "APT::Sandbox::User": "root",
    }
    options = [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]
    for command in (["update", "-qq"], ["source", "-qq", "--download-only", "gimp"]):
        subprocess.run(["apt-get", *options, *command], check=True, cwd=work, capture_output=True)
    (archive,) = work.glob("gimp_*.orig.tar.*")
    ready = work / "ready"
    ready.mkdir()
    with tarfile.open(archive) as opened:
        for member in opened:
            if _INSIDE in f"/{member.name}" and member.name.endswith(".py"):
                found = opened.extractfile(member)
                assert found is not None
                (ready / Path(member.name).name).write_bytes(found.read())
    ready.rename(place)
    shutil.rmtree(work)
