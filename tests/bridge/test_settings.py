"""What `mattekit hosts install` writes is what a plug-in reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattekit import __version__
from mattekit.options import OPTIONS
from mattekit_bridge.settings import SUBJECTS, read_settings
from mattekit_hosts.declarations import installation_files


def test_there_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATTEKIT_WORKER_DIR", raising=False)
    files = installation_files("/päth/python", launch=False, worker_folder=tmp_path / "w")
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    found = read_settings(str(tmp_path))
    assert found[:4] == ("/päth/python", __version__, False, str(tmp_path / "w"))
    assert [each["name"] for each in found.options] == list(OPTIONS)


def test_what_dialogs_offer_is_what_the_option_takes() -> None:
    grammar = OPTIONS["subjects"].grammar
    assert [grammar.format(grammar.parse(value)) for _, value in SUBJECTS] == [
        value for _, value in SUBJECTS
    ]


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_settings(str(tmp_path))
