"""The public surface: a change of it must be a diff here."""

from __future__ import annotations

import pytest

import mattekit

SURFACE = [
    "KINDS",
    "OPTIONS",
    "Box",
    "Cutout",
    "Editor",
    "FakeSession",
    "Host",
    "HostCopy",
    "MattekitError",
    "Metadata",
    "ModelCard",
    "Options",
    "OutputFormat",
    "Photo",
    "Runtime",
    "Size",
    "Step",
    "__version__",
    "hookimpl",
    "refine_mask",
    "remove_background",
    "remove_background_each",
]


def test_names():
    assert mattekit.__all__ == SURFACE
    assert dir(mattekit) == sorted(SURFACE)


@pytest.mark.parametrize("name", SURFACE)
def test_each_name_is_there(name):
    assert getattr(mattekit, name) is not None


def test_other_names_are_not():
    with pytest.raises(AttributeError, match="no attribute 'remove_foreground'"):
        _ = mattekit.remove_foreground
