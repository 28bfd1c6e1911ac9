from __future__ import annotations

import inspect

import pytest

from mattekit import errors
from mattekit.errors import MattekitError, OptionError, ServerError, UnknownOption, status_of

CLASSES = sorted(
    (
        cls
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, MattekitError)
    ),
    key=lambda cls: cls.__name__,
)


def test_every_error_is_exported_and_drawn():
    for cls in CLASSES:
        assert cls.__name__ in errors.__all__
        assert cls.__name__ in (errors.__doc__ or "")


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_has_a_meaning_outside(cls):
    error = cls.__new__(cls)
    if isinstance(error, OptionError):
        error.name, error.code = "roi", None
    status = status_of(error)
    assert 400 <= status.http < 600
    assert status.exit_code in {1, 2}


def test_bad_option_names_option_value_and_grammar():
    error = OptionError("scale", "5%", "a number from 10 to 100", "out of range")
    assert str(error) == "scale='5%' is not valid (out of range): expected a number from 10 to 100."
    assert status_of(error) == (400, "invalid_scale", "Invalid scale parameter given", 2)


def test_specific_code_wins():
    error = OptionError("roi", "0 0 0 0", "…", code="roi_region_empty")
    assert status_of(error).code == "roi_region_empty"


def test_unknown_option_suggests():
    assert "Did you mean 'size'?" in str(UnknownOption("sise", ["size", "crop"]))


def test_long_values_are_cut():
    assert len(str(OptionError("roi", "9" * 10_000, "…"))) < 200


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://joe:p@ss@10.0.0.1:80/a@b", "http://10.0.0.1:80/a@b"),
        ("https://token@[::1]", "https://[::1]"),
        ("http://x/v1.0", "http://x/v1.0"),
        ("x", "x"),
    ],
)
def test_a_password_in_an_address_is_not_shown(url, shown):
    error = ServerError(url, 0, "", "away")
    assert str(error) == f"{shown}: away"
    assert error.url == shown
