"""What a user is told where the script does not run."""

from __future__ import annotations

from typing import Any

import pytest

from support.krita import fake


class Message:
    said: list[str]

    @staticmethod
    def warning(parent: Any, title: str, text: str) -> None:
        Message.said.append(text)


@pytest.mark.parametrize(("binding", "shown"), [("PyQt6", 1), ("Tk", 0)])
def test_it_is_said_where_and_why(
    binding: str, shown: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    Message.said = []
    with fake.modules(binding) as krita:
        krita.version = lambda: "7.0"  # type: ignore[attr-defined]
        krita.batchmode = lambda: False  # type: ignore[attr-defined]
        monkeypatch.setattr(
            fake.Timer, "singleShot", staticmethod(lambda pace, then: then()), raising=False
        )
        if binding != "Tk":
            from mattekit_krita.plugin import qt

            qt.QtWidgets.QMessageBox = Message
        from mattekit_krita.plugin import loading

        # The fake has no dockers, as a Krita with another interface might.
        with pytest.raises(
            ImportError, match=r"does not run in Krita 7\.0.*mattekit hosts install"
        ):
            loading.load()
    assert len(Message.said) == shown
