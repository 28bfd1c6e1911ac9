"""Every menu entry with every result and every kind of layer, with a GIMP of a few dozen lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import mattekit_bridge as bridge
from mattekit.options import OPTIONS, Options
from mattekit_gimp.installing import PROCEDURES
from mattekit_hosts.declarations import declaration
from support.gimp import fake

DECLARED = [declaration(option) for option in OPTIONS.values()]
RESULTS = ("mask", "layer", "selection", "channel", "crop")
LAYERS: dict[str, dict[str, Any]] = {
    "RGB": {},
    "gray": {"is_gray": True, "pixel_format": "Y' u8"},
    "indexed": {"is_indexed": True, "pixel_format": "babl-indexed-1"},
}


class Bench:
    """The registered entries, a worker that finds a subject, and what it was asked."""

    def __init__(self, program: fake.Gimp, patch: pytest.MonkeyPatch) -> None:
        from mattekit_bridge.settings import Settings
        from mattekit_gimp.plugin import entries

        facts = Settings("python", "0", True, None, DECLARED)
        self.gimp = program
        self.asked: list[dict[str, str]] = []
        self.refuse: set[int] = set()
        patch.setattr(entries, "read_settings", lambda folder: facts)
        patch.setattr(bridge, "connect", lambda settings, waiting, host: "worker")
        patch.setattr(bridge, "explain_versions", lambda found, settings, host: "")
        patch.setattr(bridge, "remove_background", self._remove_background)
        entries.main("folder")

    def _remove_background(
        self, worker: Any, picture: bridge.Picture, options: Any, output: str, progress: Any
    ) -> bridge.Result:
        self.asked.append(dict(options))
        if len(self.asked) in self.refuse:
            raise bridge.Refused(400, "unknown_foreground", "", "")
        channels = 4 if output == "pam" else 1
        count = picture.width * picture.height * channels
        made = bridge.Picture(picture.width, picture.height, channels, 255, bytes(count))
        return bridge.Result(made, "product", (2, 1, 4, 3))


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    with fake.modules() as program:
        yield Bench(program, monkeypatch)


def done(result: str, image: fake.Image) -> bool:
    photo = next(each for each in image.layers if each.name == "Photo")
    return {
        "mask": photo.mask is not None,
        "layer": [each.name for each in image.layers] == ["Photo, subject", "Photo"],
        "selection": image.chosen is not None,
        "channel": [each.name for each in image.channels] == ["Photo, subject"],
        "crop": (image.width, image.height) == (4, 3),
        "background": [each.name for each in image.layers]
        == ["Photo, subject", "Photo, background", "Photo"],
    }[result]


def test_gimp_is_asked_for_every_entry_that_there_is(bench: Bench) -> None:
    assert set(bench.gimp.entries) == set(PROCEDURES)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("result", [*RESULTS, "background"])
def test_an_entry_does_what_it_is_called(bench: Bench, result: str, kind: str) -> None:
    image = bench.gimp.open("picture", **LAYERS[kind])
    bench.gimp.call(f"plug-in-mattekit-{result}", image=image, drawable=image.layers[0])
    assert done(result, image)
    assert image.steps == 1
    (asked,) = bench.asked
    assert (
        Options.parse(asked) == Options()
    )  # every default is the core's, and every name an option


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("result", RESULTS)
def test_all_open_images_have_every_result(bench: Bench, result: str, kind: str) -> None:
    images = [bench.gimp.open(name, **LAYERS[kind]) for name in ("first", "second")]
    bench.gimp.call("plug-in-mattekit-all-images", result=result)
    assert all(done(result, image) for image in images)
    assert [image.steps for image in images] == [1, 1]


@pytest.mark.parametrize("result", RESULTS)
def test_all_open_images_ask_what_the_entry_alone_asks(bench: Bench, result: str) -> None:
    """Every option of an entry has the same effect where all images are worked on."""
    alone, _ = bench.gimp.entries[f"plug-in-mattekit-{result}"]
    changed = {
        "type": 2, "refine": "best", "model": "u2net", "semitransparency": False, "specks": 3.0,
        "holes": 4.0, "enclosed": "keep", "decontaminate": False, "crop-margin": "1px",
    }  # fmt: skip
    given = {each[1]: changed[each[1]] for each in alone[3:]}
    image = bench.gimp.open("picture")
    bench.gimp.call(f"plug-in-mattekit-{result}", image=image, drawable=image.layers[0], **given)
    other = bench.gimp.open("other")
    bench.gimp.images = [other]
    bench.gimp.call("plug-in-mattekit-all-images", result=result, **given)
    first, second = bench.asked
    assert first == second
    assert (image.width, image.height) == (other.width, other.height)
    assert set(changed) >= {each[1] for each in bench.gimp.entries[PROCEDURES[-1]][0][2:]}


@pytest.mark.parametrize("result", RESULTS)
def test_one_image_that_fails_does_not_stop_the_next(bench: Bench, result: str) -> None:
    images = [bench.gimp.open(name) for name in ("first", "second", "third")]
    bench.refuse = {2}
    with pytest.raises(
        fake.Failed, match=r"1 of 3 layers were not done\.\nsecond, Photo: No subject"
    ):
        bench.gimp.call("plug-in-mattekit-all-images", result=result)
    assert [done(result, image) for image in images] == [True, False, True]
    assert images[1].steps == 0


@pytest.mark.parametrize("margin", ["a lot", "10", "1px 2px 3px"])
@pytest.mark.parametrize("entry", ["crop", "all-images"])
def test_a_margin_that_is_none_is_said(bench: Bench, entry: str, margin: str) -> None:
    image = bench.gimp.open("picture")
    given = {"result": "crop"} if entry == "all-images" else {"drawable": image.layers[0]}
    if entry == "crop":
        given["image"] = image
    with pytest.raises(fake.Failed, match=f'The margin "{margin}" is none'):
        bench.gimp.call(f"plug-in-mattekit-{entry}", **{"crop-margin": margin}, **given)
    assert not bench.asked


def test_a_result_that_is_none_is_said(bench: Bench) -> None:
    bench.gimp.open("picture")
    with pytest.raises(fake.Failed, match="'background' is none of mask, layer, selection"):
        bench.gimp.call("plug-in-mattekit-all-images", result="background")


def test_the_manual_lists_the_arguments(bench: Bench) -> None:
    manual = (Path(__file__).parents[2] / "docs/gimp.md").read_text("utf-8")
    rows = [line for line in manual.splitlines() if line.startswith("| `plug-in-mattekit-")]
    assert len(rows) == 5
    names = [each[1] for each in bench.gimp.entries["plug-in-mattekit-crop"][0][2:]]
    assert any(", ".join(names) in row for row in rows)
