"""A plug-in as a class."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def made(loaded: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    class Mine(loaded.gimpplugin.plugin):  # type: ignore[misc]
        def __init__(self) -> None:
            self.did: list[Any] = []

        def query(self) -> None:
            self.did.append("query")

        def quit(self) -> None:
            self.did.append("quit")

        def my_procedure(self, *values: Any) -> Any:
            return values

    return Mine()


def test_gimp_is_given_what_the_class_has(
    loaded: Any, made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[Any] = []
    monkeypatch.setattr(loaded.gimp, "main", lambda *functions: given.extend(functions))
    made.start()
    init, quit_, query, run = given
    assert init is None  # or GIMP would start it whenever GIMP starts
    quit_()
    query()
    assert made.did == ["quit", "query"]
    assert run("my-procedure", (1, "two")) == (1, "two")


def test_a_procedure_without_a_method(made: Any) -> None:
    with pytest.raises(AttributeError, match="Mine has no method other-procedure"):
        made._run("other-procedure", ())
