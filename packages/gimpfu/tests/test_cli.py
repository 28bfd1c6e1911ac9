"""The command `gimpfu`."""

from __future__ import annotations

from pathlib import Path

import pytest

import gimpfu_host
from front import plain
from gimpfu_host import cli

pytestmark = pytest.mark.usefixtures("home")


def test_the_command(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.programs, "find", lambda: [plain("2.10"), plain("3.0", "/opt/gimp-3")])
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out.count("without this gimpfu") == 2
    assert cli.main(["install"]) == 0
    assert "/opt/gimp-3: gimpfu is in " in capsys.readouterr().out
    assert cli.main(["list"]) == 0
    assert capsys.readouterr().out.count(f"gimpfu {gimpfu_host.__version__}") == 2
    assert cli.main(["remove"]) == 0
    assert cli.main(["remove"]) == 0
    assert capsys.readouterr().out.count("gimpfu was not in it") == 2


def test_one_gimp_that_fails_does_not_stop_the_next(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.programs, "find", lambda: [plain("2.8"), plain("3.0")])
    assert cli.main(["install"]) == 1
    captured = capsys.readouterr()
    assert "too old" in captured.err
    assert "gimpfu is in" in captured.out


def test_a_machine_without_gimp(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli.programs, "find", list)
    assert cli.main(["install"]) == 1
    assert "--at" in capsys.readouterr().err
