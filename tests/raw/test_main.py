"""What raw developers run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mattekit.errors import MattekitError
from mattekit_raw import __main__ as program


def test_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["fly", "a"], ["darktable", "a"], ["art"]):
        with pytest.raises(SystemExit) as caught:
            program.main(arguments)
        assert caught.value.code == 2
    assert "darktable needs --folder" in capsys.readouterr().err


def test_darktable_is_answered_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mask(photo: Path, *rest: Any) -> Path:
        if photo.name == "bad.dng":
            raise MattekitError("No subject was found.")
        return photo

    monkeypatch.setattr(program, "darktable_mask", mask)
    monkeypatch.setattr(program, "cli_of", lambda name: Path("cli"))
    answer = tmp_path / "answer"
    call = ["darktable", "--folder", str(tmp_path), "--answer", str(answer), "--"]
    assert program.main([*call, "good.dng"]) == 0
    assert answer.read_text() == ""
    assert program.main([*call, "good.dng", "bad.dng"]) == 1
    assert answer.read_text() == "No subject was found."
    monkeypatch.setattr(program, "cli_of", lambda name: None)
    assert program.main([*call, "good.dng"]) == 1
    assert "darktable-cli" in answer.read_text()


def test_art_is_told_on_the_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[tuple[str, str]] = []
    monkeypatch.setattr(program, "notify", lambda *text: messages.append(text) or True)
    monkeypatch.setattr(program, "rendered_mask", lambda photo, *rest: photo)
    assert program.main(["art", "a.dng", "b.dng"]) == 0
    assert messages == [("Masks: 2 done", "a.dng\nb.dng")]
    monkeypatch.setattr(program, "notify", lambda *text: False)
    assert program.main(["art", "a.dng"]) == 0
