"""The binding is that of Krita's own classes."""

from __future__ import annotations

import sys

import pytest

from support.krita import fake


@pytest.mark.parametrize("binding", ["PyQt5", "PyQt6"])
def test_the_binding_of_krita_s_classes(binding: str) -> None:
    with fake.modules(binding) as application:
        from mattekit_krita.plugin import qt

        assert qt.binding() == binding
        assert qt.QtCore is sys.modules[f"{binding}.QtCore"]
        assert application is not None


def test_a_krita_without_any() -> None:
    with fake.modules("Tk"), pytest.raises(ImportError, match="stand on no PyQt"):
        from mattekit_krita.plugin import qt  # noqa: F401
