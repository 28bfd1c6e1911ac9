"""What is asked for, and what of it the worker is sent."""

from __future__ import annotations

import pytest

from mattekit_bridge.settings import Declaration
from mattekit_krita.plugin.requests import KEPT, InvalidRequest, request_of
from support.former import LEFT


def _declared() -> list[Declaration]:
    from mattekit.options import OPTIONS
    from mattekit_hosts.declarations import declaration

    return [declaration(option) for option in OPTIONS.values()]


def test_only_what_differs_is_sent() -> None:
    found = request_of(_declared(), "mask", "all", {"refine": "best", "type": "auto", "specks": 2})
    assert found.options == {"refine": "best", "specks": "2"}
    assert (found.result, found.layers, found.crop, found.color) == ("mask", "all", False, "")


def test_what_0_1_0_kept_is_taken() -> None:
    """Krita keeps what was chosen last, in words of the version that was there then."""
    for name in set(LEFT["options"]) & set(KEPT):
        for word in LEFT["options"][name]:
            request_of(_declared(), "layer", "active", {name: word})


def test_what_krita_does_itself_is_not_sent() -> None:
    values = {"bg_color": "white", "crop": True, "crop_margin": "5%", "shadow_type": "drop"}
    found = request_of(_declared(), "mask", "active", values)
    assert found.options == {}
    assert (found.color, found.crop, found.margin) == ("white", True, "5%")
    assert request_of(_declared(), "layer", "active", values).options == {"shadow_type": "drop"}


@pytest.mark.parametrize(
    ("result", "layers", "values", "words"),
    [
        ("masks", "active", {}, "Did you mean 'mask'"),
        ("mask", "every", {}, "active, selected, all"),
        ("mask", "active", {"roi": "0"}, "There is no option 'roi'"),
    ],
)
def test_what_does_not_exist_is_said(
    result: str, layers: str, values: dict[str, str], words: str
) -> None:
    with pytest.raises(InvalidRequest, match=words):
        request_of(_declared(), result, layers, values)
