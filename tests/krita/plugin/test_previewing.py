"""What a smaller picture is asked for; drawing it takes a real Krita."""

from __future__ import annotations

from support.krita.bench import Bench


def test_lengths_shrink_with_the_picture(bench: Bench) -> None:
    from mattekit_krita.plugin.previewing import shrunk_options

    given = {"edge_shift": "-4px", "edge_soften": "1%", "refine": "best", "specks": "3%"}
    assert shrunk_options(given, 0.25) == {**given, "edge_shift": "-1px"}
