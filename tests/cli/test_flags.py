"""A flag for each option."""

from __future__ import annotations

import click

from mattekit.options import OPTIONS
from mattekit_cli.flags import Command
from support.command import opened


def test_every_option_has_a_flag_that_help_explains(mattekit):
    text = " ".join(mattekit("remove", "--help", terminal_width=400).stdout.split())
    for option in OPTIONS.values():
        assert "--" + option.name.replace("_", "-") in text
        assert " ".join(option.help.split()) in text
    assert "--crop / --no-crop" in text
    assert "Examples:" in text


def test_options_reach_the_result(mattekit, photo):
    assert mattekit("remove", photo("a.png"), "--crop", "-o", "c.png").exit_code == 0
    width, height = opened("c.png").size
    assert width < 50
    assert height < 40
    assert mattekit("remove", "a.png", "--channels", "alpha", "-o", "m.png").exit_code == 0
    assert opened("m.png").mode == "L"


def test_options_come_from_the_environment_and_flags_win(mattekit, photo):
    photo("a.png")
    env = {"MATTEKIT_CROP": "1", "MATTEKIT_FORMAT": "webp"}
    assert mattekit("remove", "a.png", env=env).exit_code == 0
    assert opened("a-removebg.webp").size[0] < 50
    assert mattekit("remove", "a.png", "--no-crop", "--format", "png", env=env).exit_code == 0
    assert opened("a-removebg.png").size == (64, 48)


def test_help_says_n_and_not_integer_range():
    described = Command(
        "serve",
        params=[
            click.Option(["--port"], type=click.IntRange(0, 65535)),
            click.Option(["--deadline"], type=float),
            click.Option(["--folder"], type=click.Path(file_okay=False)),
            click.Option(["--quiet"], is_flag=True),
        ],
    )
    text = described.get_help(click.Context(described))
    assert "--port N" in text
    assert "--deadline N" in text
    assert "--folder DIR" in text
    assert "INTEGER" not in text
