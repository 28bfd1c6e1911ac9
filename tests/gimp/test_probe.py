"""GIMP is asked which procedures it knows: here a program that only says what it was told."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mattekit.errors import MattekitError
from mattekit_gimp import probe
from mattekit_gimp._vendor import gimpfu_host

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the program is a shell script")


@pytest.fixture
def gimp(tmp_path: Path) -> Path:
    program = tmp_path / "gimp"
    program.write_text(
        f"""#!/bin/sh
echo "$@"
echo "PYTHONPATH=$PYTHONPATH."
echo '(proc-def "plug-in-known" 1)' > {tmp_path}/pluginrc
"""
    )
    program.chmod(0o755)
    return program


def profile(folder: Path, major: int) -> gimpfu_host.Profile:
    return gimpfu_host.Profile(folder, f"{major}.0", "plain")


@pytest.mark.parametrize(("major", "quitting"), [(2, "-b (gimp-quit 0)"), (3, "--quit")])
def test_what_is_not_in_its_record_is_unknown(
    gimp: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, major: int, quitting: str
) -> None:
    monkeypatch.setenv("PYTHONPATH", "/of/a/virtual/environment")
    names = ["plug-in-known", "plug-in-other", "plug-in-know"]
    missing, said = probe.unknown_procedures(gimp, profile(tmp_path, major), names)
    assert missing == ["plug-in-other", "plug-in-know"]
    assert f"-i -d -f --verbose {quitting}" in said
    assert "PYTHONPATH=." in said


def test_without_a_record_nothing_is_known(gimp: Path, tmp_path: Path) -> None:
    missing, _ = probe.unknown_procedures(gimp, profile(tmp_path / "elsewhere", 3), ["a", "b"])
    assert missing == ["a", "b"]


def test_a_program_that_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(MattekitError, match="does not start"):
        probe.unknown_procedures(tmp_path / "no-gimp", profile(tmp_path, 3), [])


def test_only_a_gimp_without_a_profile_is_started_to_make_one(gimp: Path, tmp_path: Path) -> None:
    probe.make_profile(gimp, profile(tmp_path, 3))
    assert not (tmp_path / "pluginrc").exists()
    probe.make_profile(gimp, profile(tmp_path / "none", 3))
    assert (tmp_path / "pluginrc").exists()
