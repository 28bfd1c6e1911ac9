"""The exceptions that plug-ins catch."""

from __future__ import annotations

from typing import Any


def test_what_plug_ins_of_old_catch(loaded: Any) -> None:
    from _gimpfu.backend import CallFailed, Status
    from _gimpfu.errors import CancelError, NoProcedure, error

    assert loaded.gimp.error is loaded.gimpfu.error is error
    assert loaded.gimpfu.CancelError is CancelError
    assert issubclass(error, RuntimeError)
    assert issubclass(NoProcedure, AttributeError)
    assert not issubclass(CancelError, error)
    failed = CallFailed("gimp-x", Status.CALLING_ERROR, "no luck")
    assert isinstance(failed, error)
    assert str(failed) == "no luck"
